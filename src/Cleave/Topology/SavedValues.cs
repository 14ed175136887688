namespace Cleave.Topology;

/// <summary>References to what earlier steps saved: <c>${save.NAME}</c>.</summary>
internal static class SavedValues
{
    private const string Opening = "${save.";

    /// <summary>True for <c>[A-Za-z_][A-Za-z0-9_]*</c>, which is also the end of an environment variable's name.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The name in a text that is one whole reference, or null.</summary>
    public static string? Name(string text) =>
        text.StartsWith(Opening, StringComparison.Ordinal) && text.EndsWith('}') && text[Opening.Length..^1] is var name && IsName(name)
            ? name : null;

    /// <summary>The names a step's <c>save</c> gives, wherever in the scenario it stands.</summary>
    public static HashSet<string> Collect(YamlNode steps)
    {
        var names = new HashSet<string>();
        var seen = new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        var open = new Stack<YamlNode>([steps]);
        while (open.TryPop(out var node))
        {
            if (!seen.Add(node))
                continue;
            foreach (var item in (node as ListNode)?.Items ?? [])
                open.Push(item);
            foreach (var (key, value) in (node as MapNode)?.Entries ?? [])
            {
                open.Push(value);
                if (key.Value == "save" && value is TextNode text)
                    names.Add(text.Value);
            }
        }

        return names;
    }

    /// <summary>A node's own program starts before any step: nothing is saved yet.</summary>
    public static void RefuseIn(Reading reading, YamlNode command)
    {
        foreach (var (text, name) in References(command))
            reading.Mistakes.Add(text.At, $"{Quote.Text($"{Opening}{name}}}")} stands in a node's program: "
                + "expected it only in the steps of a scenario, where values are saved");
    }

    /// <summary>Reports references in a command to what no step saves.</summary>
    public static void Check(Reading reading, YamlNode command, IReadOnlyCollection<string> saved)
    {
        foreach (var (text, name) in References(command))
            if (!saved.Contains(name))
                AddUnknown(reading, text.At, $"{Opening}{name}}}", name, saved);
    }

    public static void AddUnknown(Reading reading, Location at, string text, string name, IReadOnlyCollection<string> saved) =>
        reading.Mistakes.AddUnknown(at, $"{Quote.Text(text)} names nothing that a step of this scenario saves: expected {Saved(saved)}",
            name, saved, "${{save.{0}}}");

    /// <summary>What can be referred to, for messages.</summary>
    public static string Saved(IReadOnlyCollection<string> saved) =>
        saved.Count == 0
            ? "a step with 'save' first"
            : Quote.Choices([.. saved.Order(StringComparer.Ordinal).Select(n => $"{Opening}{n}}}")]);

    /// <summary>The names referred to in a line or in arguments; <c>$${</c> is an escape.</summary>
    private static IEnumerable<(TextNode Text, string Name)> References(YamlNode command)
    {
        var texts = command is ListNode list ? list.Items.OfType<TextNode>() : command is TextNode one ? [one] : [];
        foreach (var text in texts)
        {
            for (var from = 0; (from = text.Value.IndexOf(Opening, from, StringComparison.Ordinal)) >= 0; from += Opening.Length)
            {
                if (from > 0 && text.Value[from - 1] == '$')
                    continue;
                var start = from + Opening.Length;
                var end = text.Value.IndexOf('}', start);
                yield return (text, text.Value[start..(end < 0 ? text.Value.Length : end)]);
            }
        }
    }
}
