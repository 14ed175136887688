using System.Buffers.Binary;
using System.Collections.Immutable;
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
    private readonly int _firstPortIndex;
    private readonly Dictionary<int, int>?[] _places;
    private readonly ImmutableArray<Switch>[] _switches;
    private readonly List<(int Node, Attachment Attachment)>[] _members;
    private readonly ImmutableArray<(IPAddress Address, int PrefixLength)>[] _fabric;
    private readonly FabricPlug?[] _plugs;
    private readonly LabTopology _topology;

    public Wiring(LabTopology topology)
    {
        _topology = topology;
        _networks = topology.Networks.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        _firstPort = new int[topology.Nodes.Length];
        _firstPortIndex = Math.Max(FirstPortIndex, FirstBridgeIndex + topology.Networks.Length);
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

        _plugs = new FabricPlug?[topology.Networks.Length];
        foreach ((int network, Link? link) in topology.Networks.Select(n => n.Link).Index())
        {
            if (link?.Fabric is { } end)
            {
                _plugs[network] = new FabricPlug(
                    new Interface($"p{port + 1}", _firstPortIndex + port), PlugMac(network, 1), new Interface(end.Interface, _firstPortIndex + port + 1), PlugMac(network, 0));
                port += 2;
            }
        }

        int freeIndex = _firstPortIndex + port;
        _switches = [.. _members.Select((m, network) => Switch.Of(network, m.Count, topology.Networks[network].Link is null ? topology.NodesOfABridge : 2, ref freeIndex))];
        _places = [.. _members.Select((m, network) => SpansBridges(network) ? m.Index().ToDictionary(i => i.Item.Node, i => i.Index) : null)];
        _fabric = [.. topology.Networks.Select((n, i) => FabricAddressesOf(n, [.. _members[i].SelectMany(m => m.Attachment.Addresses)]))];
    }

    public static Interface Loopback { get; } = new("lo", 1);

    public int Network(string name) => _networks[name];

    public static int PrefixLength(Network network, IPAddress address) => network.SubnetOf(address)?.PrefixLength
        ?? throw new InvalidOperationException($"{address} is not on {network.Name}, which validation would have found");

    public Network NetworkAt(int number) => _topology.Networks[number];

    /// <summary>The nodes on a network and their places there, in the file's order.</summary>
    public IReadOnlyList<(int Node, Attachment Attachment)> Members(int network) => _members[network];

    /// <summary>The fabric's own addresses on a network, one in each of its subnets.</summary>
    public ImmutableArray<(IPAddress Address, int PrefixLength)> FabricAddresses(int network) => _fabric[network];

    /// <summary>The fabric's end of a link; null: it has none there.</summary>
    public FabricPlug? Plug(int network) => _plugs[network];

    /// <summary>The link by which the fabric itself is on a network, and its MAC address.</summary>
    public (Interface Link, MacAddress Mac) FabricSide(int network) =>
        _plugs[network] is { } plug ? (plug.End, plug.EndMac) : (Bridge(network), BridgeMac(network));

    /// <summary>The fabric's end of a node's cable on a network.</summary>
    public Interface Port(int network, int node)
    {
        string name = _topology.Networks[network].Name;
        int index = _firstPort[node] + _topology.Nodes[node].Attachments.TakeWhile(a => a.Network != name).Count();
        return new Interface($"p{index + 1}", _firstPortIndex + index);
    }

    /// <summary>
    /// Whether a network has more nodes than one bridge takes, so that where a packet leaves, the port it came in by is no longer to be seen; the
    /// number in that port's name is then the packet's mark.
    /// </summary>
    public bool SpansBridges(int network) => _switches[network].Length > 1;

    /// <summary>The bridges of a network, the one with the fabric's addresses first.</summary>
    public ImmutableArray<Switch> Switches(int network) => _switches[network];

    /// <summary>Which of the network's bridges has a node's cable.</summary>
    public int SwitchOf(int network, int node) =>
        _places[network] is { } places ? Switch.NumberOf(_switches[network].Length, places[node], _members[network].Count) : 0;

    /// <summary>Whether any network has several bridges, with trunks between them.</summary>
    public bool HasTrunks => _switches.Any(s => s.Length > 1);

    /// <summary>All ports of networks with several bridges, and the numbers in their names.</summary>
    public ImmutableArray<(Interface Port, int Mark)> MarkedPorts =>
    [
        .. from network in Enumerable.Range(0, _members.Length)
           where SpansBridges(network)
           from member in _members[network]
           let port = Port(network, member.Node)
           select (port, port.Index - _firstPortIndex + 1),
    ];

    public static Interface Bridge(int network) => new($"br{network + 1}", FirstBridgeIndex + network);

    /// <summary>The node's end of its cable with that number among its cables.</summary>
    public Interface Inside(int node, int number) =>
        new(_topology.Nodes[node].Attachments[number].Interface ?? $"eth{number}", FirstInsideIndex + number);

    // Locally administered unicast addresses (IEEE 802, second-lowest bit of the first byte), told apart by their second byte.
    public static MacAddress BridgeMac(int network) => new(0x02_c0_00_00_00_00UL | (uint)network);

    public static MacAddress NodeMac(int network, int node) => new(0x02_c1_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));

    public static MacAddress PortMac(int network, int node) => new(0x02_c2_00_00_00_00UL | ((ulong)network << 16) | (uint)(node + 1));

    /// <summary>The MAC address of one of the three links that a further bridge of a network adds to the fabric.</summary>
    public static MacAddress RowMac(int network, int number, int link) =>
        new(0x02_c3_00_00_00_00UL | ((ulong)network << 16) | ((uint)number << 2) | (uint)link);

    private static MacAddress PlugMac(int network, int end) => new(0x02_c4_00_00_00_00UL | ((ulong)network << 16) | (uint)end);

    /// <summary>The link-local address that the kernel would make of a MAC address (RFC 4291, appendix A).</summary>
    public static IPAddress LinkLocal(MacAddress mac)
    {
        ulong number = mac.ToUInt64() ^ (0x02UL << 40);
        ulong identifier = ((number >> 24) << 40) | (0xfffeUL << 24) | (number & 0xffffff);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, 0xfe80UL << 48);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], identifier);
        return new IPAddress(bytes);
    }

    private static ImmutableArray<(IPAddress, int)> FabricAddressesOf(Network network, HashSet<IPAddress> used) => network.Link is { } link
        ? [.. link.Fabric?.Addresses.Select(a => (a, PrefixLength(network, a))) ?? []]
        :
        [
            .. network.Subnets.Select(s => (
            FabricAddress.Of(s, used) ?? throw new InvalidOperationException($"{s} has no free address, which validation would have found"),
            s.PrefixLength)),
        ];
}
