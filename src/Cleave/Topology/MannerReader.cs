using System.Collections.Immutable;
using Cleave.Evidence;
using Cleave.Faults;

namespace Cleave.Topology;

/// <summary>What the mapping of a fault says besides its nodes.</summary>
internal class MannerDraft(ScenarioReading reading)
{
    public ScenarioReading Reading => reading;

    public NodeNameList? Except { get; set; }

    public List<TrafficClass> Traffic { get; } = [];

    public CutMode Mode { get; set; }

    public bool Arp { get; set; }

    public TrafficDemand Demand { get; set; }

    /// <summary>The fault as the mapping says.</summary>
    public Fault.Loss Apply(Fault.Loss fault) =>
        fault with { Except = Except?.Texts ?? [], Manner = new(Cleave.Faults.Traffic.Of(Traffic), Mode, Arp), Demand = Demand };
}

/// <summary>Reads which packets a fault loses, and what the sender learns.</summary>
internal static class MannerReader
{
    private const string ExpectedPorts = "'all', a port, 1 to 65535, a range such as '8000-8010', or a list of these";

    private static readonly string[] Modes = [.. Enum.GetNames<CutMode>().Select(m => m.ToLowerInvariant())];

    private static readonly string[] Demands = ["some", "every-pair", "none"];

    private static readonly Shape Port = Shape.Any(Shape.Port, new Shape.Text("a range of ports", "8000-8010", "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$"));
    private static readonly Shape Ports = Shape.Any(Shape.OneOf("all"), Port, new Shape.ListOf(Port));

    /// <summary>The keys that say which packets are meant.</summary>
    public static Keys<TDraft> WithTraffic<TDraft>(this Keys<TDraft> keys)
        where TDraft : MannerDraft
    {
        keys.Add("except", Shape.NodeNames, "But not these nodes: for `all` and tags.", (_, entry, draft) => draft.Except = draft.Reading.Names.Several(entry.Value));
        keys.Add("tcp", Ports, "Only TCP, to these destination ports.", (reading, entry, draft) => Take(reading, entry, draft, Protocol.Tcp));
        keys.Add("udp", Ports, "Only UDP, to these destination ports. With `tcp` or `icmp` beside it, these are meant, too.", (reading, entry, draft) => Take(reading, entry, draft, Protocol.Udp));
        keys.Add("icmp", new Shape.Truth(), "Only ICMP and ICMPv6, neighbour discovery apart.", (reading, entry, draft) =>
        {
            if (reading.Truth(entry.Value) is true)
                draft.Traffic.Add(new(Protocol.Icmp, []));
        });
        return keys;
    }

    /// <summary>These, and the keys that say how packets are lost.</summary>
    public static Keys<TDraft> WithManner<TDraft>(this Keys<TDraft> keys)
        where TDraft : MannerDraft
    {
        keys.WithTraffic();
        keys.Add("mode", Shape.OneOf([.. Modes]),
            "What the sender learns: `drop`, the default, is silence; `reject` is what a firewall says (ICMP administratively prohibited); `reset` is what a machine says "
            + "on which no program listens (a TCP reset, also of established connections; ICMP port unreachable).",
            (reading, entry, draft) => draft.Mode = reading.Choice(entry.Value, Modes) is { } word ? Enum.Parse<CutMode>(word, ignoreCase: true) : default);
        keys.Add("arp", Shape.OneOf("keep", "cut"),
            "`cut`: ARP, neighbour discovery and all other frames are lost, too, as with a dead switch. Up to 128 nodes a network know each other's MAC addresses without ARP.",
            (reading, entry, draft) => draft.Arp = reading.Choice(entry.Value, ["keep", "cut"]) == "cut");
        keys.Add("traffic", Shape.OneOf([.. Demands]),
            "What must have been sent over its pairs, or the scenario is inconclusive: `some`, the default, a packet over one of them; `every-pair` one over each, both ways "
            + "where both are cut; `none` nothing, where silence is what is meant.",
            (reading, entry, draft) => draft.Demand = reading.Choice(entry.Value, Demands) switch
            {
                "none" => TrafficDemand.None,
                "every-pair" => TrafficDemand.EveryPair,
                _ => TrafficDemand.Some,
            });
        return keys;
    }

    private static void Take(Reading reading, MapEntry entry, MannerDraft draft, Protocol protocol)
    {
        if (entry.Value is TextNode { Value: "all" })
        {
            draft.Traffic.Add(new(protocol, []));
            return;
        }

        var ranges = ImmutableArray.CreateBuilder<PortRange>();
        foreach (var item in entry.Value is ListNode ? reading.Items(entry.Value, ExpectedPorts) : [entry.Value])
        {
            if (reading.Text(item, ExpectedPorts) is not { } text)
                continue;
            if (Traffic.TryPorts(text, out var ports))
                ranges.AddRange(ports);
            else
                reading.Wrong(item, ExpectedPorts);
        }

        if (ranges.Count > 0)
            draft.Traffic.Add(new(protocol, ranges.ToImmutable()));
    }
}
