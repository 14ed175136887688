using System.Collections.Immutable;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>Which ordered pairs a fault means in a lab. Pure: no network is needed to know.</summary>
public static class FaultPairs
{
    /// <summary>The pairs that the fault cuts, or for <see cref="Fault.Mend"/> mends; empty for <see cref="Fault.Heal"/>.</summary>
    /// <remarks>Only pairs that share a network, or that routers join, are in it: the others have nothing to cut.</remarks>
    /// <exception cref="InputException">
    /// A name is not a node of the lab, clusters are incomplete, a shape has too few nodes, nothing joins the nodes, or a router on the way hides
    /// who speaks to whom.
    /// </exception>
    public static PairSet Of(Fault fault, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(topology);
        var nodes = new Names(topology, fault is Fault.Loss { Except: var except } ? except : fault is Fault.Mend { Except: var of } ? of : []);
        var pairs = PairSet.For(topology);
        switch (fault)
        {
            case Fault.Isolate isolate:
                NodeSet alone = nodes.Set(isolate.Nodes);
                if (alone.IsEmpty)
                {
                    throw new InputException("isolate names no node, so there is nothing to cut");
                }

                Add(pairs, topology, a => alone.Contains(a) ? nodes.Everyone : alone);
                break;

            case Fault.Split split:
                AddUnlessTogether(pairs, topology, [.. split.Clusters.Select(nodes.Set)], nodes.Everyone);
                break;

            case Fault.Disjoint disjoint:
                NodeSet[] clusters = [.. disjoint.Clusters.Select(nodes.Set)];
                RequirePartition(clusters, topology);
                AddUnlessTogether(pairs, topology, clusters, nodes.Everyone);
                break;

            case Fault.Partial partial:
                AddAcross(pairs, topology, nodes, partial);
                break;

            case Fault.Ordered shape:
                AddShape(pairs, topology, nodes, shape);
                break;

            case Fault.Cut cut:
                AddDirected(pairs, topology, nodes, cut);
                break;

            case Fault.Mend mend:
                AddDirected(pairs, topology, nodes, new Fault.Cut(mend.From, mend.To, mend.BothWays, mend.Network));
                break;
        }

        if (fault is Fault.Loss)
        {
            Attribution.Require(pairs, topology);
        }

        return pairs;
    }

    /// <summary>The numbers of the nodes on a network, in the file's order; behind the networks, where there are routers: of all.</summary>
    internal static int[] Members(LabTopology topology, int network)
    {
        if (network == topology.Networks.Length)
        {
            return [.. Enumerable.Range(0, topology.Nodes.Length)];
        }

        string name = topology.Networks[network].Name;
        return [.. Enumerable.Range(0, topology.Nodes.Length).Where(n => topology.Nodes[n].Attachments.Any(a => a.Network == name))];
    }

    private static void RequirePartition(NodeSet[] clusters, LabTopology topology)
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

    private static void AddAcross(PairSet pairs, LabTopology topology, Names nodes, Fault.Partial partial)
    {
        NodeSet[] groups = [.. partial.Groups.Select(nodes.Set)];
        if (groups.Length < 2)
        {
            throw new InputException("partial names one group, which is cut from nobody: expected two or more");
        }

        for (int node = 0; node < topology.Nodes.Length; node++)
        {
            if (groups.Count(g => g.Contains(node)) > 1)
            {
                throw new InputException($"partial has {topology.Nodes[node].Name} in two groups: expected it in one, or in none, which sees all groups");
            }
        }

        NodeSet grouped = nodes.None;
        foreach (NodeSet group in groups)
        {
            grouped.Add(group);
        }

        Add(pairs, topology, a => Array.Find(groups, g => g.Contains(a)) is { } own ? grouped.Except(own) : nodes.None);
    }

    private static void AddShape(PairSet pairs, LabTopology topology, Names nodes, Fault.Ordered shape)
    {
        ImmutableArray<int> concerned = nodes.List(shape.Nodes.IsEmpty ? [NodeTargets.All] : shape.Nodes);
        ImmutableArray<int> ordered = Shapes.InOrder(concerned, shape.Order);
        NodeSet all = nodes.SetOf(concerned);
        switch (shape)
        {
            case Fault.Halves:
                AddUnlessTogether(pairs, topology, Sets(Shapes.Halves(ordered)), all);
                break;
            case Fault.MinorityThird:
                AddUnlessTogether(pairs, topology, Sets(Shapes.MinorityThird(ordered)), all);
                break;
            case Fault.Bridge bridge:
                int? via = bridge.Via is null ? null : nodes.One(bridge.Via);
                if (via is { } middle && !all.Contains(middle))
                {
                    throw new InputException($"bridge goes via {bridge.Via}, which is not among its nodes: expected one of them");
                }

                AddUnlessTogether(pairs, topology, Sets(Shapes.Bridge(ordered, via)), all);
                break;
            default:
                ImmutableArray<ImmutableArray<int>> kept = Shapes.Ring(ordered);
                var keptBy = ordered.Index().ToDictionary(n => n.Item, n => nodes.SetOf(kept[n.Index]));
                Add(pairs, topology, a => keptBy.TryGetValue(a, out NodeSet? keeps) ? all.Except(keeps) : nodes.None);
                break;
        }

        NodeSet[] Sets(ImmutableArray<ImmutableArray<int>> lists) => [.. lists.Select(l => nodes.SetOf(l))];
    }

