using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Graphs;

/// <summary>What is cut, as a picture can show it: nodes that are alone, sides of a network, single pairs; and in words what none of these can.</summary>
internal sealed class GraphCuts
{
    /// <summary>More arrows than these hide the picture.</summary>
    private const int MostArrows = 16;

    private readonly HashSet<(string Node, string Network)> _alone = [];
    private readonly Dictionary<(string Node, string Network), char> _sides = [];
    private readonly List<Arrow> _arrows = [];
    private readonly List<string> _notes = [];

    private GraphCuts()
    {
    }

    /// <summary>Nothing is cut.</summary>
    public static GraphCuts None { get; } = new();

    /// <summary>Pairs, each once.</summary>
    public IReadOnlyList<Arrow> Arrows => _arrows;

    /// <summary>Lines of text.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether the node reaches nobody on the network, and is reached by nobody.</summary>
    public bool IsAlone(string node, string network) => _alone.Contains((node, network));

    /// <summary>The side of the network that the node is on, from A; null: the network has no sides.</summary>
    public char? SideOf(string node, string network) => _sides.TryGetValue((node, network), out char side) ? side : null;

    /// <summary>What a lab says of its cuts.</summary>
    public static GraphCuts Of(FaultStatus status, LabTopology topology)
    {
        var cuts = new GraphCuts();
        if (status.Partition is { } partition)
        {
            cuts._notes.Add($"partition: {partition}");
        }

        cuts._notes.Add(status.Summary);
        foreach (NetworkCuts network in status.Networks)
        {
            var pairs = network.Cuts.Select(c => (From: c[0], To: c[1])).ToHashSet();
            if (topology.Networks.Any(n => n.Name == network.Network))
            {
                cuts.AddNetwork(network.Network, network.Nodes, pairs);
            }
            else if (network.Network == FaultReport.Outside)
            {
                cuts._notes.AddRange(pairs.Select(p => $"{p.From} to {p.To}: lost"));
            }
            else
            {
                cuts.AddPairs(pairs.Where(p => !cuts.IsAlone(p.From) && !cuts.IsAlone(p.To)).ToHashSet());
            }
        }

        cuts._notes.AddRange(status.Some.SelectMany(s => s.Cuts.Select(c => $"{c[0]} to {c[1]} on {s.Network}: {s.Traffic} is lost")));
        cuts._notes.AddRange(status.Answered.Select(a => $"on {a.Network}, senders are answered: {a.Mode}{(a.Traffic is null ? "" : $" ({a.Traffic})")}"));
        cuts._notes.AddRange(status.Groups.Where(g => !g.Cuts.IsEmpty).Select(g => $"{g.Network}: {g.Groups.Length} groups of nodes, of which some are cut from some; cleave status lists them"));
        cuts._notes.AddRange(status.Names.Select(n => $"name {n.Name}: {n.Fault}"));
        if (cuts._arrows.Count > MostArrows)
        {
            cuts._notes.Add($"{cuts._arrows.Count} pairs that are not drawn; cleave status lists them");
            cuts._arrows.Clear();
        }

        return cuts;
    }

    private bool IsAlone(string node) => _alone.Any(a => a.Node == node);

    private void AddNetwork(string network, ImmutableArray<string> nodes, HashSet<(string From, string To)> pairs)
    {
        string[] alone = [.. nodes.Where(n => nodes.Length > 1 && nodes.All(o => o == n || (pairs.Contains((n, o)) && pairs.Contains((o, n)))))];
        _alone.UnionWith(alone.Select(n => (n, network)));
        string[] others = [.. nodes.Except(alone)];
        var among = pairs.Where(p => others.Contains(p.From) && others.Contains(p.To)).ToHashSet();
        if (among.Count == 0)
        {
            return;
        }

        if (Sides(others, among) is { } sides)
        {
            foreach ((int i, string[] side) in sides.Index())
            {
                Array.ForEach(side, n => _sides[(n, network)] = (char)('A' + i));
            }

            _notes.Add($"sides of {network}: {string.Join(", ", sides.Select((s, i) => $"{(char)('A' + i)} {string.Join(' ', s)}"))}");
        }
        else
        {
            AddPairs(among);
        }
    }

    private void AddPairs(HashSet<(string From, string To)> pairs)
    {
        foreach ((string from, string to) in pairs)
        {
            bool isBoth = pairs.Contains((to, from));
            if (!isBoth || string.CompareOrdinal(from, to) < 0)
            {
                _arrows.Add(new Arrow(from, to, isBoth));
            }
        }
    }

    /// <summary>The clusters, if everyone reaches exactly those of a cluster of its own; more than an alphabet of them are none.</summary>
    private static List<string[]>? Sides(string[] nodes, HashSet<(string From, string To)> cut)
    {
        var sides = new List<string[]>();
        foreach (string node in nodes.Where(n => !sides.Any(s => s.Contains(n))))
        {
            string[] side = [.. nodes.Where(o => o == node || !cut.Contains((node, o)))];
            if (side.Any(a => nodes.Any(b => a != b && (cut.Contains((a, b)) || cut.Contains((b, a))) == side.Contains(b))))
            {
                return null;
            }

            sides.Add(side);
        }

        // Both ways, or nobody could tell an arrow from a side.
        return sides.Count <= 26 && cut.All(c => cut.Contains((c.To, c.From))) ? sides : null;
    }

    /// <summary>A pair whose packets are lost.</summary>
    /// <param name="From">The sender.</param>
    /// <param name="To">The receiver.</param>
    /// <param name="IsBothWays">Whether those of the other direction are lost, too.</param>
    internal sealed record Arrow(string From, string To, bool IsBothWays);
}
