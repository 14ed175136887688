using System.Net;
using Cleave.Netlink;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>Numbers, names and MAC addresses of a lab's bridges, ports and interfaces: all that a plan looks up, found once.</summary>
internal sealed class Wiring
{
    private const int FirstBridgeIndex = 1001; // below them: lo and whatever a kernel adds to every namespace
    private const int FirstPortIndex = 2001;
    private const int FirstInsideIndex = 2; // lo is 1

    private readonly Dictionary<string, int> _networks;
    private readonly int[] _firstPort;
    private readonly List<(int Node, Attachment Attachment)>[] _members;
    private readonly IPAddress?[] _fabric;
    private readonly LabTopology _topology;

    public Wiring(LabTopology topology)
    {
        _topology = topology;
        _networks = topology.Networks.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        _firstPort = new int[topology.Nodes.Length];
        _members = [.. topology.Networks.Select(_ => new List<(int, Attachment)>())];
        int port = 0;
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            _firstPort[number] = port;
            port += node.Attachments.Length;
            foreach (Attachment attachment in node.Attachments)
            {
                _members[_networks[attachment.Network]].Add((number, attachment));
            }
        }

        _fabric = [.. topology.Networks.Select((n, i) => Cleave.Topology.FabricAddress.Of(n, _members[i].Select(m => m.Attachment.Address)))];
    }

    public static Interface Loopback { get; } = new("lo", 1);

    public int Network(string name) => _networks[name];

    public int PrefixLength(int network) => _topology.Networks[network].Subnet.PrefixLength;

    /// <summary>The nodes on a network and their places there, in the file's order.</summary>
    public IReadOnlyList<(int Node, Attachment Attachment)> Members(int network) => _members[network];

    /// <summary>The fabric's own address on a network.</summary>
    public IPAddress FabricAddress(int network) => _fabric[network]
        ?? throw new InvalidOperationException($"{_topology.Networks[network].Name} has no free address, which validation would have found");

    /// <summary>The fabric's end of a node's cable on a network.</summary>
    public Interface Port(int network, int node)
    {
        string name = _topology.Networks[network].Name;
        int index = _firstPort[node] + _topology.Nodes[node].Attachments.TakeWhile(a => a.Network != name).Count();
        return new Interface($"p{index + 1}", FirstPortIndex + index);
    }

    public static Interface Bridge(int network) => new($"br{network + 1}", FirstBridgeIndex + network);

    /// <summary>The node's end of its cable with that number among its cables.</summary>
    public static Interface Inside(int number) => new($"eth{number}", FirstInsideIndex + number);

    // Locally administered unicast addresses (IEEE 802, second-lowest bit of the first byte), told apart by their second byte.
    public static MacAddress BridgeMac(int network) => new(0x02_c0_00_00_00_00UL | (uint)network);

    public static MacAddress NodeMac(int network, int node) => new(0x02_c1_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));

    public static MacAddress PortMac(int network, int node) => new(0x02_c2_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));
}
