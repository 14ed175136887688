using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>Which node has which address on which network, while <c>nodes:</c> is read.</summary>
internal sealed class AddressBook(Reading reading, IReadOnlyList<NetworkDraft> networks)
{
    private const string Expected = "an IPv4 address such as 172.23.0.1";

    private readonly Dictionary<string, NetworkDraft> _byName = networks.DistinctBy(n => n.Name).ToDictionary(n => n.Name);
    private readonly Dictionary<uint, (string Node, int Line)> _owners = [];

    /// <summary>The address on whichever network has it; null if there is none.</summary>
    public Attachment? OnAny(YamlNode value, string node)
    {
        if (Address(value) is not { } address)
            return null;

        var network = networks.FirstOrDefault(n => n.Subnet is { } subnet && Ipv4.Contains(subnet, address));
        if (network is not null)
            return Take(network, value, address, node);

        // A network whose subnet is wrong may be the one that was meant.
        if (networks.Count > 0 && networks.All(n => n.Subnet is not null))
            reading.Wrong(value, $"an address in {Quote.Choices([.. networks.Select(n => $"{n.Subnet} ({n.Name})")])}");
        return null;
    }

    /// <summary>The attachments of the long form, <c>{lan: 172.23.0.1}</c>; null if there is a mistake in it.</summary>
    public ImmutableArray<Attachment>? OnEach(YamlNode value, string node)
    {
        const string Mapping = "a mapping from networks to addresses, such as {lan: 172.23.0.1}";
        if (value is MapNode { Entries.Count: 0 })
            reading.Mistakes.Add(value.At, $"an empty mapping stands here: expected {Mapping}");
        var entries = reading.Named(value, Mapping);
        var attachments = entries.Select(e => On(e, node)).ToList();
        return attachments.Count == 0 || attachments.Contains(null) ? null : [.. attachments.OfType<Attachment>()];
    }

    /// <summary>Reports networks without an address for the fabric.</summary>
    public void RequireRoomForTheFabric()
    {
        var used = _owners.Keys.ToHashSet();
        foreach (var (name, at, subnet) in networks)
            if (subnet is { } s && FabricAddress.Of(s, used) is null)
                reading.Mistakes.Add(at, $"{s} of network {Quote.Text(name)} is full: "
                    + "expected one address more than its nodes, for the fabric; choose a larger subnet");
    }

    private Attachment? On(MapEntry entry, string node)
    {
        if (!_byName.TryGetValue(entry.Key.Value, out var network))
        {
            if (networks.Count > 0)
                reading.Mistakes.AddUnknown(entry.Key.At,
                    $"{Quote.Text(entry.Key.Value)} is no network: expected {Quote.Choices(_byName.Keys)}",
                    entry.Key.Value, _byName.Keys);
            _ = Address(entry.Value);
            return null;
        }

        if (Address(entry.Value) is not { } address || network.Subnet is not { } subnet)
            return null;
        if (Ipv4.Contains(subnet, address))
            return Take(network, entry.Value, address, node);
        reading.Wrong(entry.Value, $"an address in {subnet} ({network.Name})");
        return null;
    }

    private Attachment? Take(NetworkDraft network, YamlNode value, uint address, string node)
    {
        var (first, last) = Ipv4.Range(network.Subnet!.Value);
        if (address == first || address == last)
        {
            var which = address == first ? "network" : "broadcast";
            reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is the {which} address of {network.Subnet} ({network.Name}): "
                + $"expected one of {Ipv4.ToAddress(first + 1)} to {Ipv4.ToAddress(last - 1)}");
            return null;
        }

        if (!_owners.TryAdd(address, (node, value.At.Line)))
        {
            var (owner, line) = _owners[address];
            reading.Mistakes.Add(value.At, $"{Quote.Node(value)} for node {Quote.Text(node)} is the address of node {Quote.Text(owner)} already (line {line}): "
                + "expected an address of its own");
            return null;
        }

        return new(network.Name, Ipv4.ToAddress(address));
    }

    private uint? Address(YamlNode value)
    {
        if (reading.Text(value, Expected) is not { } text)
            return null;
        if (Ipv4.TryParse(text, out var address))
            return address;
        if (Ipv4.IsIpv6(text))
            reading.Mistakes.Add(value.At, $"{Quote.Text(text)} is IPv6: expected {Expected}");
        else if (text.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && Ipv4.TryParse(text[..slash], out _))
            reading.Mistakes.Add(value.At, $"{Quote.Text(text)} has a prefix length: expected {Expected}; the network has the prefix",
                text[..slash]);
        else
            reading.Wrong(value, Expected);
        return null;
    }
}
