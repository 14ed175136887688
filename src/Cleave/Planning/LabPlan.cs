using System.Collections.Immutable;
using System.Net;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What of the machine a plan depends on, besides the lab file.</summary>
/// <param name="ProjectFolder">Absolute path of the folder that nodes see at its own path, whatever is mounted above it.</param>
/// <param name="RuntimeDirectory">Absolute path of the folder with the control sockets, which nodes do not see.</param>
public sealed record PlanInputs(string ProjectFolder, string RuntimeDirectory);

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

    private const int FirstBridgeIndex = 1001; // below them: lo and whatever a kernel adds to every namespace
    private const int FirstPortIndex = 2001;
    private const int FirstInsideIndex = 2; // lo is 1

    /// <summary>The plan of a lab.</summary>
    public static LabPlan Of(LabTopology topology, PlanInputs inputs)
    {
        var network = ImmutableArray.CreateBuilder<Operation>();
        PlanFabric(topology, network);
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            PlanNode(topology, number, node, network);
        }

        var rooms = ImmutableArray.CreateBuilder<Operation>();
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            PlanRoom(topology, inputs, number, node, rooms);
        }

        return new LabPlan(topology, network.ToImmutable(), rooms.ToImmutable());
    }

    /// <summary>What a change of cuts does.</summary>
    public static Operation.ReplaceCuts Change(PairSet before, PairSet after, LabTopology topology) =>
        new(Ruleset(before, topology), Ruleset(after, topology));

    /// <summary>The fabric's own address on a network.</summary>
    public static IPAddress FabricAddress(LabTopology topology, Network network) =>
        Cleave.Topology.FabricAddress.Of(network, topology.Nodes.SelectMany(n => n.Attachments).Select(a => a.Address))
        ?? throw new ArgumentException($"{network.Name} has no free address", nameof(network));

    /// <summary>The fabric's end of a node's cable on a network, both by number.</summary>
    public static Interface Port(LabTopology topology, int network, int node)
    {
        int before = topology.Nodes.Take(node).Sum(n => n.Attachments.Length);
        string name = topology.Networks[network].Name;
        int index = before + topology.Nodes[node].Attachments.TakeWhile(a => a.Network != name).Count();
        return new Interface($"p{index + 1}", FirstPortIndex + index);
    }

    private static void PlanFabric(LabTopology topology, ImmutableArray<Operation>.Builder plan)
    {
        // Bridges and ports only switch: an IPv6 address on each would cost time, and chatter that nobody asked for.
        plan.Add(new Operation.SetSysctl(Place.Fabric, "net.ipv6.conf.default.disable_ipv6", "1", Optional: true));
        foreach (string family in (ReadOnlySpan<string>)["arptables", "ip6tables", "iptables"])
        {
            // Where br_netfilter is loaded, bridged packets would also go through the namespace's IP rules, and cost 15 % of the latency.
            plan.Add(new Operation.SetSysctl(Place.Fabric, $"net.bridge.bridge-nf-call-{family}", "0", Optional: true));
        }

        plan.Add(new Operation.SetLinkUp(Place.Fabric, Loopback));
        foreach ((int number, Network network) in topology.Networks.Index())
        {
            Interface bridge = Bridge(number);
            plan.Add(new Operation.CreateBridge(bridge, BridgeMac(number)));
            plan.Add(new Operation.SetLinkUp(Place.Fabric, bridge));
            plan.Add(new Operation.AddAddress(Place.Fabric, bridge, FabricAddress(topology, network), network.Subnet.PrefixLength));
        }

        plan.Add(new Operation.CreateCutTable());
    }

    private static void PlanNode(LabTopology topology, int number, Node node, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(number);
        plan.Add(new Operation.CreateNamespace(at));
        foreach ((int inside, Attachment attachment) in node.Attachments.Index())
        {
            int network = NetworkNumber(topology, attachment.Network);
            Interface port = Port(topology, network, number);
            MacAddress mac = NodeMac(network, number);
            plan.Add(new Operation.CreateVeth(port, PortMac(network, number), Bridge(network), at, Inside(inside), mac));
            plan.Add(new Operation.MakePortStatic(port));
            plan.Add(new Operation.AddForwarding(mac, port));
            if (HasPermanentNeighbours(topology, attachment.Network))
            {
                plan.Add(new Operation.AddNeighbour(Place.Fabric, Bridge(network), attachment.Address, mac));
            }
        }

        plan.Add(new Operation.SetLinkUp(at, Loopback));
        foreach ((int inside, Attachment attachment) in node.Attachments.Index())
        {
            int network = NetworkNumber(topology, attachment.Network);
            Interface link = Inside(inside);
            plan.Add(new Operation.SilenceIPv6(at, link));
            plan.Add(new Operation.SetLinkUp(at, link));
            plan.Add(new Operation.AddAddress(at, link, attachment.Address, topology.Networks[network].Subnet.PrefixLength));
            if (HasPermanentNeighbours(topology, attachment.Network))
            {
                PlanNeighbours(topology, number, network, link, plan);
            }
        }
    }

    private static void PlanNeighbours(LabTopology topology, int self, int network, Interface link, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(self);
        Network segment = topology.Networks[network];
        plan.Add(new Operation.AddNeighbour(at, link, FabricAddress(topology, segment), BridgeMac(network)));
        foreach ((int other, Node node) in topology.Nodes.Index())
        {
            if (other != self && node.Attachments.FirstOrDefault(a => a.Network == segment.Name) is { } attachment)
            {
                plan.Add(new Operation.AddNeighbour(at, link, attachment.Address, NodeMac(network, other)));
            }
        }
    }

    private static void PlanRoom(
        LabTopology topology, PlanInputs inputs, int number, Node node, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(number);
        plan.Add(new Operation.EnterRoom(at));
        plan.Add(new Operation.SetHostname(at, node.Name));
        PlanTmpfs("/tmp");
        PlanTmpfs("/dev/shm");
        plan.Add(new Operation.MountSysfs(at));
        plan.Add(new Operation.ReplaceFile(at, "/etc/hosts", HostsFile.For(node, topology)));
        bool covered = IsBelow(inputs.RuntimeDirectory, "/tmp") || IsBelow(inputs.RuntimeDirectory, "/dev/shm");
        if (!covered || IsBelow(inputs.RuntimeDirectory, inputs.ProjectFolder))
        {
            plan.Add(new Operation.MountTmpfs(at, inputs.RuntimeDirectory, "0700", null));
        }

        plan.Add(new Operation.StartInit(at));

        void PlanTmpfs(string target) => plan.Add(
            new Operation.MountTmpfs(at, target, "1777", IsBelow(inputs.ProjectFolder, target) ? inputs.ProjectFolder : null));
    }

    private static CutRuleset Ruleset(PairSet pairs, LabTopology topology)
    {
        CutClasses classes = CutClasses.Of(pairs, topology);
        return new CutRuleset([.. classes.Members.Select(m => (Port(topology, m.Network, m.Node).Name, m.Class))], classes.Cuts);
    }

    private static bool HasPermanentNeighbours(LabTopology topology, string network) =>
        topology.Nodes.Count(n => n.Attachments.Any(a => a.Network == network)) <= MaxNodesWithPermanentNeighbours;

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static int NetworkNumber(LabTopology topology, string name) =>
        topology.Networks.IndexOf(topology.Networks.First(n => n.Name == name));

    private static Interface Loopback { get; } = new("lo", 1);

    private static Interface Bridge(int network) => new($"br{network + 1}", FirstBridgeIndex + network);

    private static Interface Inside(int number) => new($"eth{number}", FirstInsideIndex + number);

    // Locally administered unicast addresses (IEEE 802, second-lowest bit of the first byte), told apart by their second byte.
    private static MacAddress BridgeMac(int network) => new(0x02_c0_00_00_00_00UL | (uint)network);

    private static MacAddress NodeMac(int network, int node) => new(0x02_c1_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));

    private static MacAddress PortMac(int network, int node) => new(0x02_c2_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));
}
