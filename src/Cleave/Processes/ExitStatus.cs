using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code, 0 to 255; meaningless if a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ExitStatus(int Code, int Signal)
{
    /// <summary>As a shell reports it: the exit code, or 128 and the signal's number.</summary>
    public int ShellCode => Signal == 0 ? Code : 128 + Signal;

    /// <inheritdoc/>
    public override string ToString() => Signal == 0 ? $"exit code {Code}" : $"signal {Signal} ({(Signal <= Signals.Names.Count ? Signals.Name(Signal) : "see kill -l")})";
}
