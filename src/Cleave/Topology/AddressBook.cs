using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>Which node has which address on which network, while <c>nodes:</c> is read.</summary>
/// <param name="reading">The file.</param>
/// <param name="networks">The networks, without the links.</param>
/// <param name="isLink">Whether a link has that name.</param>
internal sealed class AddressBook(Reading reading, IReadOnlyList<NetworkDraft> networks, Func<string, bool> isLink)
{
    private const string Expected = $"{AddressText.Expected}, or a list of them";

    private static readonly Keys<Place> PlaceKeys = new("a place on a network", extensible: true)
    {
        { "ip", AddressShape(), "The node's address on the network, or a list of one IPv4 and one IPv6 address.", (_, entry, place) => place.Ip = entry.Value, true },
        { "interface", InterfaceNames.Shape, InterfaceNames.About,
            (reading, entry, place) => (place.Interface, place.InterfaceAt) = (InterfaceNames.Read(reading, entry.Value), entry.Value.At) },
    };

    private readonly Dictionary<string, NetworkDraft> _byName = networks.DistinctBy(n => n.Name).ToDictionary(n => n.Name);
    private readonly Dictionary<IPAddress, (string Node, int Line)> _owners = [];

    /// <summary>The keys of the long form of a node's place on a network.</summary>
    public static KeyTable Table => PlaceKeys;

    public IReadOnlyList<NetworkDraft> Networks => networks;

    /// <summary>The links, once they have been read.</summary>
    public IReadOnlyList<LinkDraft> Links { get; set; } = [];

    /// <summary>All of the nodes' addresses so far.</summary>
    public IReadOnlyCollection<IPAddress> Addresses => _owners.Keys;

    /// <summary>Takes an address for the end of a link.</summary>
    /// <returns>Whose it is already, for messages; null: nobody's.</returns>
    public string? TakeForLink(IPAddress address, string node, Location at)
    {
        if (_owners.TryAdd(address, (node, at.Line)))
            return null;
        var (owner, line) = _owners[address];
        return $"{(owner == LinkReader.Fabric ? "that of the fabric's end of a link" : $"the address of node {Quote.Text(owner)}")} already (line {line})";
    }

    /// <summary>What may stand at <c>ip</c>.</summary>
    public static Shape AddressShape(string where = "on the network")
    {
        var one = new Shape.Text($"an IPv4 or IPv6 address {where}", "172.23.0.1");
        return Topology.Shape.Any(one, new Shape.ListOf(one));
    }

    /// <summary>One address or several on whichever networks have them; null if there is a mistake in it.</summary>
    public ImmutableArray<AttachmentDraft>? OnAny(YamlNode value, string node)
    {
        var found = new List<(NetworkDraft Network, List<(IPAddress, Location)> Addresses)>();
        var complete = true;
        foreach (var item in Items(value))
        {
            if (AddressText.Read(reading, item) is not { } address || Find(item, address) is not { } network)
            {
                complete = false;
                continue;
            }

            var at = found.FindIndex(f => f.Network == network);
            if (at < 0)
                found.Add((network, []));
            complete &= Take(network, item, address, node, found[at < 0 ? ^1 : at].Addresses);
        }

        return complete && found.Count > 0
            ? [.. found.Select(f => new AttachmentDraft(f.Network.Name, [.. f.Addresses.Select(a => a.Item1)]))]
            : null;
    }

