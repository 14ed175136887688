using System.Collections.Immutable;
using System.Net;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What the cut table has in it: which port is in which class, and which class cannot send to which.</summary>
/// <param name="Generation">
/// Counts switches: the names of sets and chains end in it, so that the new ones can be loaded beside those in force, and a packet that is being
/// judged by the old rules goes on finding the old sets.
/// </param>
/// <param name="Parts">One for each kind of loss or answer; empty if nothing is cut.</param>
public sealed record CutRuleset(int Generation, ImmutableArray<CutPart> Parts)
{
    /// <summary>No cut, and none before: the chain is empty and costs nothing.</summary>
    public static CutRuleset Healed { get; } = new(0, []);

    /// <summary>Whether a network has several bridges, between which packets pass unjudged.</summary>
    public bool HasTrunks { get; init; }

    /// <summary>The families of addresses that the lab has, true for IPv6: what is counted.</summary>
    internal ImmutableArray<bool> Families { get; init; } = [false];

    /// <summary>
    /// Whether it is counted on the bridges what passes, where all packets meet the counters, instead of at the ports of receivers: for kernels that have no
    /// egress of ports (before Linux 5.16, or built without CONFIG_NETFILTER_EGRESS).
    /// </summary>
    internal bool WatchesBridges { get; init; }

    /// <summary>Whether somebody else has taken away what counts behind the rules.</summary>
    internal bool HasLostExits { get; init; }

    /// <summary>True if nothing is cut.</summary>
    public bool IsHealed => Parts.IsEmpty;

    /// <summary>How many elements all sets and maps have together.</summary>
    public int Elements => Parts.Sum(p => p.Elements);

    /// <summary>The rules for what is cut.</summary>
    public static CutRuleset Of(Cuts cuts, LabTopology topology, int generation)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        ArgumentNullException.ThrowIfNull(topology);
        var wiring = new Wiring(topology);
        var builder = new CutPartBuilder(topology, wiring);
        if (!cuts.Frames.IsEmpty)
        {
            builder.Add(CutPartKind.Frames, null, CutMode.Drop, cuts.Frames);
        }

        if (!cuts.Packets.IsEmpty)
        {
            builder.Add(CutPartKind.Packets, null, CutMode.Drop, cuts.Packets);
        }

        foreach (SomeCut some in cuts.Some)
        {
            builder.Add(CutPartKind.Packets, some.Traffic, CutMode.Drop, some.Pairs);
        }

        foreach (AnsweredCut answered in cuts.Answers)
        {
            builder.Add(CutPartKind.Answers, answered.Traffic, answered.Mode, answered.Pairs);
        }

        if (cuts.Outside is { } outside)
        {
            builder.AddOutside(null, outside.Packets);
            foreach (SomeCut some in outside.Some)
            {
                builder.AddOutside(some.Traffic, some.Pairs);
            }
        }

        return new(generation, builder.Parts)
        {
            HasTrunks = wiring.HasTrunks,
            Families = [.. CutSwitch.Families(topology.Nodes.SelectMany(n => n.Attachments).SelectMany(a => a.Addresses).Select(a => a.AddressFamily))],
        };
    }

    /// <summary>What the names of a part's sets and chains end in.</summary>
    internal string Suffix(CutPart part) => part.Number == 0 ? $"{Generation}" : $"{Generation}.{part.Number}";
}

/// <summary>Where in a packet's way a part stands.</summary>
public enum CutPartKind
{
    /// <summary>Every frame is lost: on the bridge, before ARP and neighbour discovery are let through.</summary>
    Frames,

    /// <summary>IPv4 and IPv6 packets are lost, silently: on the bridge.</summary>
    Packets,

    /// <summary>Packets are lost and answered: at the ingress of the sender's port, since a bridge can answer nowhere else.</summary>
    Answers,

    /// <summary>Published traffic is lost: where it enters a bridge from the fabric, and where its answers leave it.</summary>
    Host,

    /// <summary>Packets of the uplink are lost: where the fabric passes them on.</summary>
    Internet,
}

/// <summary>One kind of loss or answer.</summary>
/// <param name="Number">From 0, in the order of the rules.</param>
/// <param name="Kind">Where it stands.</param>
/// <param name="Traffic">Which packets; null: all.</param>
/// <param name="Mode">For answers: what they are.</param>
public sealed record CutPart(int Number, CutPartKind Kind, Traffic? Traffic, CutMode Mode)
{
    /// <summary>Classes of senders' ports; not of those on networks of several bridges, where the mark of the port stands for itself.</summary>
    public ImmutableArray<(Interface Port, int Class)> Sources { get; init; } = [];

    /// <summary>Classes of receivers' ports.</summary>
    public ImmutableArray<(Interface Port, int Class)> Targets { get; init; } = [];

    /// <summary>For answers: the same of receivers' MAC addresses.</summary>
    public ImmutableArray<(MacAddress Mac, int Class)> Hardware { get; init; } = [];

    /// <summary>Classes of senders' ports towards what is behind routers.</summary>
    public ImmutableArray<(Interface Port, int Class)> RoutedSources { get; init; } = [];

    /// <summary>Classes of receivers' ports for what comes from behind routers.</summary>
    public ImmutableArray<(Interface Port, int Class)> RoutedTargets { get; init; } = [];

    /// <summary>Classes of destination addresses behind routers.</summary>
    public ImmutableArray<(IPAddress Address, int Class)> Destinations { get; init; } = [];

    /// <summary>Ports at which it is counted what comes to receivers all the same, and to routers on the way to them.</summary>
    public ImmutableArray<Interface> Watched { get; init; } = [];

    /// <summary>Ordered pairs: class (or mark) of the sender, class of the receiver.</summary>
    public ImmutableArray<(int From, int To)> Cuts { get; init; } = [];

    /// <summary>Ordered pairs: origin address, class of the last port.</summary>
    public ImmutableArray<(IPAddress From, int To)> Origins { get; init; } = [];

    /// <summary>For host and internet: nodes' addresses, which they do not reach.</summary>
    public ImmutableArray<IPAddress> LostTo { get; init; } = [];

    /// <summary>For host and internet: nodes' addresses, which do not reach them.</summary>
    public ImmutableArray<IPAddress> LostFrom { get; init; } = [];

    /// <summary>How many elements its sets and maps have together.</summary>
    public int Elements => LostTo.Length + LostFrom.Length + Sources.Length + Targets.Length + Hardware.Length + RoutedSources.Length + RoutedTargets.Length
        + Destinations.Length + Cuts.Length + Origins.Length;
}
