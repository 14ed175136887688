using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Netlink;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What of the machine a plan depends on, besides the lab file.</summary>
/// <param name="ProjectFolder">Absolute path of the folder that nodes see at its own path, whatever is mounted above it.</param>
/// <param name="RuntimeDirectory">Absolute path of the folder with the control sockets, which nodes do not see.</param>
/// <param name="NodesOfABridge">The most nodes of a network with one bridge, from 1 on; with more it has several. Fewer than usual in tests only.</param>
public sealed record PlanInputs(string ProjectFolder, string RuntimeDirectory, int NodesOfABridge = PlanInputs.MostNodesOfABridge)
{
    /// <summary>
    /// A broadcast reaches no more: a bridge hands it to all ports at once, and as many packets wait for a processor (net.core.netdev_max_backlog,
    /// where nobody has changed it). The kernel's own limit of a bridge's ports is 1023 (BR_MAX_PORTS of net/bridge/br_private.h).
    /// </summary>
    public const int MostNodesOfABridge = 1000;

    /// <summary>Absolute path of the folder with the nodes' data, one folder each; without a lab, a name stands for its id.</summary>
    public string DataFolder { get; init; } = "/data";

    /// <summary>Whether the kernel is taken for one that has no egress of ports; in tests only.</summary>
    public bool HasNoEgress { get; init; }

    /// <summary>The way out; null: there is none.</summary>
    public Uplink? Uplink { get; init; }

    /// <summary>Absolute path of the lab's folder in the runtime directory, with its control socket; without a lab, a name stands for its id.</summary>
    public string LabFolder { get; init; } = $"{RuntimeDirectory}/ID";
}

/// <summary>Everything that has to be done to make a lab. Pure: the same lab gives the same plan, byte for byte.</summary>
/// <param name="Topology">The lab.</param>
/// <param name="Network">What makes the network: namespaces, links, addresses, tables.</param>
/// <param name="Rooms">What makes the nodes' surroundings: mounts, host names, PID 1.</param>
public sealed record LabPlan(LabTopology Topology, ImmutableArray<Operation> Network, ImmutableArray<Operation> Rooms)
{
    /// <summary>
    /// Up to so many nodes on a network everyone knows everyone's MAC address from the start; with more, entries would grow with the square.
    /// </summary>
    public const int MaxNodesWithPermanentNeighbours = 128;

    private const int LinkLocalPrefix = 64;

    /// <summary>The plan of a lab.</summary>
    public static LabPlan Of(LabTopology topology, PlanInputs inputs)
    {
        topology = topology with { NodesOfABridge = inputs.NodesOfABridge };
        var wiring = new Wiring(topology);
        var network = ImmutableArray.CreateBuilder<Operation>();
        PlanFabric(topology, wiring, inputs.Uplink, network);
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            PlanNode(wiring, number, node, inputs.Uplink, network);
        }

        if (wiring.MarkedPorts is { IsEmpty: false } marked)
        {
            network.Add(new Operation.CreatePortMarks(marked)); // nft takes an interface by its name if it is there
        }

