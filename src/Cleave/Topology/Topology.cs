using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>What a lab file says, checked: no name is dangling, no address is used twice.</summary>
/// <param name="File">Absolute path of the file it was read from.</param>
/// <param name="Networks">In the file's order, and behind them the links, each a network of two ends; never empty.</param>
/// <param name="Nodes">In the file's order, which is also the order that fault shapes take; never empty.</param>
/// <param name="Scenarios">In the file's order.</param>
public sealed record LabTopology(
    string File,
    ImmutableArray<Network> Networks,
    ImmutableArray<Node> Nodes,
    ImmutableArray<Scenario> Scenarios)
{
    /// <summary>What the end of a program means for the lab.</summary>
    public Supervision Supervise { get; init; }

    /// <summary>How its nodes reach the host's network and the internet.</summary>
    public GatewayChoice Gateway { get; init; }

    /// <summary>Whether packets of runs are recorded.</summary>
    public PacketsKept Packets { get; init; }

    /// <summary>Variables whose values nobody may read in what Cleave writes and shows.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];

    /// <summary>The files that were read because this one refers to them: absolute paths and texts.</summary>
    public ImmutableSortedDictionary<string, string> Texts { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Whether nothing is counted at the egress of ports, as on a kernel that has none; in tests only.</summary>
    public bool HasNoEgress { get; init; }

    /// <summary>The most nodes of a network with one bridge; other than <see cref="Planning.PlanInputs.MostNodesOfABridge"/> in tests only.</summary>
    public int NodesOfABridge { get; init; } = Planning.PlanInputs.MostNodesOfABridge;

    /// <summary>The folder the file lies in: where relative paths begin.</summary>
    public string Directory => Path.GetDirectoryName(File) ?? "/";

    /// <summary>Those of the networks that are bridges.</summary>
    public IEnumerable<Network> Bridges => Networks.Where(n => n.Link is null);

    /// <summary>Those that are links, in the file's order.</summary>
    public IEnumerable<Network> Links => Networks.Where(n => n.Link is not null);

    /// <summary>The node of that name, or null.</summary>
    public Node? FindNode(string name) => Nodes.FirstOrDefault(n => n.Name == name);
}

/// <summary>One L2 segment with a subnet of either or both families.</summary>
/// <param name="Name">A DNS label (RFC 1123), unique among networks.</param>
/// <param name="Subnets">
/// In the file's order, at most one of each family, never empty; host bits are zero. Of a link: those of its ends' addresses, as many as there are.
/// </param>
public sealed record Network(string Name, params ImmutableArray<IPNetwork> Subnets)
{
    /// <summary>The largest packet in bytes, 68 to 65535 (with IPv6 at least 1280, RFC 8200); null: 1500, as Ethernet has it.</summary>
    public int? Mtu { get; init; }

    /// <summary>What makes it a link, a cable straight from one end to the other; null: it is a bridge.</summary>
    public Link? Link { get; init; }

    /// <summary>The subnet that has the address, or null.</summary>
    public IPNetwork? SubnetOf(IPAddress address)
    {
        foreach (var subnet in Subnets)
            if (subnet.Contains(address))
                return subnet;
        return null;
    }
}

/// <summary>A cable between two nodes, or between a node and the fabric, which then plays the host.</summary>
/// <param name="Fabric">The fabric's end; null: both ends are nodes.</param>
public sealed record Link(FabricEnd? Fabric);

/// <summary>The fabric's end of a link.</summary>
/// <param name="Interface">What it is called in the fabric.</param>
/// <param name="Addresses">In the file's order, at most one of each family, each in one of the link's subnets.</param>
public sealed record FabricEnd(string Interface, ImmutableArray<IPAddress> Addresses);

/// <summary>A machine of the lab: a network namespace with fixed addresses, and what runs in it.</summary>
/// <param name="Name">A DNS label (RFC 1123), unique among nodes; its host name.</param>
/// <param name="Attachments">One per network it is on, in the file's order, and behind them one per link; never empty.</param>
public sealed record Node(string Name, ImmutableArray<Attachment> Attachments)
{
    /// <summary>Its first address: what it is called by where only one can stand; null: it has none, as one that only has ends of links may.</summary>
    public IPAddress? Address => Attachments.SelectMany(a => a.Addresses).FirstOrDefault();

    /// <summary>Host names (RFC 1123) that stand for the node in every node, besides its own; unique in the lab.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>What the node is called inside, at most 64 characters; null: its name. Stands for the node in every node, too.</summary>
    public string? Hostname { get; init; }

    /// <summary>Keys of the node's network and IPC namespaces, as sysctl(8) takes them, and their values, in the file's order.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Sysctls { get; init; } = [];

    /// <summary>True if it passes packets on from one network to another.</summary>
    public bool IsRouter { get; init; }

    /// <summary>Where it sends packets that are for none of its networks, in the file's order.</summary>
    public ImmutableArray<Route> Routes { get; init; } = [];

    /// <summary>The name servers that it asks in place of the fabric, three at most; empty: the fabric.</summary>
    public ImmutableArray<IPAddress> Dns { get; init; } = [];

    /// <summary>The program; null: nothing is started, the node waits for <c>exec</c>.</summary>
    public Command? Run { get; init; }

    /// <summary>Environment variables on top of the user's own, each once: those of its env-files, and over them the file's own.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Env { get; init; } = [];

    /// <summary>Absolute path where the program starts.</summary>
    public string Dir { get; init; } = "/";

    /// <summary>When the node counts as ready; null: as soon as its program has been executed.</summary>
    public Ready? Ready { get; init; }

    /// <summary>True for a program that is expected to end by itself with exit code 0.</summary>
    public bool Job { get; init; }

    /// <summary>Words by which several nodes are named at once; none is a node's name.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Commands that are run before any node's program starts, in order; each must exit with 0.</summary>
    public ImmutableArray<Command> Setup { get; init; } = [];

    /// <summary>What its program waits for before it is started with the lab; no cycles.</summary>
    public ImmutableArray<After> After { get; init; } = [];

    /// <summary>True for a program that is started by a verb or a step only.</summary>
    public bool IsManual { get; init; }

    /// <summary>How its program is stopped.</summary>
    public StopRule Stop { get; init; } = StopRule.Default;

    /// <summary>What it sees in place of the host's files, in the order in which it is mounted: what is inside another after it.</summary>
    public ImmutableArray<NodeMount> Mounts { get; init; } = [];

    /// <summary>Whom its programs run as, setup commands excepted; null: the lab's root.</summary>
    public NodeUser? User { get; init; }

    /// <summary>True if the lab can be controlled from inside: it sees the control socket.</summary>
    public bool Control { get; init; }

    /// <summary>What it may use.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Its ports that are reached from the host, in the file's order; no two at one port of the host.</summary>
    public ImmutableArray<PublishedPort> Ports { get; init; } = [];

    /// <summary>When its program is started again after it has ended; null: never.</summary>
    public RestartRule? Restart { get; init; }
}

/// <summary>A node's place on a network.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Addresses">
/// In the file's order, at most one of each family, never empty but at the end of a link; each inside a subnet of the network, neither the first address
/// of the subnet nor, of IPv4, the last, unless that has fewer than four (RFC 3021).
/// </param>
public sealed record Attachment(string Network, params ImmutableArray<IPAddress> Addresses)
{
    /// <summary>The name of the link inside the node; null: eth0, eth1… by the order of the node's networks.</summary>
    public string? Interface { get; init; }

    /// <summary>Whether the fabric is on the network, too: not on a link from node to node.</summary>
    public bool HasFabric { get; init; } = true;

    /// <summary>Whether the fabric reaches the node there, and thereby the host, where ports are published.</summary>
    internal bool IsInReach => HasFabric && !Addresses.IsEmpty;

    /// <summary>The address of that family, or null.</summary>
    public IPAddress? AddressOf(AddressFamily family) => Addresses.FirstOrDefault(a => a.AddressFamily == family);
}

/// <summary>Where a node sends packets for a destination.</summary>
/// <param name="Destination">A subnet without host bits; with a prefix of no bits it is the default route of its family.</param>
/// <param name="Gateway">The address on one of the node's networks of a router, or of the fabric; null: straight out of a link.</param>
/// <param name="Link">The name of that link.</param>
public sealed record Route(IPNetwork Destination, IPAddress? Gateway, string? Link = null);

/// <summary>What to execute: a shell line or an argument vector.</summary>
public abstract record Command
{
    private Command() { }

    /// <summary>A line for <c>sh -c</c>, untouched.</summary>
    public sealed record Shell(string Line) : Command
    {
        /// <inheritdoc/>
        public override string ToString() => Line;
    }

    /// <summary>An argument vector, executed without a shell; never empty.</summary>
    public sealed record Argv(ImmutableArray<string> Arguments) : Command
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join(' ', Arguments);
    }
}
