using System.Collections.Immutable;
using Cleave.Faults;

namespace Cleave.Topology;

/// <summary>Reads the pairs of <c>cut</c> and <c>mend</c>: <c>{from, to, network}</c> or <c>{between, network}</c>.</summary>
internal static class PairReader
{
    private static readonly Keys<Draft> CutKeys = Pairs("a cut").WithManner();
    private static readonly Keys<Draft> MendKeys = Pairs("a mend").WithTraffic();

    public static KeyTable CutTable => CutKeys;

    public static KeyTable MendTable => MendKeys;

    public static Fault? Cut(ScenarioReading reading, YamlNode value) =>
        Read(reading, value, CutKeys, out var draft) is { } pairs ? draft.Apply(new Fault.Cut(pairs.From, pairs.To, pairs.BothWays, draft.Network)) : null;

    public static Fault? Mend(ScenarioReading reading, YamlNode value) =>
        Read(reading, value, MendKeys, out var draft) is { } pairs
            ? new Fault.Mend(pairs.From, pairs.To, pairs.BothWays, draft.Network) { Traffic = Traffic.Of(draft.Traffic), Except = draft.Except?.Texts ?? [] }
            : null;

    private static Keys<Draft> Pairs(string what) => new(what, extensible: false)
    {
        { "from", Shape.NodeNames, "Who sends; with `to`. Nodes, tags or `all`; `host` and `internet` for what is outside.", (_, entry, draft) => draft.From = Ends(draft.Reading, entry.Value) },
        { "to", Shape.NodeNames, "Who would receive; with `from`.", (_, entry, draft) => draft.To = Ends(draft.Reading, entry.Value) },
        { "between", new Shape.ListOf(Shape.NodeName), "Two or more nodes, each cut from each other, in both directions.", (_, entry, draft) => draft.Between = ReadBetween(draft.Reading, entry.Value) },
        {
            "network", new Shape.Text("a network's name", "lan"), "Only on this network; on every one they share, and through routers, if it is left out.",
            (_, entry, draft) => draft.Network = draft.Reading.Network(entry.Value)
        },
    };

    private static (ImmutableArray<string> From, ImmutableArray<string> To, bool BothWays)? Read(
        ScenarioReading reading, YamlNode value, Keys<Draft> keys, out Draft draft)
    {
        draft = new Draft(reading);
        if (keys.Read(reading.File, value, value.At, draft) is not { } present)
            return null;

        var ends = present.Contains("from") || present.Contains("to");
        if (present.Contains("between") == ends)
        {
            reading.File.Mistakes.Add(value.At, ends
                ? "'between' stands beside 'from' or 'to': expected either 'from' and 'to', or 'between'"
                : "neither 'from' and 'to' nor 'between' stands here: expected one of these forms");
            return null;
        }

        if (ends && !(present.Contains("from") && present.Contains("to")))
            reading.File.Mistakes.Add(value.At, $"a cut has no '{(present.Contains("to") ? "from" : "to")}': expected 'from' and 'to'");

        var (from, to) = ends ? (draft.From, draft.To) : (draft.Between, draft.Between);
        if (from is null || to is null)
            return null;
        Check(reading, from, to, between: !ends, draft.Network, present.Contains("network"));
        return (from.Texts, to.Texts, BothWays: !ends);
    }

    private static NodeNameList? Ends(ScenarioReading reading, YamlNode value) => reading.Names.Several(value, others: OutsideEnds.All.AsSpan());

    private static NodeNameList? ReadBetween(ScenarioReading reading, YamlNode value)
    {
        const string Expected = "a list of two or more nodes' names";
        if (value is not ListNode list)
        {
            reading.File.Wrong(value, Expected);
            return null;
        }

        if (list.Items.Count == 1)
            reading.File.Mistakes.Add(value.At, $"a list of one stands here: expected {Expected}");
        return reading.Names.Several(value, Expected, OutsideEnds.All.AsSpan());
    }

    private static void Check(ScenarioReading reading, NodeNameList from, NodeNameList to, bool between, string? network, bool networkGiven)
    {
        if (!between && from.Complete && to.Complete && from.Names is [var one] && to.Names is [var other] && one.Text == other.Text)
        {
            reading.File.Mistakes.Add(other.At,
                $"{Quote.Text(other.Text)} is both ends: expected two nodes; a node is never cut from itself");
            return;
        }

        if (reading.Names.All is not { } nodes)
            return;
        if (networkGiven)
            CheckOnNetwork(reading, [.. from.Names, .. between ? [] : to.Names], nodes, network);
        else if (Known(from, nodes) && Known(to, nodes))
            CheckShared(reading, from, to, between, nodes);
    }

