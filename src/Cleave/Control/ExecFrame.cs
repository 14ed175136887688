namespace Cleave.Control;

/// <summary>The first byte of every message of an exec's web socket.</summary>
internal enum ExecFrame : byte
{
    /// <summary>To the program: what the user typed.</summary>
    Input = 0,

    /// <summary>To the program: the end of its input.</summary>
    InputEnd = 1,

    /// <summary>To the terminal: columns and rows, two big-endian numbers of 16 bits.</summary>
    Resize = 2,

    /// <summary>
    /// The program has taken the oldest <see cref="Input"/> that was not acknowledged. The user's side keeps only a few unacknowledged, so that
    /// input that nobody reads never stands before other news, the end of the connection above all.
    /// </summary>
    InputTaken = 15,

    /// <summary>From the program's standard output, or its terminal.</summary>
    Output = 16,

    /// <summary>From the program's standard error.</summary>
    Error = 17,

    /// <summary>The program's exit code as a shell reports it, a big-endian number of 32 bits. The last message.</summary>
    Exit = 18,
}
