using System.Text.RegularExpressions;

namespace Cleave.Topology;

/// <summary>
/// Puts variables of the environment where texts refer to them: <c>${env.NAME}</c>, <c>${env.NAME:-default}</c>; <c>$${env.NAME}</c> stands for the
/// text itself. A shell line gets no value, but the shell's own reference: what a variable holds is never read by the shell's parser.
/// </summary>
internal static partial class EnvText
{
    private const string Opening = "${env.";

    /// <summary>What may stand in a text, for messages.</summary>
    public const string Expected = "${env.NAME} or ${env.NAME:-default}, NAME being letters, digits and '_'";

    /// <summary>Whether there is anything to do.</summary>
    public static bool Refers(string text) => text.Contains(Opening, StringComparison.Ordinal);

    /// <summary>The text with values in place, or a shell line with the shell's references in place.</summary>
    /// <param name="text">As it stands in the file.</param>
    /// <param name="environment">The variables of whoever reads the file.</param>
    /// <param name="shell">Whether it is a line for the shell.</param>
    /// <param name="wrong">Called with each reference to a variable that is not set and has no default (its name), or that is none (null).</param>
    public static string Fill(string text, IReadOnlyDictionary<string, string> environment, bool shell, Action<string, string?> wrong) =>
        Reference().Replace(text, m =>
        {
            if (m.Value.StartsWith("$$", StringComparison.Ordinal))
                return m.Value[1..];
            var name = m.Groups["name"].Value;
            if (name.Length == 0)
            {
                wrong(m.Value, null);
                return "";
            }

            // As in a shell: with a default, an empty variable counts as one that is not set.
            var hasDefault = m.Groups["default"].Success;
            if (!hasDefault && !environment.ContainsKey(name))
            {
                wrong(m.Value, name);
                return "";
            }

            if (shell)
                return hasDefault ? $"${{{name}:-{m.Groups["default"].Value}}}" : $"${{{name}}}";
            return environment.GetValueOrDefault(name) is { } value && !(hasDefault && value.Length == 0) ? value : m.Groups["default"].Value;
        });

    [GeneratedRegex(@"\$\$\{env\.|\$\{env\.(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}|\$\{env\.[^}]*\}?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
