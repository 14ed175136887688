using System.Globalization;
using System.Net;

namespace Cleave.Topology;

/// <summary>A network as far as it could be read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="At">Where its subnet stands, or else its name.</param>
/// <param name="Subnet">Null if it has no valid one.</param>
internal sealed record NetworkDraft(string Name, Location At, IPNetwork? Subnet);

/// <summary>Reads <c>networks:</c>.</summary>
internal static class NetworkReader
{
    private const string Expected = "a subnet such as 172.23.0.0/24";

    private static readonly Keys<Draft> NetworkKeys = new("a network", extensible: true)
    {
        { "subnet", new Shape.Text("an IPv4 subnet, /8 to /30, without host bits", "172.23.0.0/24"), "The addresses of its nodes.", (reading, entry, draft) => (draft.At, draft.Subnet) = (entry.Value.At, Subnet(reading, entry.Value)), true },
    };

    public static KeyTable Table => NetworkKeys;

    /// <summary>The networks in the file's order; without <c>networks:</c> the default one.</summary>
    public static IReadOnlyList<NetworkDraft> Read(Reading reading, YamlNode? networks, Location owner)
    {
        if (networks is null)
            return [new("lan", owner, new IPNetwork(new IPAddress([172, 23, 0, 0]), 24))];

        var drafts = new List<NetworkDraft>();
        const string Mapping = "a mapping from names to networks, such as {lan: {subnet: 172.23.0.0/24}}";
        if (networks is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(networks.At, $"an empty mapping stands here: expected {Mapping}; leave it out for the default");
        foreach (var (key, value) in reading.Named(networks, Mapping))
        {
            if (!DnsLabel.IsValid(key.Value))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a network: expected {DnsLabel.Expected}",
                    DnsLabel.Mend(key.Value));
            var draft = new Draft { At = key.At };
            NetworkKeys.Read(reading, value, key.At, draft);
            drafts.Add(new(key.Value, draft.At, draft.Subnet));
        }

        RefuseOverlaps(reading, drafts);
        return drafts;
    }

    private static IPNetwork? Subnet(Reading reading, YamlNode node)
    {
        if (reading.Text(node, Expected) is not { } text)
            return null;

        if (Ipv4.IsIpv6(text))
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} is IPv6: expected an IPv4 subnet such as 172.23.0.0/24");
            return null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!Ipv4.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            reading.Wrong(node, Expected);
            return null;
        }

        if (slash < 0)
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} has no prefix length: expected {Expected}", $"{text}/24");
            return null;
        }

        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix is < 8 or > 30)
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} has the prefix length {Quote.Text(text[(slash + 1)..])}: "
                + "expected /8 to /30");
            return null;
        }

        var first = address & (uint.MaxValue << (32 - prefix));
        var last = first | (uint.MaxValue >> prefix);
        if (first != address)
        {
            var mended = $"{Ipv4.ToAddress(first)}/{prefix}";
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} is not the network's own address: expected {mended}", mended);
            return null;
        }

        if (Ipv4.IsUnusable(first, last))
        {
            reading.Mistakes.Add(node.At, $"{Quote.Text(text)} cannot be given to hosts (loopback, multicast or reserved): "
                + $"expected {Expected}");
            return null;
        }

        return new IPNetwork(Ipv4.ToAddress(first), prefix);
    }

    private static void RefuseOverlaps(Reading reading, List<NetworkDraft> drafts)
    {
        // By first address: whoever overlaps anybody overlaps the one that reaches furthest so far.
        var furthest = -1;
        var known = Enumerable.Range(0, drafts.Count).Where(i => drafts[i].Subnet is not null);
        foreach (var i in known.OrderBy(i => Ipv4.Range(drafts[i].Subnet!.Value).First))
        {
            var range = Ipv4.Range(drafts[i].Subnet!.Value);
            if (furthest >= 0 && range.First <= Ipv4.Range(drafts[furthest].Subnet!.Value).Last)
            {
                var (former, latter) = (drafts[Math.Min(i, furthest)], drafts[Math.Max(i, furthest)]);
                reading.Mistakes.Add(latter.At,
                    $"{latter.Subnet} of network {Quote.Text(latter.Name)} overlaps {former.Subnet} of network {Quote.Text(former.Name)} (line {former.At.Line}): "
                    + "expected subnets apart");
            }

            if (furthest < 0 || range.Last > Ipv4.Range(drafts[furthest].Subnet!.Value).Last)
                furthest = i;
        }
    }

    private sealed class Draft
    {
        public Location At { get; set; }

        public IPNetwork? Subnet { get; set; }
    }
}
