using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>Which nodes router nodes join, however many hops apart, by what is plugged in where; routes are not asked, since programs may make them.</summary>
internal sealed class Joined
{
    private readonly NodeSet[] _with;

    private Joined(NodeSet[] with) => _with = with;

    /// <summary>All nodes that packets of that node can come to.</summary>
    public NodeSet With(int node) => _with[node];

    public static Joined Of(LabTopology topology)
    {
        int count = topology.Nodes.Length;
        var numbers = topology.Networks.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        int[][] networksOf = [.. topology.Nodes.Select(n => n.Attachments.Select(a => numbers[a.Network]).ToArray())];
        int[] group = NetworkGroups(topology.Networks.Length, networksOf.Where((_, n) => topology.Nodes[n].IsRouter));
        NodeSet[] members = [.. Enumerable.Range(0, topology.Networks.Length).Select(_ => new NodeSet(count))];
        for (int node = 0; node < count; node++)
        {
            foreach (int network in networksOf[node])
            {
                members[group[network]].Add(node);
            }
        }

        return new(
        [
            .. networksOf.Select(networks =>
            {
                var with = new NodeSet(count);
                foreach (int network in networks)
                {
                    with.Add(members[group[network]]);
                }

                return with;
            }),
        ]);
    }

    /// <summary>The number of the group each network is in: those that routers join are in one.</summary>
    public static int[] NetworkGroups(int networks, IEnumerable<IReadOnlyList<int>> routers)
    {
        int[] group = [.. Enumerable.Range(0, networks)];
        foreach (IReadOnlyList<int> ends in routers)
        {
            foreach (int end in ends)
            {
                int from = group[end];
                int to = group[ends[0]];
                for (int i = 0; from != to && i < networks; i++)
                {
                    group[i] = group[i] == from ? to : group[i];
                }
            }
        }

        return group;
    }
}