    /// <summary>The places of the long form, <c>{lan: 172.23.0.1}</c>; null if there is a mistake in it.</summary>
    public ImmutableArray<AttachmentDraft>? OnEach(YamlNode value, string node)
    {
        const string Mapping = "a mapping from networks to addresses, such as {lan: 172.23.0.1}";
        if (value is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(value.At, $"an empty mapping stands here: expected {Mapping}");
        var entries = reading.Named(value, Mapping);
        var attachments = entries.Select(e => On(e, node)).ToList();
        return attachments.Count == 0 || attachments.Contains(null) ? null : [.. attachments.OfType<AttachmentDraft>()];
    }

    /// <summary>Reports subnets without an address for the fabric.</summary>
    public void RequireRoomForTheFabric()
    {
        var used = _owners.Keys.ToHashSet();
        foreach (var network in networks)
            foreach (var (subnet, at) in network.Subnets)
                if (FabricAddress.Of(subnet, used) is null)
                    reading.Mistakes.Add(at, $"{subnet} of network {Quote.Text(network.Name)} is full: "
                        + "expected one address more than its nodes, for the fabric; choose a larger subnet");
    }

    private AttachmentDraft? On(MapEntry entry, string node)
    {
        var place = new Place { Ip = entry.Value };
        if (entry.Value is MapNode)
        {
            place.Ip = null;
            PlaceKeys.Read(reading, entry.Value, entry.Key.At, place);
        }

        if (!_byName.TryGetValue(entry.Key.Value, out var network))
        {
            if (isLink(entry.Key.Value))
                reading.Mistakes.Add(entry.Key.At, $"{Quote.Text(entry.Key.Value)} is a link: expected the node's address at its end there, under 'links'");
            else if (networks.Count > 0)
                reading.Mistakes.AddUnknown(entry.Key.At,
                    $"{Quote.Text(entry.Key.Value)} is no network: expected {Quote.Choices(_byName.Keys)}",
                    entry.Key.Value, _byName.Keys);
        }

        if (place.Ip is null)
            return null;
        var addresses = new List<(IPAddress, Location)>();
        var complete = true;
        foreach (var item in Items(place.Ip))
        {
            var address = AddressText.Read(reading, item);
            if (address is null || network is null)
                complete = false;
            else if (network.SubnetOf(address) is not null)
                complete &= Take(network, item, address, node, addresses);
            else if (network.IsKnown)
                reading.Wrong(item, $"an address in {Quote.Choices([.. network.Described])}");
        }

        return complete && network is not null && addresses.Count > 0
            ? new(network.Name, [.. addresses.Select(a => a.Item1)]) { Interface = place.Interface, InterfaceAt = place.InterfaceAt }
            : null;
    }

    private IReadOnlyList<YamlNode> Items(YamlNode value)
    {
        if (value is not ListNode list)
            return [value];
        if (list.Items.Count == 0)
            reading.Mistakes.Add(list.At, $"an empty list stands here: expected {Expected}");
        return list.Items;
    }

    private NetworkDraft? Find(YamlNode value, IPAddress address)
    {
        var network = networks.FirstOrDefault(n => n.SubnetOf(address) is not null);

        // A network whose subnet is wrong may be the one that was meant.
        if (network is null && networks.Count > 0 && networks.All(n => n.IsKnown))
            reading.Wrong(value, $"an address in {Quote.Choices([.. networks.SelectMany(n => n.Described)])}");
        return network;
    }

    private bool Take(NetworkDraft network, YamlNode value, IPAddress address, string node, List<(IPAddress Address, Location At)> taken)
    {
        var subnet = network.SubnetOf(address)!.Value;
        var range = AddressRange.Of(subnet);
        var number = AddressRange.ToNumber(address);
        var isV4 = range.Family == AddressFamily.InterNetwork;
        if (number == range.First || (isV4 && number == range.Last))
        {
            var which = !isV4 ? "anycast address of all routers" : number == range.First ? "network address" : "broadcast address";
            reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is the {which} of {subnet} ({network.Name}): "
                + $"expected one of {range.Address(range.First + 1)} to {range.Address(isV4 ? range.Last - 1 : range.Last)}");
            return false;
        }

        if (taken.Find(t => t.Address.AddressFamily == range.Family) is { Address: not null } other)
        {
            reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is a second {Families.Name(address)} address of node {Quote.Text(node)} on {network.Name}: "
                + $"expected one of each family on a network at most; the first is at {other.At}");
            return false;
        }

        if (!_owners.TryAdd(address, (node, value.At.Line)))
        {
            var (owner, line) = _owners[address];
            reading.Mistakes.Add(value.At, $"{Quote.Node(value)} for node {Quote.Text(node)} is the address of node {Quote.Text(owner)} already (line {line}): "
                + "expected an address of its own");
            return false;
        }

        taken.Add((address, value.At));
        return true;
    }

    private sealed class Place
    {
        public YamlNode? Ip { get; set; }

        public string? Interface { get; set; }

        public Location InterfaceAt { get; set; }
    }
}
