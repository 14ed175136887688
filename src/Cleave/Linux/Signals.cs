using System.Globalization;

namespace Cleave.Linux;

/// <summary>Names of signals (signal(7)); the numbers are those of every architecture .NET runs on.</summary>
public static class Signals
{
    /// <summary>The number of KILL.</summary>
    public const int Kill = 9;

    private static readonly string[] ByNumber =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The names, without SIG, by number from 1 on.</summary>
    internal static IReadOnlyList<string> Names { get; } = ByNumber[1..];

    /// <summary>The number of a signal by its name, with or without SIG, or by its number, 1 to 64; null if it is none.</summary>
    public static int? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 1 and <= 64 ? number : null;
        }

        string name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        int found = name.Length == 0 ? -1 : Array.FindIndex(ByNumber, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return found > 0 ? found : null;
    }

    /// <summary>The name without SIG, or the number of one without a name.</summary>
    public static string Name(int signal) =>
        signal > 0 && signal < ByNumber.Length ? ByNumber[signal] : signal.ToString(CultureInfo.InvariantCulture);
}
