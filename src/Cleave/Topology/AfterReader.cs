using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>One thing a node waits for, as it stands in the file.</summary>
/// <param name="Node">The other's name.</param>
/// <param name="At">Where it stands.</param>
/// <param name="Until">Null: the file leaves it to what the other is.</param>
internal readonly record struct AfterDraft(string Node, Location At, Milestone? Until);

/// <summary>Reads <c>after:</c>, and sees to it that all nodes can start.</summary>
internal static class AfterReader
{
    private const string Form = "a list of nodes, or a mapping such as {db: ready}";

    private static readonly string[] Words = ["started", "ready", "ended"];

    public static Shape ValueShape { get; } = Shape.Any(
        new Shape.ListOf(new Shape.Text("a node's name", "db")), new Shape.MapOf("a node's name", Shape.OneOf([.. Words])));

    public static ImmutableArray<AfterDraft> Read(Reading reading, YamlNode value)
    {
        switch (value)
        {
            case ListNode { Items.Count: > 0 } list:
                var drafts = ImmutableArray.CreateBuilder<AfterDraft>();
                foreach (var item in list.Items)
                {
                    if (reading.Text(item, "a node's name") is not { } name)
                        continue;
                    if (drafts.Any(d => d.Node == name))
                        reading.Mistakes.Add(item.At, $"{Quote.Text(name)} stands here twice: expected it once");
                    else
                        drafts.Add(new(name, item.At, null));
                }

                return drafts.ToImmutable();
            case MapNode { Entries.Count: > 0 } map:
                return [.. map.Entries.Select(e => new AfterDraft(e.Key.Value, e.Key.At, reading.Choice(e.Value, Words) switch
                {
                    "started" => Milestone.Started,
                    "ended" => Milestone.Ended,
                    _ => Milestone.Ready,
                }))];
            case ListNode or MapNode:
                reading.Mistakes.Add(value.At, $"nothing stands in here: expected {Form}");
                return [];
            default:
                reading.Wrong(value, Form);
                return [];
        }
    }

    /// <summary>Names that are no nodes, ends that never come, and circles, each reported once.</summary>
    public static void Check(Reading reading, IReadOnlyList<NodeDraft> nodes)
    {
        var byName = nodes.DistinctBy(n => n.Name).ToDictionary(n => n.Name);
        foreach (var node in nodes)
        {
            foreach (var after in node.After)
            {
                if (!byName.TryGetValue(after.Node, out var other))
                    reading.Mistakes.AddUnknown(after.At,
                        $"{Quote.Text(after.Node)} is no node: expected one of {Quote.Choices(byName.Keys)}", after.Node, byName.Keys);
                else if (after.Until == Milestone.Ended && !other.HasProgram)
                    reading.Mistakes.Add(after.At, $"{Quote.Text(after.Node)} has no program that could end: expected 'started' or 'ready', or a node with 'run'");
                else if (after.Until == Milestone.Ended && other.Restart is { Always: true, Max: null })
                    reading.Mistakes.Add(after.At, $"{Quote.Text(after.Node)} is started again whenever it ends: expected 'started' or 'ready'");
            }
        }

        ReportCircles(reading, nodes, byName);
    }

    /// <summary>What the node waits for, with what the file leaves open filled in: a job is waited for until it is done.</summary>
    public static ImmutableArray<After> Resolve(NodeDraft node, IReadOnlyDictionary<string, NodeDraft> nodes) =>
        [.. node.After.Select(a => new After(a.Node, a.Until ?? (nodes.GetValueOrDefault(a.Node)?.Job == true ? Milestone.Ended : Milestone.Ready)))];

    private static void ReportCircles(Reading reading, IReadOnlyList<NodeDraft> nodes, Dictionary<string, NodeDraft> byName)
    {
        var done = new HashSet<string>();
        foreach (var first in nodes)
        {
            // Depth first without recursion: a file may chain a thousand nodes.
            var way = new List<(NodeDraft Node, int Next)> { (first, 0) };
            while (way.Count > 0)
            {
                var (node, next) = way[^1];
                if (next >= node.After.Length || done.Contains(node.Name))
                {
                    done.Add(node.Name);
                    way.RemoveAt(way.Count - 1);
                    continue;
                }

                way[^1] = (node, next + 1);
                var after = node.After[next];
                if (!byName.TryGetValue(after.Node, out var other) || done.Contains(other.Name))
                    continue;
                var begin = way.FindIndex(w => w.Node.Name == other.Name);
                if (begin < 0)
                    way.Add((other, 0));
                else
                    reading.Mistakes.Add(after.At, "these nodes wait for each other, so that none can start: "
                        + $"{string.Join(" after ", way.Skip(begin).Select(w => w.Node.Name))} after {other.Name}: expected an order without a circle");
            }
        }
    }
}
