namespace Cleave.Topology;

/// <summary>A place in a file; line and column start at 1.</summary>
public readonly record struct Location(int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>One mistake in a lab file.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="At">Where the offending text begins.</param>
/// <param name="Message">What is wrong with which text, and what was expected.</param>
/// <param name="Suggestion">The nearest valid name, or null.</param>
public sealed record Diagnostic(string File, Location At, string Message, string? Suggestion = null)
{
    /// <summary><c>file:line:column: error: message; did you mean 'x'?</c>, as compilers print it.</summary>
    public override string ToString() =>
        Suggestion is null ? $"{File}:{At}: error: {Message}" : $"{File}:{At}: error: {Message}; did you mean '{Suggestion}'?";
}
