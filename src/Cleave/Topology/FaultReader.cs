using System.Collections.Immutable;
using Cleave.Faults;

namespace Cleave.Topology;

/// <summary>Reads what stands after the verb of a fault. Null stands for one that is wrong, which is reported.</summary>
internal static class FaultReader
{
    private const string Clusters = "a list of clusters, each a list of nodes' names";

    private static readonly Shape ClusterList = new Shape.ListOf(new Shape.ListOf(Shape.NodeName));

    private static readonly Keys<NodesDraft> IsolateKeys = new Keys<NodesDraft>("isolated nodes", extensible: false)
    {
        { "nodes", Shape.NodeNames, "Who is alone: nodes, tags or `all`.", TakeNodes, true },
    }.WithManner();

    private static readonly Keys<ClustersDraft> ClusterKeys = new Keys<ClustersDraft>("clusters", extensible: false, elsewhere: new Dictionary<string, string> { ["groups"] = "clusters" })
    {
        { "clusters", ClusterList, "The clusters.", (_, entry, draft) => draft.Clusters = ReadClusters(draft.Reading, entry.Value), true },
    }.WithManner();

    private static readonly Keys<OrderDraft> OrderKeys = new Keys<OrderDraft>("a shape of nodes in an order", extensible: false)
    {
        { "nodes", Shape.NodeNames, "Whom it concerns, all nodes if it is left out; the others keep everybody.", TakeNodes },
        { "seed", Seed, "Draws the order from this seed, the same in every version; otherwise it is the file's.", TakeSeed },
        { "random", new Shape.Truth(), "Draws the order anew each time; the seed is in the events.", TakeRandom },
    }.WithManner();

    private static readonly Keys<OrderDraft> BridgeKeys = new Keys<OrderDraft>("a bridge", extensible: false)
    {
        { "via", Shape.NodeName, "The node that sees both halves; the middle one if it is left out.", (_, entry, draft) => draft.Via = draft.Reading.Names.One(entry.Value) },
        { "nodes", Shape.NodeNames, "Whom it concerns, all nodes if it is left out; the others keep everybody.", TakeNodes },
        { "seed", Seed, "Draws the order from this seed, the same in every version; otherwise it is the file's.", TakeSeed },
        { "random", new Shape.Truth(), "Draws the order anew each time; the seed is in the events.", TakeRandom },
    }.WithManner();

    /// <summary>What may stand at <c>isolate</c>.</summary>
    public static Shape OfNodes { get; } = Shape.Any(Shape.NodeName, new Shape.ListOf(Shape.NodeName), new Shape.Mapping(() => IsolateKeys));

    /// <summary>What may stand at <c>split</c>, <c>disjoint</c> and <c>partial</c>.</summary>
    public static Shape OfClusters { get; } = Shape.Any(ClusterList, new Shape.Mapping(() => ClusterKeys));

    /// <summary>What may stand at <c>halves</c>, <c>minority-third</c> and <c>ring</c>.</summary>
    public static Shape OfOrder { get; } = Shape.Any(new Shape.Nothing(), new Shape.Mapping(() => OrderKeys));

    /// <summary>What may stand at <c>bridge</c>.</summary>
    public static Shape OfBridge { get; } = Shape.Any(new Shape.Nothing(), new Shape.Mapping(() => BridgeKeys));

    private static Shape Seed => new Shape.Number(0, int.MaxValue);

    public static Fault? Isolate(ScenarioReading reading, YamlNode value)
    {
        if (value is not MapNode)
            return reading.Names.Several(value) is { } list ? new Fault.Isolate(list.Texts) : null;
        var draft = new NodesDraft(reading);
        return IsolateKeys.Read(reading.File, value, value.At, draft) is not null && draft.Nodes is { } nodes ? draft.Apply(new Fault.Isolate(nodes.Texts)) : null;
    }

    public static Fault? Split(ScenarioReading reading, YamlNode value) =>
        ReadClusters(reading, value, out var draft) is { } clusters ? draft.Apply(new Fault.Split(Texts(clusters))) : null;

    /// <summary>Groups, no node in two.</summary>
    public static Fault? Partial(ScenarioReading reading, YamlNode value)
    {
        if (ReadClusters(reading, value, out var draft) is not { } groups)
            return null;
        if (groups.Count == 1)
            reading.File.Mistakes.Add(value.At, "'partial' names one group, which is cut from nobody: expected two or more");
        _ = CheckOnce(reading, groups);
        return draft.Apply(new Fault.Partial(Texts(groups)));
    }

    /// <summary>Every node in exactly one cluster.</summary>
    public static Fault? Disjoint(ScenarioReading reading, YamlNode value)
    {
        if (ReadClusters(reading, value, out var draft) is not { } clusters)
            return null;

        var seen = CheckOnce(reading, clusters);

        // A name that could not be read, or only the run will tell, may be the one that is missing.
        if (reading.Names.All is { } all && clusters.All(c => c.Complete && !c.Names.Any(n => n.IsSaved)))
        {
            var missing = all.Keys.Where(n => !seen.Contains(n)).ToList();
            if (missing.Count > 0)
                reading.File.Mistakes.Add(value.At,
                    $"'disjoint' leaves out {Quote.Choices([.. missing.Select(Quote.Text)], "and")}: "
                    + "expected every node in exactly one cluster");
        }

        return draft.Apply(new Fault.Disjoint(Texts(clusters)));
    }

