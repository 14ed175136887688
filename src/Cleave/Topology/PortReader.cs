using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Cleave.Topology;

/// <summary>Reads <c>ports:</c>.</summary>
internal static class PortReader
{
    /// <summary>Ports of one range: each is a socket of its own.</summary>
    private const int LongestRange = 1000;

    private const string Auto = "auto";
    private const string Form = "HOST:NODE, ADDRESS:HOST:NODE or either with /udp behind it, such as \"8000:80\" or \"127.0.0.1:5353:53/udp\"; HOST may be auto";
    private const string HostForm = "a port of the host, 1 to 65535, or auto";
    private const string AddressForm = "an address of the host, such as 127.0.0.1 or ::1";

    private static readonly string[] Protocols = ["tcp", "udp"];

    private static readonly Keys<Draft> PortKeys = new("a published port", extensible: false, new Dictionary<string, string>
    {
        ["published"] = "host",
        ["target"] = "node",
        ["host_ip"] = "address",
        ["mode"] = "there is one way only: leave it out",
        ["app_protocol"] = "nothing depends on it: leave it out",
        ["name"] = "a published port is known by its node and its port there: leave it out",
    })
    {
        { "host", Shape.Any(Shape.Port, Shape.OneOf(Auto)), "The port of the host: `auto`, the default, is a free one, which `cleave port` tells.",
            (reading, entry, draft) => draft.Host = ReadHost(reading, entry.Value) },
        { "node", Shape.Port, "The port that the node's program listens on.", (reading, entry, draft) => draft.Node = reading.Port(entry.Value), true },
        { "protocol", Shape.OneOf([.. Protocols]), "`tcp` by default.", (reading, entry, draft) => draft.Protocol = reading.Choice(entry.Value, Protocols) },
        { "address", new Shape.Text("an IPv4 or IPv6 address of the host", "127.0.0.1"), "The host's address: `127.0.0.1` by default, which nobody but this machine reaches. `0.0.0.0` and `\"::\"` are all that it has of a family.",
            (reading, entry, draft) => draft.Address = ReadAddress(reading, entry.Value) },
        { "via", new Shape.Text("a network of the node, or `loopback`", PublishedPort.Loopback), "The network on which the node is reached: its first by default. `loopback`: inside the node, at 127.0.0.1, for programs that listen nowhere else; "
            + "no cut stands in the way of that.",
            (reading, entry, draft) => (draft.Via, draft.ViaAt) = (reading.Text(entry.Value, "a network of the node, or loopback"), entry.Value.At) },
    };

    public static KeyTable Table => PortKeys;

    public static Shape ListShape { get; } = new Shape.ListOf(Shape.Any(
        new Shape.Text("`HOST:NODE` or `ADDRESS:HOST:NODE`, and behind it `/udp` where it is not TCP", "8000:80"),
        new Shape.Mapping(() => Table)));

    public static ImmutableArray<PortDraft> Read(Reading reading, YamlNode value) =>
        [.. reading.Items(value, $"a list of {Form}").SelectMany(i => Item(reading, i))];

    /// <summary>What only all nodes together tell: whether a port of the host is taken twice.</summary>
    public static void Check(Reading reading, IReadOnlyList<NodeDraft> nodes)
    {
        var seen = new List<(PortDraft Draft, string Node)>();
        foreach (var node in nodes)
        {
            foreach (var draft in node.Ports)
            {
                CheckVia(reading, node, draft);
                if (seen.FirstOrDefault(s => draft.Port.CollidesWith(s.Draft.Port)) is { Draft: { } other, Node: var taker })
                    reading.Mistakes.Add(draft.Port.At, $"port {draft.Port.HostText} of the host ({draft.Port.Protocol.Word()}) is published twice, "
                        + $"the first time for node {Quote.Text(taker)} at {other.Port.At}: expected another port, or auto");
                else
                    seen.Add((draft, node.Name));
            }
        }
    }

    private static void CheckVia(Reading reading, NodeDraft node, PortDraft draft)
    {
        if (draft.Port.IsViaLoopback || node.Attachments is not { } attachments)
            return;
        string[] valid = [.. attachments.Where(a => a.IsInReach).Select(a => a.Network), PublishedPort.Loopback];
        if (draft.Port.Via is not { } via)
        {
            if (valid.Length == 1)
                reading.Mistakes.Add(draft.Port.At, $"node {Quote.Text(node.Name)} has ends of links to other nodes only, where no port of the host reaches it: expected a network, a link to the fabric, or {{node: {draft.Port.NodePort}, via: loopback}}");
            return;
        }

        if (valid.Contains(via))
            return;
        if (attachments.Any(a => a.Network == via))
            reading.Mistakes.Add(draft.ViaAt, $"{Quote.Text(via)} is a link where the fabric has no way to node {Quote.Text(node.Name)}: expected {Quote.Choices(valid)}");
        else
            reading.Mistakes.AddUnknown(draft.ViaAt, $"{Quote.Text(via)} is no network of node {Quote.Text(node.Name)}: expected {Quote.Choices(valid)}", via, valid);
    }

    private static IEnumerable<PortDraft> Item(Reading reading, YamlNode item)
    {
        if (item is not MapNode)
            return reading.Text(item, Form) is { } text ? Short(reading, item.At, text) : [];
        var draft = new Draft();
        var mistakes = reading.Mistakes.Count;
        PortKeys.Read(reading, item, item.At, draft);
        return draft.Node is { } node && reading.Mistakes.Count == mistakes
            ? [new(new(draft.Address ?? IPAddress.Loopback, draft.Host, node, draft.Protocol == "udp" ? PortProtocol.Udp : PortProtocol.Tcp, item.At) { Via = draft.Via }, draft.ViaAt)]
            : [];
    }

