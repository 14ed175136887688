using System.Collections.Immutable;
using System.Net;

namespace Cleave.Topology;

/// <summary>Reads the <c>dns</c> of a node.</summary>
internal static class DnsServers
{
    private const int Most = 3; // MAXNS of resolv.h: no more are asked
    private const string Expected = "an address of a name server, such as 172.23.0.53 or fd00:23::53";

    private static readonly Shape One = new Shape.Text("an IPv4 or IPv6 address of a name server", "172.23.0.53");

    public static Shape Shape { get; } = Topology.Shape.Any(One, new Shape.ListOf(One));

    public static ImmutableArray<IPAddress> Read(Reading reading, YamlNode value)
    {
        if (value is ListNode { Items.Count: 0 })
        {
            reading.Mistakes.Add(value.At, $"an empty list stands here: expected {Expected}, or a list of 1 to {Most}");
            return [];
        }

        IReadOnlyList<YamlNode> items = value is ListNode list ? list.Items : [value];
        var servers = new List<IPAddress>();
        foreach (YamlNode item in items)
        {
            if (reading.Text(item, Expected) is not { } text)
            {
                continue;
            }

            if (AddressText.Parse(text) is not { } address)
            {
                reading.Wrong(item, Expected, AddressText.Mend(text)?.ToString());
            }
            else if (servers.Contains(address))
            {
                reading.Mistakes.Add(item.At, $"{Quote.Text(text)} is listed already: expected each name server once");
            }
            else
            {
                servers.Add(address);
            }
        }

        if (items.Count > Most)
        {
            reading.Mistakes.Add(items[Most].At, $"{items.Count} name servers are listed: expected at most {Most}, for programs ask no more");
        }

        return [.. servers];
    }
}
