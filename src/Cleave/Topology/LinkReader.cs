using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Cleave.Topology;

/// <summary>A link as far as it could be read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ends">Those that could be read, two at most.</param>
/// <param name="IsKnown">False if there is a mistake in it.</param>
internal sealed record LinkDraft(string Name, ImmutableArray<LinkEnd> Ends, bool IsKnown)
{
    public int? Mtu { get; init; }

    /// <summary>The link as what it is to all that deals with networks.</summary>
    public NetworkDraft Network => new(Name, [.. Ends.SelectMany(e => e.Addresses).Select(a => (a.Subnet, a.At)).DistinctBy(a => a.Subnet)], IsKnown) { Mtu = Mtu };

    /// <summary>The other end than this node's; null if it could not be read.</summary>
    public LinkEnd? Beyond(string node) => Ends.FirstOrDefault(e => e.Node != node);

    public Network ToNetwork()
    {
        var fabric = Ends.FirstOrDefault(e => e.IsFabric);
        return Network.ToNetwork() with { Link = new(fabric is null ? null : new(fabric.Interface!, [.. fabric.Addresses.Select(a => a.Address)])) };
    }
}

/// <summary>One end of a link.</summary>
/// <param name="Node">The node's name, or <c>fabric</c>.</param>
/// <param name="Addresses">Its addresses, and of each the subnet that its prefix makes.</param>
internal sealed record LinkEnd(string Node, ImmutableArray<(IPAddress Address, IPNetwork Subnet, Location At)> Addresses)
{
    public string? Interface { get; init; }

    public Location InterfaceAt { get; init; }

    public bool IsFabric => Node == LinkReader.Fabric;

    /// <summary>The address of that family, or null.</summary>
    public IPAddress? AddressOf(AddressFamily family) => Addresses.FirstOrDefault(a => a.Address.AddressFamily == family).Address;
}

/// <summary>Reads <c>links:</c>.</summary>
/// <param name="reading">The file.</param>
/// <param name="links">What stands there; null: nothing.</param>
internal sealed partial class LinkReader(Reading reading, YamlNode? links)
{
    public const string Fabric = "fabric";

    private const string ExpectedAddress = "an address such as 10.200.1.1, alone or with a prefix length, as 10.200.1.1/30";
    private const string ExpectedEnds = "a mapping with two ends, nodes or one node and 'fabric', such as {a: 10.200.1.1, b: 10.200.1.2}";
    private const string WhyNoHost = "a lab makes nothing in the host's network namespace, so that it can neither disturb it nor leave anything there, whoever starts it: "
        + "expected 'fabric', a namespace of the lab's own that plays the host";

    private static readonly Shape Address = new Shape.Text("an IPv4 or IPv6 address, alone or with a prefix length", "10.200.1.1");
    private static readonly Shape Addresses = Shape.Any(Address, new Shape.ListOf(Address));

    private static readonly Keys<EndDraft> EndKeys = new("an end of a link", extensible: true)
    {
        { "ip", Addresses, "Its address, or a list of one IPv4 and one IPv6 address; none if it is left out. Without a prefix length it stands for itself alone (`/32`, `/128`).",
            (_, entry, end) => end.Ip = entry.Value },
        { "interface", InterfaceNames.Shape, "What the link is called there: in a node the next free of `eth0`, `eth1`…, in the fabric `link1`, `link2`… by default.",
            (reading, entry, end) => (end.Interface, end.InterfaceAt) = (InterfaceNames.Read(reading, entry.Value), entry.Value.At) },
    };

    private static readonly Keys<Draft> LinkKeys = new("a link", extensible: true)
    {
        { "ends", new Shape.MapOf("a node's name, or `fabric`", Shape.Any([new Shape.Nothing(), .. ((Shape.AnyOf)Addresses).Shapes, new Shape.Mapping(() => EndKeys)])),
            "Its two ends, each with an address, a list of one of each family, a mapping with more, or nothing. The fabric, a namespace of the lab's own, plays the host; the host itself cannot be an end.",
            (_, entry, link) => link.Ends = entry.Value, true },
        { "mtu", new Shape.Number(68, 65535), "The largest packet on it, in bytes: 1500 by default; with IPv6 at least 1280.",
            (reading, entry, link) => (link.Mtu, link.MtuAt) = (reading.Number(entry.Value, 68, 65535, "a number of bytes, 68 to 65535"), entry.Value.At) },
    };

    private readonly List<LinkDraft> _drafts = [];
    private readonly HashSet<string> _names = links is MapNode map ? [.. map.Entries.Select(e => e.Key.Value)] : [];

    public static KeyTable Table => LinkKeys;

    /// <summary>The links in the file's order, once they have been read.</summary>
    public IReadOnlyList<LinkDraft> Drafts => _drafts;

    /// <summary>False if any node may have been meant to be at an end that could not be read.</summary>
    public bool IsComplete => links is null or MapNode && _drafts.TrueForAll(l => l.IsKnown || l.Ends.Length == 2);

