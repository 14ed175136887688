namespace Cleave.Topology;

/// <summary>Says in the file's own words what the YAML parser could not read.</summary>
internal static class YamlTrouble
{
    /// <param name="source">The file.</param>
    /// <param name="at">Where the parser stumbled.</param>
    /// <param name="last">Where what it read last begins.</param>
    /// <param name="parserMessage">Its words.</param>
    /// <param name="open">The innermost bracket that is still open.</param>
    /// <param name="mistakes">Where it is reported.</param>
    public static void Report(
        SourceText source, Location at, Location last, string parserMessage, (char Bracket, Location At)? open, Mistakes mistakes)
    {
        at = source.Clamp(at);
        if (parserMessage.Contains(" tab ", StringComparison.Ordinal) && FirstTab(source, source.Clamp(last).Line) is { } tab)
        {
            mistakes.Add(tab, "a tab stands in the indentation: expected spaces");
            return;
        }

        var line = source.Line(at.Line).Trim();
        var words = parserMessage.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        words = words.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(words[0]) + words[1..];
        // YamlDotNet 16.3 cannot read {a: &x 1, b: 2}.
        var hint = open is { Bracket: '{' } && line.Contains(": &", StringComparison.Ordinal)
            ? "; a text with an anchor may only stand last inside { }: use the form with a line for each key"
            : open is { } bracket ? $"; the '{bracket.Bracket}' at {bracket.At} is not closed yet"
            : words.Contains("invalid mapping", StringComparison.Ordinal) ? "; text with ': ' in it needs quotes"
            : "";
        mistakes.Add(at, $"{(line.Length > 0 ? Quote.Text(line) : "the end of the file")} stands here: expected YAML; {words}{hint}");
    }

    /// <summary>The parser says where the mapping begins, not where the tab is.</summary>
    private static Location? FirstTab(SourceText source, int fromLine)
    {
        for (var number = fromLine; number <= source.LineCount; number++)
        {
            var line = source.Line(number);
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && string.IsNullOrWhiteSpace(line[..tab]))
                return new(number, tab + 1);
        }

        return null;
    }
}