    public static Fault? Halves(ScenarioReading reading, YamlNode value) =>
        Order(reading, value, OrderKeys, (_, nodes, order) => new Fault.Halves(nodes, order));

    public static Fault? MinorityThird(ScenarioReading reading, YamlNode value) =>
        Order(reading, value, OrderKeys, (_, nodes, order) => new Fault.MinorityThird(nodes, order));

    public static Fault? Ring(ScenarioReading reading, YamlNode value) =>
        Order(reading, value, OrderKeys, (_, nodes, order) => new Fault.Ring(nodes, order));

    public static Fault? Bridge(ScenarioReading reading, YamlNode value) =>
        Order(reading, value, BridgeKeys, (draft, nodes, order) => new Fault.Bridge(draft.Via, nodes, order));

    public static Fault? Cut(ScenarioReading reading, YamlNode value) => PairReader.Cut(reading, value);

    public static Fault? Mend(ScenarioReading reading, YamlNode value) => PairReader.Mend(reading, value);

    /// <summary>Heal has no value to read: nothing, or true.</summary>
    public static Fault? Heal(ScenarioReading reading, YamlNode value)
    {
        if (!IsNothing(value))
            reading.File.Wrong(value, "no value after 'heal', which heals everything; to mend single pairs use 'mend'");
        return new Fault.Heal();
    }

    private static Fault.Loss? Order(
        ScenarioReading reading, YamlNode value, Keys<OrderDraft> keys, Func<OrderDraft, ImmutableArray<string>, ShapeOrder, Fault.Loss> make)
    {
        var draft = new OrderDraft(reading);
        if (IsNothing(value))
            return make(draft, [], ShapeOrder.OfFile);
        if (keys.Read(reading.File, value, value.At, draft) is null)
            return null;
        if (draft is { Seed: not null, Random: true })
            reading.File.Mistakes.Add(value.At, "'seed' stands beside 'random': expected one of them");
        var order = draft.Seed is { } seed ? ShapeOrder.Of(seed) : draft.Random ? ShapeOrder.Random : ShapeOrder.OfFile;
        return draft.Apply(make(draft, draft.Nodes?.Texts ?? [], order));
    }

    private static bool IsNothing(YamlNode value) => value is TextNode { IsEmpty: true } or TextNode { Value: "true" };

    private static ImmutableArray<ImmutableArray<string>> Texts(IReadOnlyList<NodeNameList> clusters) => [.. clusters.Select(c => c.Texts)];

    private static HashSet<string> CheckOnce(ScenarioReading reading, IReadOnlyList<NodeNameList> clusters)
    {
        var seen = new Dictionary<string, Location>();
        foreach (var name in clusters.SelectMany(c => c.Names))
            if (!seen.TryAdd(name.Text, name.At))
                reading.Names.AddTwice(name.Text, name.At, seen[name.Text]);
        return [.. seen.Keys];
    }

    private static IReadOnlyList<NodeNameList>? ReadClusters(ScenarioReading reading, YamlNode value, out MannerDraft manner)
    {
        var draft = new ClustersDraft(reading);
        manner = draft;
        return value is not MapNode ? ReadClusters(reading, value)
            : ClusterKeys.Read(reading.File, value, value.At, draft) is not null ? draft.Clusters
            : null;
    }

    private static IReadOnlyList<NodeNameList>? ReadClusters(ScenarioReading reading, YamlNode value) =>
        reading.File.Items(value, Clusters) is { Count: > 0 } items
            ? [.. items.Select(i => reading.Names.Several(i) ?? new NodeNameList([], Complete: false))]
            : null;

    private static void TakeNodes(Reading reading, MapEntry entry, NodesDraft draft) => draft.Nodes = draft.Reading.Names.Several(entry.Value);

    private static void TakeSeed(Reading reading, MapEntry entry, OrderDraft draft) =>
        draft.Seed = reading.Number(entry.Value, 0, int.MaxValue, "a seed, 0 to 2147483647");

    private static void TakeRandom(Reading reading, MapEntry entry, OrderDraft draft) => draft.Random = reading.Truth(entry.Value) is true;

    private class NodesDraft(ScenarioReading reading) : MannerDraft(reading)
    {
        public NodeNameList? Nodes { get; set; }
    }

    private sealed class ClustersDraft(ScenarioReading reading) : MannerDraft(reading)
    {
        public IReadOnlyList<NodeNameList>? Clusters { get; set; }
    }

    private sealed class OrderDraft(ScenarioReading reading) : NodesDraft(reading)
    {
        public string? Via { get; set; }

        public int? Seed { get; set; }

        public bool Random { get; set; }
    }
}
