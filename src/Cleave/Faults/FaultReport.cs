using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>What is in force, for people and programs.</summary>
public static class FaultReport
{
    /// <summary>What stands in the place of a network's name for pairs that only routers join.</summary>
    internal const string Routers = "through routers";

    /// <summary>The same for pairs of a node and the host, or the internet.</summary>
    internal const string Outside = "outside";

    // As many as fit onto a screen, more or less.
    private const int MostNodesByPair = 128;

    /// <summary>In one sentence's end.</summary>
    public static string Count(Cuts cuts, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        ArgumentNullException.ThrowIfNull(topology);
        return (
            Count(cuts.Packets, topology) + (cuts.Outside?.Packets.Count ?? 0),
            cuts.Some.Sum(s => Count(s.Pairs, topology)) + (cuts.Outside?.Some.Sum(s => s.Pairs.Count) ?? 0)) switch
        {
            (0, 0) => "nothing is cut",
            (var all, 0) => $"{Pairs(all)} cut",
            (0, var some) => $"{Pairs(some)} cut for some traffic",
            (var all, var some) => $"{Pairs(all)} cut, and {some} for some traffic",
        };
    }

    /// <summary>The same, and which names fail.</summary>
    public static string Count(FaultsInForce inForce, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(inForce);
        string cut = Count(inForce.Cuts, topology);
        int names = Failing(inForce).Length;
        return names == 0 ? cut : $"{cut}; {(names == 1 ? "1 name fails" : $"{names} names fail")}";
    }

    /// <summary>Every pair, in the file's order.</summary>
    public static FaultStatus Of(FaultsInForce inForce, LabTopology topology)
    {
        FaultStatus brief = Brief(inForce, topology);
        Cuts cuts = inForce.Cuts;
        return brief with
        {
            Networks =
            [
                .. Enumerable.Range(0, cuts.Packets.Networks)
                    .Where(n => n < topology.Networks.Length ? topology.Networks[n].Link?.Fabric is null : Routed(topology, cuts))
                    .Select(n => new NetworkCuts(
                        n < topology.Networks.Length ? topology.Networks[n].Name : Routers,
                        [.. FaultPairs.Members(topology, n).Select(m => topology.Nodes[m].Name)],
                        Names(cuts.Packets, n, topology))),
                .. cuts.Outside is { } outside ? [OfOutside(outside.Packets, topology)] : (NetworkCuts[])[],
            ],
            Some =
            [
                .. from some in cuts.Some
                   from network in Enumerable.Range(0, some.Pairs.Networks)
                   let pairs = Names(some.Pairs, network, topology)
                   where !pairs.IsEmpty
                   select new TrafficCuts(network < topology.Networks.Length ? topology.Networks[network].Name : Routers, some.Traffic.ToString(), pairs),
                .. cuts.Outside?.Some.Select(s => new TrafficCuts(Outside, s.Traffic.ToString(), OutsideNames(s.Pairs, topology))) ?? [],
            ],
            Answered =
            [
                .. from answered in cuts.Answers
                   from network in Enumerable.Range(0, answered.Pairs.Networks)
                   let pairs = Names(answered.Pairs, network, topology)
                   where !pairs.IsEmpty
                   select new AnsweredCuts(
                       network < topology.Networks.Length ? topology.Networks[network].Name : Routers,
                       answered.Mode.ToString().ToLowerInvariant(),
                       answered.Traffic?.ToString(),
                       pairs),
            ],
        };
    }

    /// <summary>Without the pairs, which are a million in a large lab.</summary>
    public static FaultStatus Brief(FaultsInForce inForce, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(inForce);
        return new(ControlJson.Schema, inForce.Partition is null ? null : FaultText.Describe(inForce.Partition), [])
        {
            Summary = Count(inForce, topology),
            Names = Failing(inForce),
        };
    }

    /// <summary>Every pair of small networks, and groups of nodes on larger ones, whose pairs are millions.</summary>
    public static FaultStatus Short(FaultsInForce inForce, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(inForce);
        ArgumentNullException.ThrowIfNull(topology);
        int[] large = [.. Enumerable.Range(0, topology.Networks.Length).Where(n => FaultPairs.Members(topology, n).Length > MostNodesByPair)];
        if (large.Length == 0)
        {
            return Of(inForce, topology);
        }

        var classes = CutClasses.Of(inForce.Cuts.Packets, topology);
        return Brief(inForce, topology) with { Groups = [.. large.Select(n => Grouped(n, classes, topology))] };
    }

