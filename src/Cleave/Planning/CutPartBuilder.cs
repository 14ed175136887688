using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>Makes the parts of a cut table, with classes whose numbers are all different.</summary>
internal sealed class CutPartBuilder(LabTopology topology, Wiring wiring)
{
    private readonly ImmutableArray<CutPart>.Builder _parts = ImmutableArray.CreateBuilder<CutPart>();

    // Marks of ports are numbers, too, and stand where those of classes do.
    private int _classes = wiring.HasTrunks ? topology.Nodes.Sum(n => n.Attachments.Length) : 0;

    public ImmutableArray<CutPart> Parts => _parts.ToImmutable();

    public void Add(CutPartKind kind, Traffic? traffic, CutMode mode, PairSet pairs)
    {
        CutClasses classes = CutClasses.Of(pairs, topology, _classes);
        _classes = classes.Members.IsEmpty ? _classes : Math.Max(_classes, classes.Members.Max(m => m.Class));
        int routed = topology.Networks.Length;
        ImmutableArray<PortClass> senders = [.. Senders(classes, n => n < routed)], receivers = [.. Receivers(classes, n => n < routed)];
        var part = new CutPart(_parts.Count, kind, traffic, mode);
        part = kind == CutPartKind.Answers
            ? part with
            {
                Sources = Named(senders),
                Hardware = [.. Cut(classes, c => c.To).Where(m => m.Network < routed).Select(m => (Wiring.NodeMac(m.Network, m.Node), m.Class))],
                Cuts = classes.Cuts,
            }
            : part with
            {
                Sources = Named(senders.Where(p => p.Mark is null)),
                Targets = Named(receivers),
                Watched = [.. receivers.Select(p => p.Port)],
                Cuts = Marked(classes, senders),
            };
        _parts.Add(kind == CutPartKind.Frames ? part : WithRouted(part, classes, routed));
    }

    /// <summary>What is cut between nodes and the outside.</summary>
    public void AddOutside(Traffic? traffic, PairSet pairs)
    {
        int outside = topology.Nodes.Length;
        foreach ((int plane, CutPartKind kind) in ((int, CutPartKind)[])[(0, CutPartKind.Host), (1, CutPartKind.Internet)])
        {
            var part = new CutPart(_parts.Count, kind, traffic, CutMode.Drop)
            {
                LostTo = [.. Enumerable.Range(0, outside).Where(n => pairs.Contains(plane, outside, n)).SelectMany(Addresses)],
                LostFrom = [.. Enumerable.Range(0, outside).Where(n => pairs.Contains(plane, n, outside)).SelectMany(Addresses)],
            };
            if (part.Elements > 0)
            {
                _parts.Add(part);
            }
        }

        AddFabric(traffic, pairs, OutsideEnds.All.IndexOf(OutsideEnds.Fabric));
    }

    /// <summary>What is cut on links to the fabric, whose end is behind a port as the node's is: two classes a direction, since each port leads to one other.</summary>
    private void AddFabric(Traffic? traffic, PairSet pairs, int plane)
    {
        int outside = topology.Nodes.Length;
        (Interface Node, Interface Fabric)[] toNode = [.. Links(n => pairs.Contains(plane, outside, n))], toFabric = [.. Links(n => pairs.Contains(plane, n, outside))];
        if (toNode.Length + toFabric.Length == 0)
        {
            return;
        }

        int first = _classes + 1;
        _classes += 4;
        _parts.Add(new CutPart(_parts.Count, CutPartKind.Packets, traffic, CutMode.Drop)
        {
            Sources = [.. toFabric.Select(l => (l.Node, first)), .. toNode.Select(l => (l.Fabric, first + 2))],
            Targets = [.. toFabric.Select(l => (l.Fabric, first + 1)), .. toNode.Select(l => (l.Node, first + 3))],
            Watched = [.. toFabric.Select(l => l.Fabric), .. toNode.Select(l => l.Node)],
            Cuts = [.. toFabric.Length > 0 ? [(first, first + 1)] : (ReadOnlySpan<(int, int)>)[], .. toNode.Length > 0 ? [(first + 2, first + 3)] : (ReadOnlySpan<(int, int)>)[]],
        });

        IEnumerable<(Interface, Interface)> Links(Func<int, bool> isMeant) =>
            from node in Enumerable.Range(0, outside)
            where isMeant(node)
            from link in OutsideEnds.LinksToFabric(topology, node)
            select (wiring.Port(link, node), wiring.Plug(link)!.Port);
    }