        var hosts = new HostsFiles(topology);
        var resolvers = new ResolvFiles(wiring);
        var rooms = ImmutableArray.CreateBuilder<Operation>();
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            RoomPlan.Add(topology, inputs, hosts, resolvers, new Place(number), node, rooms);
        }

        return new LabPlan(topology, network.ToImmutable(), rooms.ToImmutable());
    }

    private static void PlanFabric(LabTopology topology, Wiring wiring, Uplink? uplink, ImmutableArray<Operation>.Builder plan)
    {
        // Bridges and ports only switch: an IPv6 address on each would cost time, and chatter that nobody asked for.
        plan.Add(new Operation.SetSysctl(Place.Fabric, "net.ipv6.conf.default.disable_ipv6", "1", Optional: true));
        foreach (string family in (ReadOnlySpan<string>)["arptables", "ip6tables", "iptables"])
        {
            // Where br_netfilter is loaded, bridged packets would also go through the namespace's IP rules, and cost 15 % of the latency.
            plan.Add(new Operation.SetSysctl(Place.Fabric, $"net.bridge.bridge-nf-call-{family}", "0", Optional: true));
        }

        if (uplink is not null)
        {
            UplinkPlan.AddForwarding(uplink, plan);
        }

        plan.Add(new Operation.SetLinkUp(Place.Fabric, Wiring.Loopback));
        foreach ((int number, Network network) in topology.Networks.Index())
        {
            if (network.Link is not null)
            {
                LinkPlan.AddInFabric(wiring, number, plan);
                continue;
            }

            Interface bridge = Wiring.Bridge(number);
            plan.Add(new Operation.CreateBridge(bridge, Wiring.BridgeMac(number), network.Mtu));
            if (wiring.FabricAddresses(number).Any(a => IsIPv6(a.Address)))
            {
                plan.Add(new Operation.SetSysctl(Place.Fabric, $"net.ipv6.conf.{bridge.Name}.disable_ipv6", "0", Optional: false));
                plan.Add(new Operation.SilenceIPv6(Place.Fabric, bridge));
            }

            plan.Add(new Operation.SetLinkUp(Place.Fabric, bridge));
            foreach ((IPAddress address, int prefixLength) in wiring.FabricAddresses(number))
            {
                plan.Add(new Operation.AddAddress(Place.Fabric, bridge, address, prefixLength));
            }

            foreach ((Switch upper, Switch lower) in wiring.Switches(number).Zip(wiring.Switches(number).Skip(1)))
            {
                PlanRow(upper, lower, network.Mtu, plan);
            }
        }

        plan.Add(new Operation.CreateCutTable());
        if (uplink is not null)
        {
            UplinkPlan.AddLink(uplink, plan);
        }
    }

    private static void PlanRow(Switch upper, Switch lower, int? mtu, ImmutableArray<Operation>.Builder plan)
    {
        Trunk trunk = lower.Up!;
        plan.Add(new Operation.CreateBridge(lower.Bridge, lower.Mac, mtu));
        plan.Add(new Operation.SetLinkUp(Place.Fabric, lower.Bridge));
        plan.Add(new Operation.CreateTrunk(trunk.Down, trunk.DownMac, upper.Bridge, trunk.Up, trunk.UpMac, mtu));
        plan.Add(new Operation.ConnectTrunk(trunk.Up, lower.Bridge));
        plan.Add(new Operation.MakePortStatic(trunk.Down));
        plan.Add(new Operation.MakeUplink(trunk.Up));
    }

    private static void PlanNode(Wiring wiring, int number, Node node, Uplink? uplink, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(number);
        plan.Add(new Operation.CreateNamespace(at));
        bool hasIPv6 = node.Attachments.Any(a => a.Addresses.Any(IsIPv6));
        PlanForwarding(at, node, hasIPv6, isRouted: !node.Routes.IsEmpty || UplinkPlan.Has(uplink, AddressFamily.InterNetworkV6), plan);
        foreach ((string key, string value) in node.Sysctls.Where(s => IsDefault(s.Key)))
        {
            plan.Add(new Operation.SetSysctl(at, key, value, Optional: false));
        }

        foreach ((int inside, Attachment attachment) in node.Attachments.Index())
        {
            int network = wiring.Network(attachment.Network);
            if (wiring.NetworkAt(network).Link is not null)
            {
                LinkPlan.AddCable(wiring, network, at, wiring.Inside(number, inside), attachment, plan);
                continue;
            }

            ReadOnlySpan<Switch> above = wiring.Switches(network).AsSpan()[..(wiring.SwitchOf(network, number) + 1)];
            Interface port = wiring.Port(network, number);
            MacAddress mac = Wiring.NodeMac(network, number);
            plan.Add(new Operation.CreateVeth(
                port, Wiring.PortMac(network, number), above[^1].Bridge, at, wiring.Inside(number, inside), mac, wiring.NetworkAt(network).Mtu));
            plan.Add(new Operation.MakePortStatic(port));
            plan.Add(new Operation.AddForwarding(mac, port));
            foreach (Switch lower in above[1..])
            {
                plan.Add(new Operation.AddForwarding(mac, lower.Up!.Down)); // in the bridge above it
            }

            AddNeighbours(Place.Fabric, Wiring.Bridge(network), attachment.Addresses, mac, plan);
        }

        plan.Add(new Operation.SetLinkUp(at, Wiring.Loopback));
        if (!hasIPv6)
        {
            plan.Add(new Operation.RemoveLoopbackIPv6(at));
        }

        foreach ((int inside, Attachment attachment) in node.Attachments.Index())
        {
            PlanLink(wiring, number, attachment, wiring.Inside(number, inside), plan);
        }

        LinkPlan.AddRoutes(wiring, number, node, plan);
        foreach (Route route in node.Routes.Where(r => r.Gateway is not null))
        {
            int inside = node.Attachments.Index().First(a => wiring.NetworkAt(wiring.Network(a.Item.Network)).SubnetOf(route.Gateway!) is not null).Index;
            plan.Add(new Operation.AddRoute(at, route.Destination, route.Gateway!, wiring.Inside(number, inside)));
        }

        if (uplink is not null)
        {
            plan.AddRange(UplinkPlan.DefaultRoutes(uplink, wiring, number, node));
        }

        foreach ((string key, string value) in node.Sysctls.Where(s => !IsDefault(s.Key) && !IsOfIpc(s.Key)))
        {
            plan.Add(new Operation.SetSysctl(at, key, value, Optional: false));
        }
    }

    /// <summary>Before there are links, since each begins with the defaults.</summary>
    private static void PlanForwarding(Place at, Node node, bool hasIPv6, bool isRouted, ImmutableArray<Operation>.Builder plan)
    {
        if (hasIPv6)
        {
            // Nobody announces routers here, so nobody asks for them.
            Set("net.ipv6.conf.default.accept_ra", "0");
        }

        if (node.IsRouter || node.Attachments.Length > 1)
        {
            // A namespace begins with the host's values, and a lab shall not depend on whether the host forwards, for Docker for instance. Without
            // the check of return paths, a node may have them differ.
            Set("net.ipv4.ip_forward", node.IsRouter ? "1" : "0");
            Set("net.ipv4.conf.all.rp_filter", "0");
            Set("net.ipv4.conf.default.rp_filter", "0");
        }

        if (node.IsRouter)
        {
            plan.Add(new Operation.SetSysctl(at, "net.ipv6.conf.all.forwarding", "1", Optional: true));

            // Or it would tell nodes of shorter ways, which they would then take, past the router that the file gives them.
            Set("net.ipv4.conf.all.send_redirects", "0");
            Set("net.ipv4.conf.default.send_redirects", "0");
        }

        if (hasIPv6 && isRouted)
        {
            Set("net.ipv6.conf.default.accept_redirects", "0"); // a router of IPv6 always sends them
        }

        void Set(string key, string value) => plan.Add(new Operation.SetSysctl(at, key, value, Optional: false));
    }

    private static bool IsDefault(string key) =>
        key.StartsWith("net.", StringComparison.Ordinal) && key.Contains(".default.", StringComparison.Ordinal);

    internal static bool IsOfIpc(string key) => !key.StartsWith("net", StringComparison.Ordinal);

    private static void PlanLink(Wiring wiring, int node, Attachment attachment, Interface link, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(node);
        int network = wiring.Network(attachment.Network);

        // With IPv6, too: the kernel would make the link-local address after a second's search for duplicates.
        plan.Add(new Operation.SilenceIPv6(at, link));
        plan.Add(new Operation.SetLinkUp(at, link));
        if (attachment.Addresses.Any(IsIPv6))
        {
            plan.Add(new Operation.AddAddress(at, link, Wiring.LinkLocal(Wiring.NodeMac(network, node)), LinkLocalPrefix));
        }

        foreach (IPAddress address in attachment.Addresses)
        {
            plan.Add(new Operation.AddAddress(at, link, address, Wiring.PrefixLength(wiring.NetworkAt(network), address)));
        }

        PlanNeighbours(wiring, node, network, link, attachment, plan);
    }

    /// <summary>
    /// The fabric, and up to a certain size everyone on the network, in the families that the node itself speaks there; who uses link-local addresses
    /// asks for them.
    /// </summary>
    private static void PlanNeighbours(
        Wiring wiring, int self, int network, Interface link, Attachment own, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(self);
        AddNeighbours(at, link, Spoken(wiring.FabricAddresses(network).Select(a => a.Address)), wiring.FabricSide(network).Mac, plan);
        if (wiring.Members(network).Count > MaxNodesWithPermanentNeighbours)
        {
            return;
        }

        foreach ((int other, Attachment attachment) in wiring.Members(network))
        {
            if (other != self)
            {
                AddNeighbours(at, link, Spoken(attachment.Addresses), Wiring.NodeMac(network, other), plan);
            }
        }

        IEnumerable<IPAddress> Spoken(IEnumerable<IPAddress> addresses) => addresses.Where(a => own.AddressOf(a.AddressFamily) is not null);
    }

    internal static void AddNeighbours(
        Place at, Interface link, IEnumerable<IPAddress> addresses, MacAddress mac, ImmutableArray<Operation>.Builder plan)
    {
        foreach (IPAddress address in addresses)
        {
            plan.Add(new Operation.AddNeighbour(at, link, address, mac));
        }
    }

    internal static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
