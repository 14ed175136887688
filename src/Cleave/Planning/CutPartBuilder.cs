using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>Makes the parts of a cut table, with classes whose numbers are all different.</summary>
internal sealed class CutPartBuilder(LabTopology topology)
{
    private readonly Wiring _wiring = new(topology);
    private readonly ImmutableArray<CutPart>.Builder _parts = ImmutableArray.CreateBuilder<CutPart>();
    private int _classes;

    public ImmutableArray<CutPart> Parts => _parts.ToImmutable();

    public void Add(CutPartKind kind, Traffic? traffic, CutMode mode, PairSet pairs)
    {
        CutClasses classes = CutClasses.Of(pairs, topology, _classes);
        _classes = classes.Members.IsEmpty ? _classes : Math.Max(_classes, classes.Members.Max(m => m.Class));
        int routed = topology.Networks.Length;
        var part = new CutPart(_parts.Count, kind, traffic, mode)
        {
            Sources = [.. Ports(classes, n => n < routed)],
            Cuts = classes.Cuts,
        };
        part = kind == CutPartKind.Answers
            ? part with
            {
                Hardware = [.. classes.Members.Where(m => m.Network < routed).Select(m => (Wiring.NodeMac(m.Network, m.Node), m.Class))],
            }
            : part with { Targets = part.Sources };
        _parts.Add(kind == CutPartKind.Frames ? part : WithRouted(part, classes, routed));
    }

    private CutPart WithRouted(CutPart part, CutClasses classes, int routed)
    {
        var members = classes.Members.Where(m => m.Network == routed).ToList();
        if (members.Count == 0)
        {
            return part;
        }

        part = part with
        {
            RoutedSources = [.. Ports(classes, n => n == routed)],
            Destinations = [.. members.SelectMany(m => Addresses(m.Node).Select(a => (a, m.Class)))],
        };
        if (part.Kind == CutPartKind.Answers)
        {
            return part;
        }

        var nodes = members.GroupBy(m => m.Class).ToDictionary(g => g.Key, g => g.Select(m => m.Node).ToArray());
        return part with
        {
            RoutedTargets = part.RoutedSources,
            Origins = [.. classes.Cuts.Where(c => nodes.ContainsKey(c.From)).SelectMany(c => nodes[c.From].SelectMany(Addresses).Select(a => (a, c.To)))],
        };
    }

    /// <summary>Of members behind the networks, all their ports.</summary>
    private IEnumerable<(string, int)> Ports(CutClasses classes, Func<int, bool> isMeant) => classes.Members
        .Where(m => isMeant(m.Network))
        .SelectMany(m => m.Network < topology.Networks.Length
            ? [(_wiring.Port(m.Network, m.Node).Name, m.Class)]
            : topology.Nodes[m.Node].Attachments.Select(a => (_wiring.Port(_wiring.Network(a.Network), m.Node).Name, m.Class)));

    private IEnumerable<IPAddress> Addresses(int node) => topology.Nodes[node].Attachments.SelectMany(a => a.Addresses)
        .OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6);
}
