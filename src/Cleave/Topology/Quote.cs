using System.Globalization;
using System.Text;

namespace Cleave.Topology;

/// <summary>How messages show what stands in a file: in quotes, on one line, not too long.</summary>
internal static class Quote
{
    private const int Longest = 64;
    private const int Most = 30;

    public static string Text(string text) => $"'{Short(text)}'";

    /// <summary>The text without line ends and other characters that move the cursor.</summary>
    public static string OneLine(string text)
    {
        if (!text.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format))
            return text;

        var shown = new StringBuilder();
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                _ when char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format =>
                    shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => shown.Append(c),
            };
        }

        return shown.ToString();
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
        var shown = names.Take(Most).Select(Short).ToList();
        if (names.Count > Most)
            return $"{string.Join(", ", shown)}, … ({names.Count} in all)";
        return names.Count <= 1
            ? string.Concat(shown)
            : $"{string.Join(", ", shown[..^1])} {conjunction} {shown[^1]}";
    }

    private static string Short(string text)
    {
        if (text.Length <= Longest)
            return OneLine(text);
        var end = char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest;
        return OneLine(text[..end]) + "…";
    }
}
