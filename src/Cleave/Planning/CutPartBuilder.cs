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
        ImmutableArray<PortClass> ports = [.. Ports(classes, n => n < routed)];
        var part = new CutPart(_parts.Count, kind, traffic, mode);
        part = kind == CutPartKind.Answers
            ? part with
            {
                Sources = Named(ports),
                Hardware = [.. classes.Members.Where(m => m.Network < routed).Select(m => (Wiring.NodeMac(m.Network, m.Node), m.Class))],
                Cuts = classes.Cuts,
            }
            : part with
            {
                Sources = Named(ports.Where(p => p.Mark is null)),
                Targets = Named(ports),
                Cuts = Marked(classes, ports),
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
    }

    private CutPart WithRouted(CutPart part, CutClasses classes, int routed)
    {
        var members = classes.Members.Where(m => m.Network == routed).ToList();
        if (members.Count == 0)
        {
            return part;
        }

        ImmutableArray<PortClass> ports = [.. Ports(classes, n => n == routed)];
        part = part with
        {
            Destinations = [.. members.SelectMany(m => Addresses(m.Node).Select(a => (a, m.Class)))],
        };
        if (part.Kind == CutPartKind.Answers)
        {
            return part with { RoutedSources = Named(ports) };
        }

        var nodes = members.GroupBy(m => m.Class).ToDictionary(g => g.Key, g => g.Select(m => m.Node).ToArray());
        return part with
        {
            RoutedSources = Named(ports.Where(p => p.Mark is null)),
            RoutedTargets = Named(ports),
            Cuts = [.. part.Cuts, .. Marked(classes with { Cuts = [.. classes.Cuts.Where(c => nodes.ContainsKey(c.From))] }, ports).Except(part.Cuts)],
            Origins = [.. classes.Cuts.Where(c => nodes.ContainsKey(c.From)).SelectMany(c => nodes[c.From].SelectMany(Addresses).Select(a => (a, c.To)))],
        };
    }

    private static ImmutableArray<(string, int)> Named(IEnumerable<PortClass> ports) => [.. ports.Select(p => (p.Port, p.Class))];

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

    /// <summary>Of members behind the networks, all their ports.</summary>
    private IEnumerable<PortClass> Ports(CutClasses classes, Func<int, bool> isMeant) => classes.Members
        .Where(m => isMeant(m.Network))
        .SelectMany(m => m.Network < topology.Networks.Length
            ? [Port(m.Network, m.Node, m.Class)]
            : topology.Nodes[m.Node].Attachments.Select(a => Port(wiring.Network(a.Network), m.Node, m.Class)));

    private PortClass Port(int network, int node, int number)
    {
        string name = wiring.Port(network, node).Name;
        return new(name, number, wiring.SpansBridges(network) ? int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture) : null);
    }

    private IEnumerable<IPAddress> Addresses(int node) => topology.Nodes[node].Attachments.SelectMany(a => a.Addresses)
        .OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6);

    private readonly record struct PortClass(string Port, int Class, int? Mark);
}
