using System.Collections.Immutable;
using Cleave.Ports;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>
/// The ends of cuts that are no nodes: the host, which reaches nodes at published ports, the internet, which nodes reach by the uplink, and the fabric, where
/// it plays the host at the end of a link. Their pairs are a set of their own, since none of the other faults means them.
/// </summary>
internal static class OutsideEnds
{
    public const string Host = "host";
    public const string Internet = "internet";
    public const string Fabric = "fabric";

    /// <summary>In the order of the planes of a set of pairs.</summary>
    public static ImmutableArray<string> All { get; } = [Host, Internet, Fabric];

    public static bool IsEnd(string word) => All.Contains(word);

    /// <summary>An empty set: for each end a plane, in which it is the one behind the nodes.</summary>
    public static PairSet None(LabTopology topology) => new(All.Length, topology.Nodes.Length + 1);

    /// <summary>What a fault cuts or mends between nodes and the outside.</summary>
    /// <exception cref="InputException">It makes no sense there, or there is nothing to cut.</exception>
    public static PairSet Of(Fault fault, LabTopology topology)
    {
        PairSet pairs = None(topology);
        (ImmutableArray<string> from, ImmutableArray<string> to, bool bothWays, string? network, ImmutableArray<string> except) = fault switch
        {
            Fault.Cut f => (f.From, f.To, f.BothWays, f.Network, f.Except),
            Fault.Mend f => (f.From, f.To, f.BothWays, f.Network, f.Except),
            _ => ([], [], false, null, []),
        };
        if (!from.Concat(to).Any(IsEnd))
        {
            return pairs;
        }

        Require(fault, network, from, to);
        Add(pairs, topology, from.Where(IsEnd), Nodes(to), bothWays, outwards: false);
        Add(pairs, topology, to.Where(IsEnd), Nodes(from), bothWays, outwards: true);
        return pairs;

        int[] Nodes(ImmutableArray<string> words) => [.. NodeTargets.Of(topology, words.Where(w => !IsEnd(w))).Except(NodeTargets.Of(topology, except))];
    }

    /// <summary>The pairs of one end by name, as [sender, receiver].</summary>
    public static ImmutableArray<ImmutableArray<string>> Names(PairSet pairs, int end, LabTopology topology)
    {
        int outside = topology.Nodes.Length;
        return
        [
            .. from node in Enumerable.Range(0, outside)
               where pairs.Contains(end, outside, node)
               select (ImmutableArray<string>)[All[end], topology.Nodes[node].Name],
            .. from node in Enumerable.Range(0, outside)
               where pairs.Contains(end, node, outside)
               select (ImmutableArray<string>)[topology.Nodes[node].Name, All[end]],
        ];
    }

    private static void Require(Fault fault, string? network, ImmutableArray<string> from, ImmutableArray<string> to)
    {
        if (from.All(IsEnd) && to.All(IsEnd))
        {
            throw new InputException($"{FaultText.List(from)} and {FaultText.List(to)} are both outside of the lab, so there is nothing to cut: expected nodes at one end");
        }

        if (network is not null)
        {
            throw new InputException($"a cut of host, internet or fabric is one on every network or link of the node: expected no network {network} beside it");
        }

        if (fault is Fault.Loss { Manner: { Mode: not CutMode.Drop } or { Arp: true } })
        {
            throw new InputException("between nodes and host, internet or fabric packets can be lost only: expected neither a mode other than drop nor arp beside them");
        }
    }

    private static void Add(PairSet pairs, LabTopology topology, IEnumerable<string> ends, int[] nodes, bool bothWays, bool outwards)
    {
        int outside = topology.Nodes.Length;
        foreach (string end in ends)
        {
            if (end == Internet && topology.Gateway == GatewayChoice.None)
            {
                throw new InputException("this lab has no way out, so there is nothing to cut from the internet: expected 'gateway' in the lab file, or --gateway of up and test");
            }

            int plane = All.IndexOf(end);
            int[] concerned = [.. nodes.Where(n => end switch
            {
                Host => topology.Nodes[n].Ports.Any(p => !p.IsViaLoopback && !IsOverLink(topology, topology.Nodes[n], p)),
                Fabric => LinksToFabric(topology, n).Any(),
                _ => true,
            })];
            if (concerned.Length == 0)
            {
                Node[] named = [.. nodes.Select(n => topology.Nodes[n])];
                throw new InputException(end == Fabric ? Unlinked(named) : Unpublished(topology, named));
            }

            foreach (int node in concerned)
            {
                if (outwards || bothWays)
                {
                    pairs.Add(plane, node, outside);
                }

                if (!outwards || bothWays)
                {
                    pairs.Add(plane, outside, node);
                }
            }
        }
    }

    /// <summary>The numbers of the node's links whose other end is the fabric's, among the networks.</summary>
    public static IEnumerable<int> LinksToFabric(LabTopology topology, int node) =>
        from network in topology.Networks.Index()
        where network.Item.Link?.Fabric is not null && topology.Nodes[node].Attachments.Any(a => a.Network == network.Item.Name)
        select network.Index;

    private static string Unlinked(Node[] nodes) =>
        $"{FaultText.List([.. nodes.Select(n => n.Name)])} {(nodes.Length == 1 ? "has" : "have")} no link to the fabric, so there is nothing to cut from it: expected a node at the other end of one; "
        + "on a network the fabric is who probes, and nobody's host";

    /// <summary>There the fabric plays the host: published traffic is its own, too, and cut with it.</summary>
    private static bool IsOverLink(LabTopology topology, Node node, PublishedPort port) =>
        PublishedPorts.PlaceOf(node, port).Network is var name && topology.Links.Any(l => l.Name == name);

    private static string Unpublished(LabTopology topology, Node[] nodes) =>
        nodes.FirstOrDefault(n => n.Ports.Any(p => !p.IsViaLoopback && IsOverLink(topology, n, p))) is { } linked
            ? $"the published ports of {linked.Name} are reached over its link to the fabric, which plays the host there: cut it from fabric instead"
            : $"{FaultText.List([.. nodes.Select(n => n.Name)])} {(nodes.Length == 1 ? "has" : "have")} no published port"
        + (nodes.Any(n => !n.Ports.IsEmpty) ? $" but via {PublishedPort.Loopback}, which no cut stands in the way of" : "")
        + ", so there is nothing to cut from the host: expected 'ports' in the lab file";
}
