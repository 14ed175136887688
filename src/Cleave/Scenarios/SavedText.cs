using System.Text.RegularExpressions;

namespace Cleave.Scenarios;

/// <summary>
/// Puts saved values where texts refer to them: <c>${save.NAME}</c>; <c>$${save.NAME}</c> stands for the text itself. A shell line gets no value, but
/// the shell's own reference to an environment variable that has it: what a program printed is never read by the shell's parser.
/// </summary>
internal static partial class SavedText
{
    private const string Prefix = "CLEAVE_SAVE_";

    /// <summary>The variable that has a saved value.</summary>
    public static string Variable(string name) => Prefix + name;

    /// <summary>The text with values in place.</summary>
    /// <param name="text">As it stands in the file.</param>
    /// <param name="value">A saved value by its name; throws if there is none.</param>
    public static string Resolve(string text, Func<string, string> value) => Reference().Replace(text, m => m.Groups["name"] switch
    {
        { Success: true } name => value(name.Value),
        _ => m.Value[1..],
    });

    /// <summary>The shell line with references to variables in place. They are as in any shell line: within double quotes one word, without them several.</summary>
    /// <param name="line">As it stands in the file.</param>
    /// <param name="value">Called with the name of each value that the line needs; throws if there is none.</param>
    public static string ResolveShell(string line, Func<string, string> value) => Resolve(line, name =>
    {
        _ = value(name);
        return $"${{{Variable(name)}}}";
    });

    [GeneratedRegex(@"\$\$\{save\.|\$\{save\.(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