    /// <summary>Cuts those concerned from each other unless some cluster has both.</summary>
    private static void AddUnlessTogether(PairSet pairs, LabTopology topology, NodeSet[] clusters, NodeSet concerned)
    {
        var nobody = new NodeSet(topology.Nodes.Length);
        Add(pairs, topology, a =>
        {
            if (!concerned.Contains(a))
            {
                return nobody;
            }

            var kept = new NodeSet(topology.Nodes.Length);
            foreach (NodeSet cluster in clusters)
            {
                if (cluster.Contains(a))
                {
                    kept.Add(cluster);
                }
            }

            return concerned.Except(kept);
        });
    }

    private static void AddDirected(PairSet pairs, LabTopology topology, Names nodes, Fault.Cut cut)
    {
        // What is between nodes and the outside is another set's.
        bool hasOutside = cut.From.Concat(cut.To).Any(OutsideEnds.IsEnd);
        cut = cut with { From = [.. cut.From.Where(n => !OutsideEnds.IsEnd(n))], To = [.. cut.To.Where(n => !OutsideEnds.IsEnd(n))] };
        (NodeSet from, NodeSet to) = (nodes.Set(cut.From), nodes.Set(cut.To));
        if (hasOutside && (cut.From.IsEmpty || cut.To.IsEmpty))
        {
            return;
        }

        var nobody = new NodeSet(topology.Nodes.Length);
        NodeSet both = from.Or(to);
        int? only = cut.Network is null ? null : NetworkIndex(cut.Network, topology);
        Add(
            pairs,
            topology,
            a => (from.Contains(a), cut.BothWays && to.Contains(a)) switch
            {
                (true, true) => both,
                (true, false) => to,
                (false, true) => from,
                _ => nobody,
            },
            only);
        if (pairs.IsEmpty && !hasOutside)
        {
            throw Attribution.NothingJoins(from, to, cut, topology);
        }
    }

    /// <summary>Adds for every node those that it is cut from, on each network that it is on, and behind the networks if routers join them.</summary>
    private static void Add(PairSet pairs, LabTopology topology, Func<int, NodeSet> cutFrom, int? only = null)
    {
        NodeSet[] members = [.. Enumerable.Range(0, topology.Networks.Length).Select(n => NodeSet.Of(topology.Nodes.Length, Members(topology, n)))];
        Joined? joined = only is null && pairs.Networks > topology.Networks.Length ? Joined.Of(topology) : null;
        for (int node = 0; node < topology.Nodes.Length; node++)
        {
            NodeSet others = cutFrom(node);
            if (others.IsEmpty)
            {
                continue;
            }

            for (int network = 0; network < members.Length; network++)
            {
                if (members[network].Contains(node) && (only ?? network) == network)
                {
                    pairs.AddRow(network, node, others.And(members[network]));
                }
            }

            if (joined is not null)
            {
                pairs.AddRow(topology.Networks.Length, node, others.And(joined.With(node)));
            }
        }
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

    /// <summary>Names of nodes, tags and <c>all</c>, as numbers.</summary>
    private sealed class Names
    {
        private readonly LabTopology _topology;
        private readonly NodeSet _except;

        public Names(LabTopology topology, ImmutableArray<string> except)
        {
            _topology = topology;
            Everyone = SetOf(Enumerable.Range(0, topology.Nodes.Length));
            _except = SetOf(NodeTargets.Of(topology, except));
        }

        public NodeSet Everyone { get; }

        public NodeSet None => new(_topology.Nodes.Length);

        public ImmutableArray<int> List(ImmutableArray<string> names) => [.. NodeTargets.Of(_topology, names).Where(n => !_except.Contains(n))];

        public NodeSet Set(ImmutableArray<string> names) => SetOf(List(names));

        public NodeSet SetOf(IEnumerable<int> nodes) => NodeSet.Of(_topology.Nodes.Length, nodes);

        public int One(string name) => NodeTargets.Of(_topology, [name]) is [var only]
            ? only
            : throw new InputException($"'{name}' stands for several nodes: expected one");
    }
}
