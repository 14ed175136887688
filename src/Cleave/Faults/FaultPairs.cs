using System.Collections.Immutable;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>Which ordered pairs a fault means in a lab. Pure: no network is needed to know.</summary>
public static class FaultPairs
{
    /// <summary>The pairs that the fault cuts, or for <see cref="Fault.Mend"/> mends; empty for <see cref="Fault.Heal"/>.</summary>
    /// <remarks>Only pairs that share a network are in it: the others have nothing to cut.</remarks>
    /// <exception cref="InputException">A name is not a node of the lab, or the nodes share no network, or clusters are incomplete.</exception>
    public static PairSet Of(Fault fault, LabTopology topology)
    {
        var pairs = new PairSet(topology.Networks.Length, topology.Nodes.Length);
        switch (fault)
        {
            case Fault.Isolate isolate:
                if (isolate.Nodes.IsEmpty)
                {
                    throw new InputException("isolate names no node, so there is nothing to cut");
                }

                HashSet<int> alone = [.. isolate.Nodes.Select(n => Index(n, topology))];
                AddWhere(pairs, topology, null, (a, b) => alone.Contains(a) || alone.Contains(b));
                break;

            case Fault.Split split:
                AddUnlessTogether(pairs, topology, Clusters(split.Clusters, topology));
                break;

            case Fault.Disjoint disjoint:
                HashSet<int>[] clusters = Clusters(disjoint.Clusters, topology);
                RequirePartition(clusters, topology);
                AddUnlessTogether(pairs, topology, clusters);
                break;

            case Fault.Cut cut:
                AddDirected(pairs, topology, cut.From, cut.To, cut.BothWays, cut.Network);
                break;

            case Fault.Mend mend:
                AddDirected(pairs, topology, mend.From, mend.To, mend.BothWays, mend.Network);
                break;
        }

        return pairs;
    }

    private static HashSet<int>[] Clusters(ImmutableArray<ImmutableArray<string>> clusters, LabTopology topology) =>
        [.. clusters.Select(c => c.Select(n => Index(n, topology)).ToHashSet())];

    private static void RequirePartition(HashSet<int>[] clusters, LabTopology topology)
    {
        for (int node = 0; node < topology.Nodes.Length; node++)
        {
            int times = clusters.Count(c => c.Contains(node));
            if (times != 1)
            {
                throw new InputException(
                    $"disjoint wants every node in exactly one cluster, and {topology.Nodes[node].Name} is in {(times == 0 ? "none" : times)}; " +
                    "use split for clusters that overlap or leave nodes out");
            }
        }
    }

    private static void AddUnlessTogether(PairSet pairs, LabTopology topology, HashSet<int>[] clusters) =>
        AddWhere(pairs, topology, null, (a, b) => !Array.Exists(clusters, c => c.Contains(a) && c.Contains(b)));

    private static void AddDirected(
        PairSet pairs, LabTopology topology, ImmutableArray<string> from, ImmutableArray<string> to, bool bothWays, string? network)
    {
        HashSet<int> senders = [.. from.Select(n => Index(n, topology))];
        HashSet<int> receivers = [.. to.Select(n => Index(n, topology))];
        int? only = network is null ? null : NetworkIndex(network, topology);
        AddWhere(pairs, topology, only, (a, b) =>
            (senders.Contains(a) && receivers.Contains(b)) || (bothWays && senders.Contains(b) && receivers.Contains(a)));
        if (pairs.IsEmpty)
        {
            throw new InputException(
                $"{string.Join(", ", from)} and {string.Join(", ", to)} share no network{(network is null ? "" : $" {network}")}, so there is nothing to cut");
        }
    }

    private static void AddWhere(PairSet pairs, LabTopology topology, int? only, Func<int, int, bool> cut)
    {
        for (int network = 0; network < topology.Networks.Length; network++)
        {
            if (only is { } one && one != network)
            {
                continue;
            }

            int[] members = Members(topology, network);
            foreach (int a in members)
            {
                foreach (int b in members)
                {
                    if (a != b && cut(a, b))
                    {
                        pairs.Add(network, a, b);
                    }
                }
            }
        }
    }

    internal static int[] Members(LabTopology topology, int network)
    {
        string name = topology.Networks[network].Name;
        return [.. Enumerable.Range(0, topology.Nodes.Length).Where(n => topology.Nodes[n].Attachments.Any(a => a.Network == name))];
    }

    internal static int Index(string node, LabTopology topology)
    {
        for (int i = 0; i < topology.Nodes.Length; i++)
        {
            if (topology.Nodes[i].Name == node)
            {
                return i;
            }
        }

        string[] names = [.. topology.Nodes.Select(n => n.Name)];
        string meant = Nearest.Of(node, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";
        throw new InputException($"there is no node '{node}' in this lab; it has {string.Join(", ", names)}{meant}");
    }

    private static int NetworkIndex(string network, LabTopology topology)
    {
        for (int i = 0; i < topology.Networks.Length; i++)
        {
            if (topology.Networks[i].Name == network)
            {
                return i;
            }
        }

        throw new InputException($"there is no network '{network}' in this lab; it has {string.Join(", ", topology.Networks.Select(n => n.Name))}");
    }
}
