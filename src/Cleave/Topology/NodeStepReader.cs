using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verbs that act on nodes' programs: <c>start</c>, <c>stop</c>, <c>kill</c>, <c>pause</c>, <c>resume</c>, <c>restart</c>.</summary>
internal static class NodeStepReader
{
    private const string Expected = "a node's name, a tag or 'all', or a list of them";

    private static readonly Shape Target = new Shape.Text("a node's name, a tag, `all` or ${save.NAME}", "n1");

    /// <summary>What may stand at such a verb.</summary>
    public static Shape Targets { get; } = Shape.Any(Target, new Shape.ListOf(Target));

    public static Func<ScenarioReading, MapEntry, StepDraft, Step?> For(NodeVerb verb) => (reading, entry, step) =>
        Read(reading, entry.Value, verb is NodeVerb.Start or NodeVerb.Stop or NodeVerb.Restart) is { } nodes
            ? new NodeStep(step.At, step.Name, verb, nodes, step.Signal)
            : null;

    /// <summary>Nodes, tags or <c>all</c>; null if there is a mistake, which is reported.</summary>
    /// <param name="reading">The scenario.</param>
    /// <param name="value">What should be the names.</param>
    /// <param name="other">A word that is allowed besides, alone.</param>
    public static ImmutableArray<string>? Group(ScenarioReading reading, YamlNode value, string? other = null) =>
        value is TextNode text && text.Value == other ? [text.Value] : Read(reading, value, needsProgram: false, other);

    /// <summary>The names of the nodes that such words mean, each once; null if only the run will tell, or the nodes could not be read.</summary>
    public static IReadOnlySet<string>? Meant(ScenarioReading reading, ImmutableArray<string> words)
    {
        if (reading.Names.All is not { } nodes || words.Any(w => w.StartsWith('$')))
            return null;
        return nodes.Values.Where(n => words.Any(w => w == NodeTargets.All || w == n.Name || n.Tags.Any(t => t.Name == w))).Select(n => n.Name).ToHashSet();
    }

    private static ImmutableArray<string>? Read(ScenarioReading reading, YamlNode value, bool needsProgram, string? other = null)
    {
        if (value is not ListNode list)
            return One(reading, value, needsProgram, other) is { } single ? [single] : null;
        if (list.Items.Count == 0)
        {
            reading.File.Mistakes.Add(value.At, $"an empty list stands here: expected {Expected}");
            return null;
        }

        var words = list.Items.Select(i => (At: i.At, Word: One(reading, i, needsProgram))).ToList();
        foreach (var twice in words.Where(w => w.Word is not null).GroupBy(w => w.Word!).Where(g => g.Count() > 1))
            reading.Names.AddTwice(twice.Key, twice.ElementAt(1).At, twice.First().At);
        return words.Any(w => w.Word is null) ? null : [.. words.Select(w => w.Word!)];
    }

    private static string? One(ScenarioReading reading, YamlNode value, bool needsProgram, string? other = null)
    {
        if (reading.File.Text(value, Expected) is not { } word)
            return null;
        if (word.Contains("${", StringComparison.Ordinal))
            return reading.Names.One(value);
        if (reading.Names.All is not { } nodes || word == NodeTargets.All)
            return word;
        if (nodes.TryGetValue(word, out var node))
        {
            if (!needsProgram || node.HasProgram)
                return word;
            reading.File.Mistakes.Add(value.At, $"{Quote.Text(word)} has no program: expected a node with 'run'");
            return null;
        }

        string[] tags = [.. nodes.Values.SelectMany(n => n.Tags).Select(t => t.Name).Distinct()];
        if (tags.Contains(word))
            return word;
        string[] valid = [.. nodes.Keys, .. tags, NodeTargets.All, .. other is null ? [] : new[] { other }];
        reading.File.Mistakes.AddUnknown(value.At, $"{Quote.Text(word)} is no node and no tag: expected {Quote.Choices(valid)}", word, valid);
        return null;
    }
}
