using System.Collections.Immutable;
using System.Net;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>One request of a change of the cut table: printed for nft(8) by <see cref="CutTableText"/>, encoded for netlink by the executor.</summary>
/// <param name="Family">The table's family: bridge, or netdev for what is answered.</param>
internal abstract record TableChange(TableFamily Family)
{
    /// <summary>The table's name.</summary>
    public string Table { get; init; } = CutSwitch.TableOf(Family);

    public sealed record AddTable(TableFamily Family) : TableChange(Family);

    public sealed record DeleteTable(TableFamily Family) : TableChange(Family);

    /// <summary>A base chain, of the bridges if nothing else is said: what a hook hands over.</summary>
    public sealed record AddBase(string Chain, Hook Hook) : TableChange(TableFamily.Bridge)
    {
        /// <summary>Whether it comes behind all that cuts.</summary>
        public bool IsBehind { get; init; }
    }

    /// <summary>A base chain at the ingress of ports.</summary>
    /// <param name="Chain">Its name.</param>
    /// <param name="Ports">256 at most.</param>
    public sealed record AddIngress(string Chain, ImmutableArray<string> Ports) : TableChange(TableFamily.Netdev);

    /// <summary>A base chain at the egress of ports.</summary>
    /// <inheritdoc cref="AddIngress"/>
    public sealed record AddEgress(string Chain, ImmutableArray<string> Ports) : TableChange(TableFamily.Netdev);

    /// <summary>A chain that others jump to.</summary>
    public sealed record AddChain(TableFamily Family, string Chain) : TableChange(Family);

    public sealed record FlushChain(TableFamily Family, string Chain) : TableChange(Family);

    public sealed record DeleteChain(TableFamily Family, string Chain) : TableChange(Family);

    /// <summary>A set or map with all its elements.</summary>
    /// <param name="Family">Its table's.</param>
    /// <param name="Kind">What is in it.</param>
    /// <param name="Set">Its name.</param>
    /// <param name="Count">How many elements, 0 for a set that grows: knowing it, the kernel takes a table of that size, which is filled and asked sooner than one that grows.</param>
    /// <param name="Elements">The elements.</param>
    public sealed record AddSet(TableFamily Family, CutSetKind Kind, string Set, int Count, IEnumerable<CutElement> Elements) : TableChange(Family);

    public sealed record DeleteSet(TableFamily Family, CutSetKind Kind, string Set) : TableChange(Family);

    public sealed record AddRule(TableFamily Family, string Chain, CutRule Rule) : TableChange(Family);
}

/// <summary>What is in a set or map.</summary>
internal enum CutSetKind
{
    /// <summary>Map: a port to a mark.</summary>
    PortToMark,

    /// <summary>Map: a port to a priority.</summary>
    PortToPriority,

    /// <summary>Map: a MAC address to a priority.</summary>
    MacToPriority,

    /// <summary>Map: an IPv4 address to a priority.</summary>
    IPv4ToPriority,

    /// <summary>Map: an IPv6 address to a priority.</summary>
    IPv6ToPriority,

    /// <summary>Set: a mark and a priority.</summary>
    MarkAndPriority,

    /// <summary>Set: an IPv4 address and a priority.</summary>
    IPv4AndPriority,

    /// <summary>Set: an IPv6 address and a priority.</summary>
    IPv6AndPriority,

    /// <summary>Set: IPv4 addresses.</summary>
    IPv4,

    /// <summary>Set: IPv6 addresses.</summary>
    IPv6,

    /// <summary>Set of counters that packets fill: the ports they come and go by, both IPv4 addresses.</summary>
    IPv4Flows,

    /// <summary>The same of IPv6.</summary>
    IPv6Flows,

    /// <summary>Set of counters that packets fill: the port they come by, the MAC address they go to, both IPv4 addresses.</summary>
    IPv4FlowsAtPort,

    /// <summary>The same of IPv6.</summary>
    IPv6FlowsAtPort,

    /// <summary>Set of counters that packets fill: the port they go by, both IPv4 addresses.</summary>
    IPv4Arrivals,

    /// <summary>The same of IPv6.</summary>
    IPv6Arrivals,

    /// <summary>Set of counters that packets fill: both IPv4 addresses.</summary>
    IPv4Ends,

    /// <summary>The same of IPv6.</summary>
    IPv6Ends,
}

/// <summary>An element: what the kind of its set needs of these.</summary>
internal readonly record struct CutElement(int Number, Interface Port = default, IPAddress? Address = null, MacAddress Mac = default, int Mark = 0);

/// <summary>A rule of the cut table. The field priority is a scratch register here: nothing else in the fabric reads it before the packet has left.</summary>
internal abstract record CutRule
{
    /// <summary>What is neither IPv4 nor IPv6 is let through: ARP.</summary>
    public sealed record AcceptOther : CutRule;

    /// <summary>Neighbour discovery is let through (RFC 4861).</summary>
    public sealed record AcceptDiscovery : CutRule;