    private CutPart WithRouted(CutPart part, CutClasses classes, int routed)
    {
        var members = classes.Members.Where(m => m.Network == routed).ToList();
        if (members.Count == 0)
        {
            return part;
        }

        ImmutableArray<PortClass> senders = [.. Senders(classes, n => n == routed)];
        part = part with
        {
            Destinations = [.. Cut(classes, c => c.To).Where(m => m.Network == routed).SelectMany(m => Addresses(m.Node).Select(a => (a, m.Class)))],
        };
        if (part.Kind == CutPartKind.Answers)
        {
            return part with { RoutedSources = Named(senders) };
        }

        var nodes = members.GroupBy(m => m.Class).ToDictionary(g => g.Key, g => g.Select(m => m.Node).ToArray());
        return part with
        {
            RoutedSources = Named(senders.Where(p => p.Mark is null)),
            RoutedTargets = Named(Receivers(classes, n => n == routed)),
            Watched = [.. part.Watched.Concat(Receivers(classes, n => n == routed).Select(p => p.Port)).Concat(RouterPorts()).Distinct()],
            Cuts = [.. part.Cuts, .. Marked(classes with { Cuts = [.. classes.Cuts.Where(c => nodes.ContainsKey(c.From))] }, senders).Except(part.Cuts)],
            Origins = [.. classes.Cuts.Where(c => nodes.ContainsKey(c.From)).SelectMany(c => nodes[c.From].SelectMany(Addresses).Select(a => (a, c.To)))],
        };
    }

    private static ImmutableArray<(Interface, int)> Named(IEnumerable<PortClass> ports) => [.. ports.Select(p => (p.Port, p.Class))];

    /// <summary>The pairs of classes; where ports stand for themselves, one pair for each of those of the sender's class.</summary>
    private static ImmutableArray<(int From, int To)> Marked(CutClasses classes, ImmutableArray<PortClass> ports)
    {
        if (ports.All(p => p.Mark is null))
        {
            return classes.Cuts;
        }

        ILookup<int, PortClass> byClass = ports.ToLookup(p => p.Class);
        return [.. classes.Cuts.SelectMany(c => byClass[c.From].Select(p => (p.Mark ?? c.From, c.To)).Distinct())];
    }

    private IEnumerable<PortClass> Senders(CutClasses classes, Func<int, bool> isMeant) => Ports(Cut(classes, c => c.From), isMeant);

    private IEnumerable<PortClass> Receivers(CutClasses classes, Func<int, bool> isMeant) => Ports(Cut(classes, c => c.To), isMeant);

    /// <summary>Members of the classes that are at that end of a cut: whoever is at none shall find itself in no map.</summary>
    private static IEnumerable<(int Network, int Node, int Class)> Cut(CutClasses classes, Func<(int From, int To), int> end)
    {
        HashSet<int> ends = [.. classes.Cuts.Select(end)];
        return classes.Members.Where(m => ends.Contains(m.Class));
    }

    /// <summary>Of members behind the networks, all their ports.</summary>
    private IEnumerable<PortClass> Ports(IEnumerable<(int Network, int Node, int Class)> members, Func<int, bool> isMeant) => members
        .Where(m => isMeant(m.Network))
        .SelectMany(m => m.Network < topology.Networks.Length
            ? [Port(m.Network, m.Node, m.Class)]
            : topology.Nodes[m.Node].Attachments.Select(a => Port(wiring.Network(a.Network), m.Node, m.Class)));

    private IEnumerable<Interface> RouterPorts() => topology.Nodes.Index()
        .Where(n => n.Item.IsRouter)
        .SelectMany(n => n.Item.Attachments.Select(a => wiring.Port(wiring.Network(a.Network), n.Index)));

    private PortClass Port(int network, int node, int number)
    {
        Interface port = wiring.Port(network, node);
        return new(port, number, wiring.SpansBridges(network) ? int.Parse(port.Name.AsSpan(1), CultureInfo.InvariantCulture) : null);
    }

    private IEnumerable<IPAddress> Addresses(int node) => topology.Nodes[node].Attachments.SelectMany(a => a.Addresses)
        .OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6);

    private readonly record struct PortClass(Interface Port, int Class, int? Mark);
}