    /// <summary>Whether a link has that name.</summary>
    public bool IsLink(string name) => _names.Contains(name);

    /// <summary>A node's ends.</summary>
    public ImmutableArray<AttachmentDraft> EndsOf(string node) =>
    [
        .. from link in _drafts
           from end in link.Ends
           where end.Node == node
           select new AttachmentDraft(link.Name, [.. end.Addresses.Select(a => a.Address)])
           {
               Interface = end.Interface,
               InterfaceAt = end.InterfaceAt,
               HasFabric = link.Beyond(node)?.IsFabric == true,
           },
    ];

    /// <summary>Reads the links, once the names of nodes and networks are known.</summary>
    public void Read(IReadOnlyList<NodeDraft> nodes, AddressBook book)
    {
        if (links is null)
            return;
        const string Mapping = "a mapping from names to links, such as {cable: {ends: {a: 10.200.1.1, b: 10.200.1.2}}}";
        if (links is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(links.At, $"an empty mapping stands here: expected {Mapping}; leave it out if there are none");
        foreach (var (key, value) in reading.Named(links, Mapping))
        {
            CheckName(key, nodes, book);
            var draft = new Draft();
            var before = reading.Mistakes.Count;
            LinkKeys.Read(reading, value, key.At, draft);
            var ends = draft.Ends is null ? [] : Ends(draft.Ends, nodes, book, _drafts.Count + 1);
            CheckTogether(ends);
            if (draft.Mtu < NetworkReader.LeastMtuOfIPv6 && ends.Any(e => e.AddressOf(AddressFamily.InterNetworkV6) is not null))
                reading.Mistakes.Add(draft.MtuAt, $"'{draft.Mtu}' is less than IPv6 works with: expected {NetworkReader.LeastMtuOfIPv6} to 65535, or no IPv6 address", $"{NetworkReader.LeastMtuOfIPv6}");
            _drafts.Add(new(key.Value, ends, reading.Mistakes.Count == before) { Mtu = draft.Mtu });
        }

        book.Links = _drafts;
        CheckFabricNames();
    }

    private void CheckName(TextNode key, IReadOnlyList<NodeDraft> nodes, AddressBook book)
    {
        if (!DnsLabel.IsValid(key.Value))
            reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a link: expected {DnsLabel.Expected}", DnsLabel.Mend(key.Value));
        else if (nodes.Any(n => n.Name == key.Value) || book.Networks.Any(n => n.IsOfFile && n.Name == key.Value))
            reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is the name of a {(nodes.Any(n => n.Name == key.Value) ? "node" : "network")} already: expected a name of its own, by which routes and cuts mean the link");
    }

    private ImmutableArray<LinkEnd> Ends(YamlNode value, IReadOnlyList<NodeDraft> nodes, AddressBook book, int number)
    {
        if (value is not MapNode map)
        {
            reading.Wrong(value, ExpectedEnds);
            return [];
        }

        if (map.Entries.Count != 2)
            reading.Mistakes.Add(map.At, $"a link with {(map.Entries.Count == 0 ? "no ends" : map.Entries.Count == 1 ? "one end" : $"{map.Entries.Count} ends")} stands here: expected {ExpectedEnds}");
        return [.. map.Entries.Take(2).Select(e => End(e, nodes, book, number)).OfType<LinkEnd>()];
    }

    private LinkEnd? End(MapEntry entry, IReadOnlyList<NodeDraft> nodes, AddressBook book, int number)
    {
        var (key, value) = entry;
        var isKnown = key.Value == Fabric || nodes.Any(n => n.Name == key.Value);
        if (key.Value == "host")
            reading.Mistakes.Add(key.At, $"'host' cannot be an end of a link: {WhyNoHost}", Fabric);
        else if (!isKnown)
            reading.Mistakes.AddUnknown(key.At, $"{Quote.Text(key.Value)} is no node: expected {Quote.Choices([.. nodes.Select(n => n.Name), Fabric])}", key.Value, [.. nodes.Select(n => n.Name), Fabric]);

        var draft = new EndDraft { Ip = value is TextNode { IsEmpty: true } ? null : value };
        if (value is MapNode { Entries.Count: > 0 })
        {
            draft.Ip = null;
            EndKeys.Read(reading, value, key.At, draft);
        }

        var addresses = draft.Ip is null ? [] : ReadAddresses(draft.Ip, key.Value, book, [.. book.Networks.Where(n => n.IsOfFile || nodes.Any(d => d.HasAddressKey))]);
        return isKnown
            ? new(key.Value, addresses)
            {
                Interface = draft.Interface ?? (key.Value == Fabric ? string.Create(CultureInfo.InvariantCulture, $"link{number}") : null),
                InterfaceAt = draft.InterfaceAt,
            }
            : null;
    }

    private ImmutableArray<(IPAddress, IPNetwork, Location)> ReadAddresses(YamlNode value, string node, AddressBook book, NetworkDraft[] networks)
    {
        var found = ImmutableArray.CreateBuilder<(IPAddress Address, IPNetwork, Location At)>();
        foreach (var item in value is ListNode list ? reading.Items(list, $"{ExpectedAddress}, or a list of one of each family") : [value])
        {
            if (ReadAddress(item) is not { } subnet)
                continue;
            var (address, network) = subnet;
            if (found.FirstOrDefault(f => f.Address.AddressFamily == address.AddressFamily) is { Address: not null } other)
                reading.Mistakes.Add(item.At, $"{Quote.Node(item)} is a second {Families.Name(address)} address of one end: expected one of each family at most; the first is at {other.At}");
            else if (book.TakeForLink(address, node, item.At) is { } whose)
                reading.Mistakes.Add(item.At, $"{Quote.Node(item)} is {whose}: expected an address of its own");
            else if (networks.SelectMany(n => n.Subnets, (n, s) => (n.Name, s.Subnet)).FirstOrDefault(s => AddressRange.Of(s.Subnet).Overlaps(AddressRange.Of(network))) is { Name: not null } taken)
                reading.Mistakes.Add(item.At, $"{network} overlaps {taken.Subnet} of network {Quote.Text(taken.Name)}: expected an address that is on none of the networks");
            else
                found.Add((address, network, item.At));
        }

        return found.ToImmutable();
    }

    /// <summary>An address with its prefix length, if it has one.</summary>
    private (IPAddress, IPNetwork)? ReadAddress(YamlNode item)
    {
        if (reading.Text(item, ExpectedAddress) is not { } text)
            return null;

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (AddressText.Read(reading, (TextNode)item with { Value = slash < 0 ? text : text[..slash] }, ExpectedAddress) is not { } address)
            return null;
        var (least, most) = address.AddressFamily == AddressFamily.InterNetwork ? (8, 32) : (16, 128);
        if (slash < 0)
            return (address, new(address, most));
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix < least || prefix > most)
        {
            reading.Mistakes.Add(item.At, $"{Quote.Text(text)} has the prefix length {Quote.Text(text[(slash + 1)..])}: expected /{least} to /{most}");
            return null;
        }

        var range = AddressRange.Of(new IPNetwork(address, prefix));
        var (subnet, number) = (new IPNetwork(range.Address(range.First), prefix), AddressRange.ToNumber(address));
        var isLast = range.Family == AddressFamily.InterNetwork && number == range.Last;
        if (prefix < most - 1 && (number == range.First || isLast))
        {
            var which = range.Family != AddressFamily.InterNetwork ? "anycast address of all routers" : isLast ? "broadcast address" : "network address";
            reading.Mistakes.Add(item.At, $"{Quote.Text(text)} is the {which} of {subnet}: expected another one of it");
            return null;
        }

        return (address, subnet);
    }

