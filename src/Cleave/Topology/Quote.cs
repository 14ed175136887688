using System.Globalization;
using System.Text;

namespace Cleave.Topology;

/// <summary>How messages show what stands in a file: in quotes, on one line, not too long.</summary>
internal static class Quote
{
    private const int Longest = 48;
    private const int Most = 16;

    public static string Text(string text)
    {
        var shown = new StringBuilder("'");
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > Longest)
            {
                shown.Append('…');
                break;
            }

            _ = rune.Value switch
            {
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                _ when Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format =>
                    shown.Append("\\u").Append(rune.Value.ToString("X4", CultureInfo.InvariantCulture)),
                _ => shown.Append(rune.ToString()),
            };
        }

        return shown.Append('\'').ToString();
    }

    /// <summary>What stands at a node: its text, or which kind of thing it is.</summary>
    public static string Node(YamlNode node) => node switch
    {
        TextNode { IsEmpty: true } => "no value",
        TextNode text => Text(text.Value),
        ListNode => "a list",
        MapNode => "a mapping",
        _ => "this",
    };

    /// <summary><c>a, b or c</c>; shortened when there are many.</summary>
    public static string Choices(IReadOnlyCollection<string> names, string conjunction = "or")
    {
        if (names.Count > Most)
            return $"{string.Join(", ", names.Take(Most))}, … ({names.Count} in all)";
        return names.Count <= 1
            ? string.Concat(names)
            : $"{string.Join(", ", names.Take(names.Count - 1))} {conjunction} {names.Last()}";
    }
}
