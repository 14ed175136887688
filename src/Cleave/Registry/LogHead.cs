using System.Globalization;

namespace Cleave.Registry;

/// <summary>The first line of a log file that is not a node's first: no line of the log, but how many there were before it.</summary>
internal static class LogHead
{
    private const string Begin = "[cleave: ";
    private const string End = " lines stand before this file]";

    /// <summary>With its newline; it has no time.</summary>
    public static string Line(long before) => string.Create(CultureInfo.InvariantCulture, $"{Begin}{before}{End}\n");

    /// <summary>The number, of a line without its newline; null if it is another.</summary>
    public static long? Parse(string line) =>
        line.StartsWith(Begin, StringComparison.Ordinal) && line.EndsWith(End, StringComparison.Ordinal)
        && long.TryParse(line.AsSpan()[Begin.Length..^End.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long before)
            ? before
            : null;
}