    /// <summary>Where one end takes the other for a neighbour, the other does so, too.</summary>
    private void CheckTogether(ImmutableArray<LinkEnd> ends)
    {
        if (ends is not [var one, var other])
            return;
        foreach (var (address, subnet, _) in one.Addresses)
            foreach (var (far, farSubnet, at) in other.Addresses)
                if (subnet != farSubnet && (subnet.Contains(far) || farSubnet.Contains(address)))
                    reading.Mistakes.Add(at, $"{far}/{farSubnet.PrefixLength} and {address}/{subnet.PrefixLength} at the other end have one subnet in two sizes: expected the same prefix length at both",
                        subnet.Contains(far) ? $"{far}/{subnet.PrefixLength}" : null);
    }

    /// <summary>Names in the fabric, where the lab has links of its own.</summary>
    private void CheckFabricNames()
    {
        var seen = new Dictionary<string, Location>();
        foreach (var end in _drafts.SelectMany(l => l.Ends).Where(e => e.IsFabric && e.Interface is not null))
        {
            if (OfTheLab().IsMatch(end.Interface!))
                reading.Mistakes.Add(end.InterfaceAt, $"{Quote.Text(end.Interface!)} may be one of the fabric's own links (br1, p1, td1.2, up0): expected another name");
            else if (!seen.TryAdd(end.Interface!, end.InterfaceAt))
                reading.Mistakes.Add(end.InterfaceAt == default ? seen[end.Interface!] : end.InterfaceAt, $"{Quote.Text(end.Interface!)} is the name of another link's end in the fabric: expected a name of its own");
        }
    }

    [GeneratedRegex(@"^(?:br|p|up|td|tu)[0-9]")]
    private static partial Regex OfTheLab();

    private sealed class Draft
    {
        public YamlNode? Ends { get; set; }

        public int? Mtu { get; set; }

        public Location MtuAt { get; set; }
    }

    private sealed class EndDraft
    {
        public YamlNode? Ip { get; set; }

        public string? Interface { get; set; }

        public Location InterfaceAt { get; set; }
    }
}