    /// <summary>What goes to another bridge of the same network is judged where it leaves that one.</summary>
    public sealed record AcceptTrunks(string Prefix) : CutRule;

    /// <summary>The port that a packet comes in by says who speaks.</summary>
    /// <param name="Map">Ports; one that is not in it is no concern of this rule.</param>
    /// <param name="Chain">What judges those that are in it; null: the rules that follow.</param>
    public sealed record MarkByPort(string Map, string? Chain = null) : CutRule;

    /// <summary>The port that it leaves by says to whom.</summary>
    /// <inheritdoc cref="MarkByPort"/>
    public sealed record PriorityByPort(string Map, string? Chain = null) : CutRule;

    /// <summary>Its destination's MAC address says to whom.</summary>
    public sealed record PriorityByMac(string Map) : CutRule;

    /// <summary>Its destination says to whom, behind routers.</summary>
    public sealed record PriorityByDestination(string Map, bool IsIPv6) : CutRule;

    /// <summary>It is counted and lost.</summary>
    public sealed record Drop : CutRule;

    /// <summary>What is neither IPv4 nor IPv6 is counted and lost.</summary>
    public sealed record DropOther : CutRule;

    /// <summary>Neighbour discovery is counted and lost.</summary>
    public sealed record DropDiscovery : CutRule;

    /// <summary>Broadcasts and multicasts are counted and lost: they are meant for no single node.</summary>
    public sealed record DropToMany : CutRule;

    /// <summary>What has come by no port is let through: packets that the fabric has made itself.</summary>
    public sealed record AcceptOwn : CutRule;

    /// <summary>Cleave's own probes are counted apart.</summary>
    public sealed record GotoOfProbe(bool IsIPv6, string Chain) : CutRule;

    /// <summary>It is counted by its key, if there is room.</summary>
    /// <param name="Set">The set of counters.</param>
    /// <param name="Kind">What its keys are.</param>
    public sealed record Count(string Set, CutSetKind Kind) : CutRule
    {
        /// <summary>Whether the chain is done with what is counted.</summary>
        public bool Returns { get; init; }
    }

    /// <summary>Is it of a published port? Then it is counted by its addresses, and the chain is done with it.</summary>
    /// <param name="Set">The set of counters.</param>
    /// <param name="IsIPv6">The family of the addresses.</param>
    /// <param name="IsToNode">Towards the node; otherwise from it.</param>
    public sealed record CountPublished(string Set, bool IsIPv6, bool IsToNode) : CutRule;

    /// <summary>Counts packets of a family, all in one.</summary>
    public sealed record CountMissed(bool IsIPv6) : CutRule;

    /// <summary>Is it cut? Then it goes where it is counted and lost.</summary>
    /// <param name="Set">Marks and priorities.</param>
    /// <param name="Chain">Where it goes.</param>
    public sealed record IsCut(string Set, string Chain) : CutRule;

    /// <summary>Is it cut, by its origin and the last port?</summary>
    /// <inheritdoc cref="IsCut"/>
    public sealed record IsCutByOrigin(string Set, bool IsIPv6, string Chain) : CutRule;

    /// <summary>Is it of a published port, and its node's address in the set? Then it goes where it is counted and lost.</summary>
    /// <param name="Set">Nodes' addresses.</param>
    /// <param name="IsIPv6">The family of these.</param>
    /// <param name="IsToNode">Towards the node; otherwise from it.</param>
    /// <param name="Chain">Where it goes.</param>
    public sealed record IsPublished(string Set, bool IsIPv6, bool IsToNode, string Chain) : CutRule;

    /// <summary>Does it go out by the uplink, or come in by it, and is its node's address in the set? Then it goes where it is counted and lost.</summary>
    /// <inheritdoc cref="IsPublished"/>
    public sealed record IsOfUplink(string Set, bool IsIPv6, bool IsToNode, string Chain) : CutRule;

    /// <summary>It is counted, and answered by another chain.</summary>
    public sealed record Answer(string Chain) : CutRule;

    /// <summary>Another chain judges some traffic.</summary>
    /// <param name="Protocol">Its protocol.</param>
    /// <param name="Ports">Destination ports; null: all.</param>
    /// <param name="Chain">The chain.</param>
    public sealed record JumpFor(Protocol Protocol, PortRange? Ports, string Chain) : CutRule;

    /// <summary>Another chain judges.</summary>
    public sealed record Jump(string Chain) : CutRule;

    public sealed record ResetMark : CutRule;

    public sealed record ResetPriority : CutRule;

    /// <summary>The sender learns that no program listens, by TCP.</summary>
    public sealed record RejectWithReset : CutRule;

    /// <summary>The sender learns that no program listens, by ICMP.</summary>
    public sealed record RejectAsClosed : CutRule;

    /// <summary>The sender learns that a firewall is in the way.</summary>
    public sealed record RejectAsProhibited : CutRule;
}