    /// <summary>A cut on one network is about nodes that are on it.</summary>
    private static void CheckOnNetwork(
        ScenarioReading reading, IEnumerable<NodeName> names, IReadOnlyDictionary<string, NodeDraft> nodes, string? network)
    {
        if (network is null)
            return;
        foreach (var name in names.Where(n => !n.IsOfGroup))
            if (nodes.GetValueOrDefault(name.Text)?.Attachments is { } attachments && attachments.All(a => a.Network != network))
                reading.File.Mistakes.Add(name.At,
                    $"{Quote.Text(name.Text)} is not on network {Quote.Text(network)}: expected a node that is; {Where(name, nodes)}");
    }

    /// <summary>A name that shares no network with any on the other side is cut from nobody.</summary>
    private static void CheckShared(
        ScenarioReading reading, NodeNameList from, NodeNameList to, bool between, IReadOnlyDictionary<string, NodeDraft> nodes)
    {
        var lonely = Lonely(to, from, nodes);
        var others = between ? [] : Lonely(from, to, nodes);

        // With nobody left on one side the other side is lonely by that alone.
        if (between && lonely.Count == to.Names.Length)
            lonely.RemoveAt(0);
        else if (lonely.Count == to.Names.Length)
            others.Clear();
        foreach (var name in lonely.Concat(others))
        {
            var partners = (to.Names.Contains(name) ? from : to).Names.Where(n => n.Text != name.Text).Take(4).Select(n => Where(n, nodes));
            reading.File.Mistakes.Add(name.At,
                $"{Quote.Text(name.Text)} shares no network with the other end, and no router joins theirs: expected nodes on one network; "
                + string.Join(", ", partners.Prepend(Where(name, nodes))));
        }
    }

    private static List<NodeName> Lonely(NodeNameList list, NodeNameList others, IReadOnlyDictionary<string, NodeDraft> nodes)
    {
        var joined = Joined(nodes);
        var members = others.Names.SelectMany(n => Networks(n, nodes).Select(joined).Distinct()).CountBy(n => n).ToDictionary();
        var own = others.Names.Select(n => n.Text).ToHashSet();
        return [.. list.Names.Where(n => !n.IsOfGroup && Networks(n, nodes).Select(joined).All(network =>
            members.GetValueOrDefault(network) - (own.Contains(n.Text) ? 1 : 0) <= 0))];
    }

    private static bool Known(NodeNameList list, IReadOnlyDictionary<string, NodeDraft> nodes) =>
        list.Complete && list.Names.All(n => nodes.GetValueOrDefault(n.Text)?.Attachments is not null);

    private static IEnumerable<string> Networks(NodeName name, IReadOnlyDictionary<string, NodeDraft> nodes) =>
        nodes[name.Text].Attachments!.Value.Select(a => a.Network);

    /// <summary>The networks that router nodes join are one here: what is said through them is cut, too.</summary>
    private static Func<string, string> Joined(IReadOnlyDictionary<string, NodeDraft> nodes)
    {
        string[] names = [.. nodes.Values.SelectMany(n => n.Attachments ?? []).Select(a => a.Network).Distinct()];
        var group = Cleave.Faults.Joined.NetworkGroups(
            names.Length,
            nodes.Values.Where(n => n.IsRouter && n.Attachments is not null).Select(n => (IReadOnlyList<int>)[.. n.Attachments!.Value.Select(a => Array.IndexOf(names, a.Network))]));
        return network => names[group[Array.IndexOf(names, network)]];
    }

    private static string Where(NodeName name, IReadOnlyDictionary<string, NodeDraft> nodes) =>
        $"{Quote.Text(name.Text)} is on {Quote.Choices([.. Networks(name, nodes)], "and")}";

    private sealed class Draft(ScenarioReading reading) : MannerDraft(reading)
    {
        public NodeNameList? From { get; set; }

        public NodeNameList? To { get; set; }

        public NodeNameList? Between { get; set; }

        public string? Network { get; set; }
    }
}