    private static IEnumerable<PortDraft> Short(Reading reading, Location at, string text)
    {
        if (Split(reading, at, text) is not var (address, host, node, protocol) || Range(reading, at, text, node) is not var (firstOfNode, count))
            return [];
        int? firstOfHost = null;
        if (host != Auto)
        {
            if (Range(reading, at, text, host, $"{HostForm}, or a range such as 8000-8010") is not var (first, countOfHost))
                return [];
            if (countOfHost != count)
            {
                reading.Mistakes.Add(at, $"{Quote.Text(text)} has {countOfHost} ports of the host and {count} of the node: expected as many on both sides");
                return [];
            }

            firstOfHost = first;
        }

        return Enumerable.Range(0, count).Select(i => new PortDraft(new(address, firstOfHost + i, firstOfNode + i, protocol, at), at));
    }

    /// <summary>The parts of the short form; null and a mistake if it has none.</summary>
    private static (IPAddress Address, string Host, string Node, PortProtocol Protocol)? Split(Reading reading, Location at, string text)
    {
        var slash = text.LastIndexOf('/');
        var word = slash < 0 ? "tcp" : text[(slash + 1)..];
        var rest = slash < 0 ? text : text[..slash];
        if (!Protocols.Contains(word))
        {
            reading.Mistakes.AddUnknown(at, $"{Quote.Text(word)} stands behind the '/' of {Quote.Text(text)}: expected tcp or udp", word.ToLowerInvariant(), Protocols);
            return null;
        }

        var bracket = rest.StartsWith('[') ? rest.IndexOf("]:", StringComparison.Ordinal) : -1;
        string[] ports = bracket > 0 ? rest[(bracket + 2)..].Split(':') : rest.Split(':');
        var address = bracket > 0 ? rest[1..bracket] : ports.Length == 3 ? ports[0] : "127.0.0.1";
        if (bracket <= 0 && ports.Length == 3)
            ports = ports[1..];
        if (ports.Length == 2 && ports.All(p => p.Length > 0))
            return Address(reading, at, address) is { } host
                ? (host, ports[0], ports[1], word == "udp" ? PortProtocol.Udp : PortProtocol.Tcp)
                : null;
        reading.Mistakes.Add(at, $"{Quote.Text(text)} is no published port: expected {Form}", Mend(ports, rest, text));
        return null;
    }

    /// <summary>What was probably meant by a single port, and by an IPv6 address without brackets.</summary>
    private static string? Mend(string[] ports, string rest, string text) =>
        ports is [var only] && int.TryParse(only, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? $"auto:{text}"
        : ports.Length > 3 && AddressText.Parse(string.Join(':', ports[..^2])) is { } address ? $"[{address}]:{ports[^2]}:{ports[^1]}{text[rest.Length..]}"
        : null;

    private static (int First, int Count)? Range(Reading reading, Location at, string text, string range, string? ofHost = null)
    {
        var ends = range.Split('-');
        var numbers = ends.Select(e => int.TryParse(e, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : 0).ToList();
        if (numbers.Count > 2 || numbers.Contains(0))
        {
            reading.Mistakes.Add(at, $"{Quote.Text(range)} stands in {Quote.Text(text)}: expected {ofHost ?? "a port of the node, 1 to 65535, or a range such as 8000-8010"}",
                ofHost is null ? null : Nearest.Of(range, [Auto]));
            return null;
        }

        var count = numbers[^1] - numbers[0] + 1;
        if (count is >= 1 and <= LongestRange)
            return (numbers[0], count);
        reading.Mistakes.Add(at, $"{Quote.Text(range)} stands in {Quote.Text(text)}: expected a range of 1 to {LongestRange} ports, the lower end first");
        return null;
    }

    private static int? ReadHost(Reading reading, YamlNode value) =>
        value is TextNode { Value: Auto } ? null : reading.Number(value, 1, 65535, HostForm);

    private static IPAddress? ReadAddress(Reading reading, YamlNode value) =>
        reading.Text(value, AddressForm) is { } text ? Address(reading, value.At, text) : null;

    private static IPAddress? Address(Reading reading, Location at, string text)
    {
        var address = AddressText.Parse(text);
        if (address is not null && WhyNot(address) is not { } why)
            return address;
        why = address is null ? "is no address" : $"is {WhyNot(address)}";
        reading.Mistakes.Add(at, $"{Quote.Text(text)} {why}: expected {AddressForm}", text == "localhost" ? "127.0.0.1" : AddressText.Mend(text) is { } mended && address is null ? $"{mended}" : null);
        return null;
    }

    private static string? WhyNot(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? "IPv4 written as IPv6"
        : address.IsIPv6Multicast || (address.GetAddressBytes() is [>= 224, _, _, _]) ? "not the address of one host"
        : address.IsIPv6LinkLocal ? "link-local, and means nothing without a link"
        : null;

    private sealed class Draft
    {
        public int? Host { get; set; }

        public int? Node { get; set; }

        public string? Protocol { get; set; }

        public IPAddress? Address { get; set; }

        public string? Via { get; set; }

        public Location ViaAt { get; set; }
    }
}

/// <summary>A published port as far as it could be read.</summary>
/// <param name="Port">The port.</param>
/// <param name="ViaAt">Where its network stands.</param>
internal sealed record PortDraft(PublishedPort Port, Location ViaAt);
