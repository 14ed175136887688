using System.Collections.Immutable;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>
/// Nodes that stand in the same relation to all others share a class, so that the rules grow with nodes and classes, not with pairs.
/// </summary>
/// <param name="Members">
/// Network, node and class number (from 1) of every port that any cut concerns, in order; behind the networks, where there are routers, of every node.
/// </param>
/// <param name="Cuts">Ordered pairs of classes whose packets are lost. A class with itself: its members are cut from each other.</param>
public sealed record CutClasses(
    ImmutableArray<(int Network, int Node, int Class)> Members,
    ImmutableArray<(int From, int To)> Cuts)
{
    /// <summary>Groups the nodes of a set of pairs.</summary>
    /// <param name="pairs">What is cut.</param>
    /// <param name="topology">The lab.</param>
    /// <param name="taken">Class numbers begin behind it.</param>
    public static CutClasses Of(PairSet pairs, LabTopology topology, int taken = 0)
    {
        var members = ImmutableArray.CreateBuilder<(int, int, int)>();
        var cuts = ImmutableArray.CreateBuilder<(int, int)>();
        int classes = taken;
        for (int network = 0; network < pairs.Networks; network++)
        {
            int[] nodes = FaultPairs.Members(topology, network);
            if (!Array.Exists(nodes, n => pairs.Row(network, n).ContainsAnyExcept(0UL)))
            {
                continue;
            }

            List<List<int>> groups = Group(pairs, network, nodes);
            foreach ((int group, List<int> group_nodes) in groups.Index())
            {
                members.AddRange(group_nodes.Select(n => (network, n, classes + group + 1)));
            }

            for (int a = 0; a < groups.Count; a++)
            {
                for (int b = 0; b < groups.Count; b++)
                {
                    // Any member speaks for its class; within a class, any two do.
                    int receiver = a == b ? groups[b][^1] : groups[b][0];
                    if (pairs.Contains(network, groups[a][0], receiver))
                    {
                        cuts.Add((classes + a + 1, classes + b + 1));
                    }
                }
            }

            classes += groups.Count;
        }

        return new CutClasses(members.ToImmutable(), cuts.ToImmutable());
    }

    /// <summary>
    /// Two nodes are alike if their rows and columns agree when each is counted as kept with itself (a cluster), or when each is counted as
    /// cut from itself (nodes isolated together).
    /// </summary>
    private static List<List<int>> Group(PairSet pairs, int network, int[] nodes)
    {
        PairSet columns = pairs.Transposed(network);
        List<List<int>> kept = GroupBy(pairs, columns, network, nodes, withSelf: false);
        int[] singles = [.. kept.Where(g => g.Count == 1).Select(g => g[0])];
        List<List<int>> cut = GroupBy(pairs, columns, network, singles, withSelf: true);
        return [.. kept.Where(g => g.Count > 1).Concat(cut).OrderBy(g => g[0])];
    }

    private static List<List<int>> GroupBy(PairSet rows, PairSet columns, int network, int[] nodes, bool withSelf)
    {
        var groups = new Dictionary<Relation, List<int>>();
        foreach (int node in nodes)
        {
            ulong[] key = [.. rows.Row(network, node), .. columns.Row(0, node)];
            if (withSelf)
            {
                int half = key.Length / 2;
                key[node / 64] |= 1UL << (node % 64);
                key[half + (node / 64)] |= 1UL << (node % 64);
            }

            var relation = new Relation(key);
            if (!groups.TryGetValue(relation, out List<int>? group))
            {
                groups.Add(relation, group = []);
            }

            group.Add(node);
        }

        return [.. groups.Values];
    }

    private readonly struct Relation(ulong[] bits) : IEquatable<Relation>
    {
        private readonly ulong[] _bits = bits;

        public bool Equals(Relation other) => _bits.AsSpan().SequenceEqual(other._bits);

        public override bool Equals(object? obj) => obj is Relation other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_bits.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
