using System.Net;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Evidence;

/// <summary>
/// Who speaks to whom, by what was counted. Of a lost packet the port that it came by says who sent it, and the address it went to whom it was for; of one
/// that a router passed on, its source address says who sent it first. Of a packet behind the rules the source address says it alone.
/// </summary>
internal sealed class PacketEnds
{
    private readonly LabTopology _topology;
    private readonly Dictionary<int, (int Network, int Node)> _ports = [];
    private readonly Dictionary<MacAddress, (int Network, int Node)> _hardware = [];
    private readonly Dictionary<IPAddress, int> _owners = [];
    private readonly int[][] _networks;
    private readonly Dictionary<int, (int Node, bool IsFabrics)> _linkPorts = []; // of links to the fabric

    public PacketEnds(LabTopology topology)
    {
        _topology = topology;
        var wiring = new Wiring(topology);
        _networks = [.. topology.Nodes.Select(n => n.Attachments.Select(a => wiring.Network(a.Network)).ToArray())];
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            foreach (Attachment attachment in node.Attachments)
            {
                int network = wiring.Network(attachment.Network);
                MacAddress mac = Wiring.NodeMac(network, number);
                Interface port = wiring.Port(network, number);
                _ports[port.Index] = (network, number);
                if (wiring.Plug(network) is { } plug)
                {
                    _linkPorts[port.Index] = (number, IsFabrics: false);
                    _linkPorts[plug.Port.Index] = (number, IsFabrics: true);
                }

                _hardware[mac] = (network, number);
                _owners[Wiring.LinkLocal(mac)] = number;
                foreach (IPAddress address in attachment.Addresses)
                {
                    _owners[address] = number;
                }
            }
        }
    }

    /// <summary>The number that an end outside of the lab has among the nodes.</summary>
    public static int Outside(LabTopology topology, string end) => topology.Nodes.Length + OutsideEnds.All.IndexOf(end);

    /// <summary>
    /// For what was counted between nodes and the outside: the pair, and its place among those pairs. Null: it was between nodes, or nobody can tell.
    /// </summary>
    public ((int From, int To) Pair, int Plane)? OfOutside(FlowCount flow, CutPartKind kind)
    {
        if (kind is CutPartKind.Host or CutPartKind.Internet)
        {
            string end = kind == CutPartKind.Host ? OutsideEnds.Host : OutsideEnds.Internet;
            int plane = OutsideEnds.All.IndexOf(end), outside = Outside(_topology, end);
            return OwnerOf(flow.To) is { } to ? ((outside, to), plane) : OwnerOf(flow.From) is { } from ? ((from, outside), plane) : null;
        }

        if (!_linkPorts.TryGetValue(flow.Out, out (int Node, bool IsFabrics) way))
        {
            return null;
        }

        int fabric = Outside(_topology, OutsideEnds.Fabric);
        return (way.IsFabrics ? (way.Node, fabric) : (fabric, way.Node), OutsideEnds.All.IndexOf(OutsideEnds.Fabric));
    }

    /// <summary>Who sent it on this stretch of its way, who sent it first, who was to get it on this stretch, and who at last; each null if nobody can tell.</summary>
    public readonly record struct Ends(int? Network, int? Near, int? Origin, int? Far, int? Target)
    {
        /// <summary>Whether a router had passed it on before.</summary>
        public bool IsPassedOn => Near != Origin;

        /// <summary>Pairs that it can count for, the one that it was sent over from end to end first.</summary>
        public IEnumerable<(int From, int To)> Pairs
        {
            get
            {
                foreach ((int? from, int? to) in ((int?, int?)[])[(Origin, Target), (Near, Target), (Origin, Far), (Near, Far)])
                {
                    if (from is { } a && to is { } b && a != b)
                    {
                        yield return (a, b);
                    }
                }
            }
        }
    }

    public Ends Of(FlowCount flow)
    {
        (int Network, int Node)? into = _ports.TryGetValue(flow.In, out var port) ? port : null;
        (int Network, int Node)? outOf = _ports.TryGetValue(flow.Out, out port) || _hardware.TryGetValue(flow.Mac, out port) ? port : null;
        int? sender = OwnerOf(flow.From);
        int? network = outOf?.Network ?? into?.Network;
        int? near = into?.Node ?? NearOf(sender, network, outOf?.Node);
        int? origin = near is { } n && !_topology.Nodes[n].IsRouter ? near : sender ?? near;
        return new(network, near, origin, outOf?.Node, OwnerOf(flow.To) ?? outOf?.Node);
    }

    private int? OwnerOf(IPAddress address) => _owners.TryGetValue(address, out int node) ? node : null;

    /// <summary>Without a port to tell: the sender where it is on the network, and else the network's router, if it has one beside the receiver.</summary>
    private int? NearOf(int? sender, int? network, int? far)
    {
        if (network is not { } on || sender is not { } from || _networks[from].Contains(on))
        {
            return sender;
        }

        int[] routers = [.. Enumerable.Range(0, _networks.Length).Where(n => n != far && _topology.Nodes[n].IsRouter && _networks[n].Contains(on))];
        return routers is [var only] ? only : sender;
    }
}
