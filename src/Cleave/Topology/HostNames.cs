using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>Names that a node answers to besides its own.</summary>
internal static class HostNames
{
    private const int Longest = 253; // RFC 1035, as text
    private const int LongestHostname = 64; // __NEW_UTS_LEN of linux/utsname.h
    private const string Expected = "a host name: labels of lower-case letters, digits and hyphens, joined by dots";

    /// <summary>Every node's own, and what /etc/hosts has anyway.</summary>
    private static readonly string[] OfEveryNode = ["localhost", "ip6-localhost", "ip6-loopback"];

    private static readonly Shape Name = new Shape.Text(Expected, "www.example.com", @"^[a-z0-9-]+(\.[a-z0-9-]+)*$");

    public static Shape AliasShape { get; } = Shape.Any(Name, new Shape.ListOf(Name));

    public static Shape HostnameShape { get; } = new Shape.Text($"{Expected}, at most {LongestHostname} characters", "db.example.com", @"^[a-z0-9-]+(\.[a-z0-9-]+)*$");

    public static ImmutableArray<(string Name, Location At)> Aliases(Reading reading, YamlNode value)
    {
        if (value is ListNode { Items.Count: 0 })
            reading.Mistakes.Add(value.At, $"an empty list stands here: expected {Expected}, or a list of them");
        IReadOnlyList<YamlNode> items = value is ListNode list ? list.Items : [value];
        return [.. items.Select(i => Read(reading, i, Longest)).OfType<(string, Location)>()];
    }

    public static (string Name, Location At)? Hostname(Reading reading, YamlNode value) => Read(reading, value, LongestHostname);

    /// <summary>Whether /etc/hosts of every node has that name for the node itself.</summary>
    public static bool IsOfEveryNode(string name) => OfEveryNode.Contains(name);

    /// <summary>Reports names that more than one node answers to.</summary>
    public static void RequireUnique(Reading reading, IReadOnlyList<NodeDraft> nodes, IReadOnlyCollection<string> reserved)
    {
        var owners = new Dictionary<string, (NodeDraft Node, Location? At)>();
        foreach (var node in nodes)
        {
            owners.TryAdd(node.Name, (node, null));
            owners.TryAdd($"{node.Name}.lab", (node, null));
        }

        foreach (var node in nodes)
        {
            if (node.Hostname is { } hostname && hostname.Name != node.Name)
                Take(node, hostname.Name, hostname.At);
            foreach (var (name, at) in node.Aliases)
                Take(node, name, at);
        }

        void Take(NodeDraft node, string name, Location at)
        {
            if (reserved.Contains(name) || OfEveryNode.Contains(name))
            {
                reading.Mistakes.Add(at, $"{Quote.Text(name)} is a reserved name: expected a name other than {Quote.Choices([.. OfEveryNode, .. reserved])}");
                return;
            }

            if (owners.TryAdd(name, (node, at)))
                return;
            var (owner, first) = owners[name];
            var whose = owner == node ? "this node" : $"node {Quote.Text(owner.Name)}";
            reading.Mistakes.Add(at, $"{Quote.Text(name)} is a name of {whose} already{(first is { } f ? $" (line {f.Line})" : "")}: expected a name that no node has");
        }
    }

    private static (string, Location)? Read(Reading reading, YamlNode value, int longest)
    {
        if (reading.Text(value, Expected) is not { } name)
            return null;
        var labels = name.Split('.');
        if (labels[^1].Length > 0 && labels[^1].All(char.IsAsciiDigit))
            reading.Mistakes.Add(value.At, $"{Quote.Text(name)} ends like an address, for which programs would take it: expected {Expected}, the last not a number");
        else if (!labels.All(DnsLabel.IsValid))
            reading.Wrong(value, Expected, Mend(labels));
        else if (name.Length > longest)
            reading.Mistakes.Add(value.At, $"{Quote.Text(name)} has {name.Length} characters: expected a host name of at most {longest}");
        else
            return (name, value.At);
        return null;
    }

    private static string? Mend(string[] labels)
    {
        string?[] mended = [.. labels.Where(l => l.Length > 0).Select(l => DnsLabel.IsValid(l) ? l : DnsLabel.Mend(l))];
        return mended.Length == 0 || mended.Contains(null) ? null : string.Join('.', mended);
    }
}