    /// <summary>A change of what is broken, for who reads the run later.</summary>
    /// <param name="text">What changed it.</param>
    /// <param name="from">When the kernel was asked to, in seconds.</param>
    /// <param name="to">When it had.</param>
    /// <param name="after">What is broken then.</param>
    /// <param name="topology">The lab.</param>
    internal static FaultMark Mark(string text, double from, double to, FaultsInForce after, LabTopology topology)
    {
        const int MostPairs = 400;
        Cuts cuts = after.Cuts;
        int pairs = Count(cuts.Packets, topology) + cuts.Some.Sum(s => Count(s.Pairs, topology))
            + (cuts.Outside is { } outside ? outside.Packets.Count + outside.Some.Sum(s => s.Pairs.Count) : 0);
        ImmutableArray<ImmutableArray<string>>? named = null;
        if (pairs <= MostPairs && topology.Nodes.Length <= MostNodesByPair)
        {
            FaultStatus all = Of(after, topology);
            named =
            [
                .. all.Networks.SelectMany(n => n.Cuts).Concat(all.Some.SelectMany(s => s.Cuts))
                    .Select(p => (From: p[0], To: p[1])).Distinct().Select(p => (ImmutableArray<string>)[p.From, p.To]),
            ];
        }

        return new(text, Math.Round(from, 6), Math.Round(to, 6), after.Texts, named?.Length ?? pairs, named);
    }

    private static GroupCuts Grouped(int network, CutClasses classes, LabTopology topology)
    {
        int[][] groups = [.. classes.Members.Where(m => m.Network == network).GroupBy(m => m.Class).Select(g => (int[])[g.Key, .. g.Select(m => m.Node)])];
        var numbers = groups.Index().ToDictionary(g => g.Item[0], g => g.Index);
        return new(
            topology.Networks[network].Name,
            groups.Length == 0
                ? [[.. FaultPairs.Members(topology, network).Select(m => topology.Nodes[m].Name)]]
                : [.. groups.Select(g => g.Skip(1).Select(m => topology.Nodes[m].Name).ToImmutableArray())],
            [.. classes.Cuts.Where(c => numbers.ContainsKey(c.From)).Select(c => (ImmutableArray<int>)[numbers[c.From], numbers[c.To]])]);
    }

    private static ImmutableArray<FailingName> Failing(FaultsInForce inForce) =>
    [
        .. inForce.Names.Fail.Except(inForce.Names.Drop).Select(n => new FailingName(n, "fail")),
        .. inForce.Names.Drop.Select(n => new FailingName(n, "drop")),
    ];

    private static NetworkCuts OfOutside(PairSet pairs, LabTopology topology)
    {
        ImmutableArray<ImmutableArray<string>> names = OutsideNames(pairs, topology);
        var concerned = names.SelectMany(n => n).ToHashSet(StringComparer.Ordinal);
        return new(Outside, [.. OutsideEnds.All.Where(concerned.Contains), .. topology.Nodes.Select(n => n.Name).Where(concerned.Contains)], names);
    }

    private static ImmutableArray<ImmutableArray<string>> OutsideNames(PairSet pairs, LabTopology topology) =>
        [.. Enumerable.Range(0, OutsideEnds.All.Length).SelectMany(end => OutsideEnds.Names(pairs, end, topology))];

    /// <summary>One that is cut on two networks counts twice; one that is cut through routers, too, does not.</summary>
    private static int Count(PairSet pairs, LabTopology topology) => pairs.Networks == topology.Networks.Length
        ? pairs.Count
        : Enumerable.Range(0, pairs.Networks).Sum(n => Names(pairs, n, topology).Length);

    /// <summary>Whether any pair is cut that only routers join: the others are shown on their networks.</summary>
    private static bool Routed(LabTopology topology, Cuts cuts) => !Names(cuts.Packets, topology.Networks.Length, topology).IsEmpty;

    private static ImmutableArray<ImmutableArray<string>> Names(PairSet pairs, int network, LabTopology topology)
    {
        var names = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        bool routed = network == topology.Networks.Length;
        int[] members = FaultPairs.Members(topology, network);
        foreach (int from in members)
        {
            foreach (int to in members)
            {
                if (pairs.Contains(network, from, to) && !(routed && ShareNetwork(topology.Nodes[from], topology.Nodes[to])))
                {
                    names.Add([topology.Nodes[from].Name, topology.Nodes[to].Name]);
                }
            }
        }

        return names.ToImmutable();
    }

    private static bool ShareNetwork(Node a, Node b) => a.Attachments.Any(x => b.Attachments.Any(y => y.Network == x.Network));

    private static string Pairs(int count) => count == 1 ? "1 ordered pair is" : $"{count} ordered pairs are";
}
