using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>A network as far as it could be read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subnets">Those that are valid, and where they stand.</param>
/// <param name="IsKnown">False if a subnet could not be read: any address may have been meant to be on this network.</param>
internal sealed record NetworkDraft(string Name, ImmutableArray<(IPNetwork Subnet, Location At)> Subnets, bool IsKnown)
{
    public int? Mtu { get; init; }

    /// <summary>It stands in the file, and is not the one that is there without <c>networks:</c>.</summary>
    public bool IsOfFile { get; init; } = true;

    /// <summary>Its subnets for messages: <c>172.23.0.0/24 (lan)</c>.</summary>
    public IEnumerable<string> Described => Subnets.Select(s => $"{s.Subnet} ({Name})");

    /// <summary>The subnet that has the address, or null.</summary>
    public IPNetwork? SubnetOf(IPAddress address)
    {
        foreach (var (subnet, _) in Subnets)
            if (subnet.Contains(address))
                return subnet;
        return null;
    }

    public Network ToNetwork() => new(Name, [.. Subnets.Select(s => s.Subnet)]) { Mtu = Mtu };
}

/// <summary>Reads <c>networks:</c>.</summary>
internal static class NetworkReader
{
    private const string Expected = "a subnet such as 172.23.0.0/24 or fd00:23::/64";
    public const int LeastMtuOfIPv6 = 1280; // RFC 8200, section 5

    private static readonly Shape SubnetShape =
        new Shape.Text("an IPv4 subnet, /8 to /30, or an IPv6 subnet, /16 to /126, without host bits", "172.23.0.0/24", "/[0-9]+$");

    private static readonly SubnetText Subnets = new(Expected, v4: (8, 30), v6: (16, 126), usual: (24, 64));

    private static readonly Keys<Draft> NetworkKeys = new("a network", extensible: true)
    {
        { "subnet", Shape.Any(SubnetShape, new Shape.ListOf(SubnetShape)),
            "The addresses of its nodes: a subnet of IPv4, one of IPv6, or a list of one of each.", ReadSubnets, true },
        { "mtu", new Shape.Number(68, 65535), "The largest packet on it, in bytes: 1500 by default; with IPv6 at least 1280.",
            (reading, entry, draft) => (draft.Mtu, draft.MtuAt) = (reading.Number(entry.Value, 68, 65535, "a number of bytes, 68 to 65535"), entry.Value.At) },
    };

    public static KeyTable Table => NetworkKeys;

    /// <summary>The networks in the file's order; without <c>networks:</c> the default one.</summary>
    public static IReadOnlyList<NetworkDraft> Read(Reading reading, YamlNode? networks, Location owner)
    {
        if (networks is null)
            return [new("lan", [(new IPNetwork(new IPAddress([172, 23, 0, 0]), 24), owner)], IsKnown: true) { IsOfFile = false }];

        var drafts = new List<NetworkDraft>();
        const string Mapping = "a mapping from names to networks, such as {lan: {subnet: 172.23.0.0/24}}";
        if (networks is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(networks.At, $"an empty mapping stands here: expected {Mapping}; leave it out for the default");
        foreach (var (key, value) in reading.Named(networks, Mapping))
        {
            if (!DnsLabel.IsValid(key.Value))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a network: expected {DnsLabel.Expected}",
                    DnsLabel.Mend(key.Value));
            var draft = new Draft();
            NetworkKeys.Read(reading, value, key.At, draft);
            if (draft.Mtu < LeastMtuOfIPv6 && draft.Found.Exists(s => s.Subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6))
                reading.Mistakes.Add(draft.MtuAt, $"'{draft.Mtu}' is less than IPv6 works with: expected {LeastMtuOfIPv6} to 65535, or no IPv6 subnet",
                    $"{LeastMtuOfIPv6}");
            drafts.Add(new(key.Value, [.. draft.Found], draft.IsKnown) { Mtu = draft.Mtu });
        }

        RefuseOverlaps(reading, drafts);
        return drafts;
    }

    private static void ReadSubnets(Reading reading, MapEntry entry, Draft draft)
    {
        draft.IsKnown = true;
        if (entry.Value is ListNode { Items.Count: 0 } empty)
        {
            reading.Mistakes.Add(empty.At, $"an empty list stands here: expected {Expected}, or a list of one of each family");
            draft.IsKnown = false;
        }

        foreach (var item in entry.Value is ListNode list ? list.Items : [entry.Value])
        {
            if (Subnet(reading, item) is not { } subnet)
            {
                draft.IsKnown = false;
                continue;
            }

            var same = draft.Found.Find(s => s.Subnet.BaseAddress.AddressFamily == subnet.BaseAddress.AddressFamily);
            if (same.At == default)
                draft.Found.Add((subnet, item.At));
            else
                reading.Mistakes.Add(item.At, $"{Quote.Node(item)} is a second {Families.Name(subnet.BaseAddress)} subnet of one network: "
                    + $"expected one of each family at most; the first is at {same.At}");
        }
    }

    private static IPNetwork? Subnet(Reading reading, YamlNode node)
    {
        if (Subnets.Read(reading, node) is not { } subnet)
            return null;
        if (AddressText.WhyUnusable(AddressRange.Of(subnet)) is not { } why)
            return subnet;
        reading.Mistakes.Add(node.At, $"{Quote.Node(node)} cannot be given to hosts ({why}): expected {Expected}");
        return null;
    }

    private static void RefuseOverlaps(Reading reading, List<NetworkDraft> drafts)
    {
        // By first address: whoever overlaps anybody overlaps the one that reaches furthest so far.
        (NetworkDraft Network, IPNetwork Subnet, Location At, AddressRange Range, int Order)? furthest = null;
        var known = drafts.SelectMany((network, order) => network.Subnets.Select(s => (network, s.Subnet, s.At, Range: AddressRange.Of(s.Subnet), order)));
        foreach (var one in known.OrderBy(s => s.Range.Family).ThenBy(s => s.Range.First).ThenBy(s => s.order))
        {
            if (furthest is { } other && one.Range.Overlaps(other.Range))
            {
                var (former, latter) = one.order < other.Order ? (one, other) : (other, one);
                reading.Mistakes.Add(latter.At,
                    $"{latter.Subnet} of network {Quote.Text(latter.Item1.Name)} overlaps {former.Subnet} of network {Quote.Text(former.Item1.Name)} (line {former.At.Line}): "
                    + "expected subnets apart");
            }

            if (furthest is not { } far || far.Range.Family != one.Range.Family || one.Range.Last > far.Range.Last)
                furthest = one;
        }
    }

    private sealed class Draft
    {
        public List<(IPNetwork Subnet, Location At)> Found { get; } = [];

        /// <summary>False until its subnets have been read without a mistake.</summary>
        public bool IsKnown { get; set; }

        public int? Mtu { get; set; }

        public Location MtuAt { get; set; }
    }
}
