namespace Cleave.Topology;

/// <summary>Says in the file's own words what the YAML parser could not read.</summary>
internal static class YamlTrouble
{
    public static string Explain(SourceText source, Location at, string parserMessage, (char Bracket, Location At)? open)
    {
        var line = source.Line(at.Line);
        var before = at.Line > 1 ? source.Line(at.Line - 1) : "";
        if (IndentedByTab(line) || IndentedByTab(before))
            return "a tab stands in the indentation: expected spaces";

        var shown = line.Trim().Length > 0 ? Quote.Text(line.Trim()) : "the end of the file";
        var words = Words(parserMessage);
        var hint = open is { } bracket
            ? $"; the '{bracket.Bracket}' at {bracket.At} is not closed yet"
            : words.Contains("mapping values are not allowed", StringComparison.OrdinalIgnoreCase)
                ? "; text that has a ': ' in it needs quotes"
                : "";
        return $"{shown} is not YAML: {words}{hint}";
    }

    private static bool IndentedByTab(string line) => line[..^line.TrimStart().Length].Contains('\t', StringComparison.Ordinal);

    /// <summary>The parser's message without its own way to write places, and in one line.</summary>
    private static string Words(string message)
    {
        var prefix = message.LastIndexOf("): ", StringComparison.Ordinal);
        var words = (prefix >= 0 ? message[(prefix + 3)..] : message).ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return words.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(words[0]) + words[1..];
    }
}
