using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>Reads <c>routes:</c>, once all nodes and their addresses are known.</summary>
internal sealed class RouteReader
{
    private const string Default = "default";
    private const string ExpectedGateway = "a gateway: an address on one of the node's networks, the name of a router on one, or the name of one of the node's links";

    private static readonly SubnetText Destinations =
        new("a destination: a subnet such as 10.1.0.0/16, or default", v4: (1, 32), v6: (1, 128), usual: (32, 128));

    private static readonly IPNetwork[] Everywhere = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];

    private readonly Reading _reading;
    private readonly Dictionary<string, NodeDraft> _nodes;
    private readonly Dictionary<IPAddress, NodeDraft> _owners;
    private readonly Dictionary<string, NetworkDraft> _networks;
    private readonly Dictionary<string, LinkDraft> _links;
    private readonly HashSet<IPAddress> _fabric;
    private readonly bool _isComplete;

    public RouteReader(Reading reading, IReadOnlyList<NodeDraft> nodes, AddressBook addresses)
    {
        _reading = reading;
        _nodes = nodes.DistinctBy(n => n.Name).ToDictionary(n => n.Name);
        _links = addresses.Links.DistinctBy(l => l.Name).ToDictionary(l => l.Name);
        _networks = addresses.Networks.Concat(addresses.Links.Select(l => l.Network)).DistinctBy(n => n.Name).ToDictionary(n => n.Name);
        _owners = nodes.SelectMany(n => n.Attachments ?? [], (n, a) => (n, a)).SelectMany(p => p.a.Addresses, (p, address) => (address, p.n))
            .ToDictionary(p => p.address, p => p.n);
        _fabric = [.. addresses.Networks.SelectMany(n => n.Subnets).Select(s => FabricAddress.Of(s.Subnet, addresses.Addresses)).OfType<IPAddress>(),
            .. addresses.Links.SelectMany(l => l.Ends).Where(e => e.IsFabric).SelectMany(e => e.Addresses).Select(a => a.Address)];
        _isComplete = nodes.All(n => n.Attachments is not null) && _networks.Values.All(n => n.IsKnown);
    }

    public static Shape Shape { get; } = ShapeOf(new Shape.Text("a gateway: an address on one of the node's networks, a router's name, or the name of one of the node's links", "172.23.0.254"));

    public void Read(NodeDraft node)
    {
        if (node.RoutesValue is not { } value)
            return;
        var routes = ImmutableArray.CreateBuilder<Route>();
        var seen = new Dictionary<IPNetwork, Location>();
        foreach (var entry in _reading.Named(value, "a mapping from destinations to gateways, such as {10.1.0.0/16: 172.23.0.254}"))
        {
            var isDefault = entry.Key.Value == Default;
            var destination = isDefault ? null : Destination(node, entry.Key);
            IReadOnlyList<YamlNode> gateways = entry.Value is ListNode list && isDefault ? list.Items : [entry.Value];
            if (gateways.Count == 0)
                _reading.Mistakes.Add(entry.Value.At, $"an empty list stands here: expected {ExpectedGateway}, or a list of one of each family");
            foreach (var gateway in gateways)
            {
                if (!isDefault && destination is null)
                    continue; // of what is wrong already there is no more to say
                foreach (var hop in Hops(node, gateway, destination?.BaseAddress.AddressFamily))
                {
                    var to = destination ?? Everywhere[hop.Family == AddressFamily.InterNetwork ? 0 : 1];
                    if (seen.TryAdd(to, isDefault ? gateway.At : entry.Key.At))
                        routes.Add(new(to, hop.Gateway, hop.Link));
                    else
                        AddTwice(isDefault ? gateway : entry.Key, isDefault ? $"a second {Families.Name(hop.Family)} gateway of 'default'" : $"{to}, which stands here already", seen[to]);
                }
            }
        }

        node.Routes = routes.ToImmutable();
    }

    private void AddTwice(YamlNode value, string what, Location first) =>
        _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is {what}: expected one gateway a destination; the first is at {first}");

    private static Shape.MapOf ShapeOf(Shape gateway) =>
        new("a subnet without host bits, or `default`", Topology.Shape.Any(gateway, new Shape.ListOf(gateway)));

    private IPNetwork? Destination(NodeDraft node, TextNode key)
    {
        if (_networks.TryGetValue(key.Value, out var network))
        {
            _reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is the name of a network: expected its subnet",
                network.Subnets.Select(s => $"{s.Subnet}").FirstOrDefault());
            return null;
        }

        if (Destinations.Read(_reading, key) is not { } destination)
            return null;
        if (AddressText.WhyUnroutable(AddressRange.Of(destination)) is { } why)
        {
            _reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} cannot be sent to by a router ({why}): expected a destination such as 10.1.0.0/16");
            return null;
        }

        foreach (var place in node.Attachments ?? [])
        {
            if (place.AddressOf(destination.BaseAddress.AddressFamily) is not { } own || !_networks[place.Network].Subnets.Any(s => s.Subnet.Equals(destination) && s.Subnet.Contains(own)))
                continue;
            _reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is {(_links.ContainsKey(place.Network) ? "link" : "network")} {Quote.Text(place.Network)}, which the node is on itself: expected a destination beyond");
            return null;
        }

        return destination;
    }

    /// <summary>Where packets go that the route is for: to a gateway, or as they are onto a link of the node's. None if there is a mistake in it.</summary>
    private IEnumerable<(AddressFamily Family, IPAddress? Gateway, string? Link)> Hops(NodeDraft node, YamlNode value, AddressFamily? family)
    {
        if (value is not TextNode { Value: var text } || !_links.TryGetValue(text, out var link))
            return Gateways(node, value, family).Select(a => (a.AddressFamily, (IPAddress?)a, (string?)null));
        if (link.Ends.Any(e => e.Node == node.Name))
            return (family is { } one ? [one] : FamiliesOf(node, link)).Select(f => (f, (IPAddress?)null, (string?)link.Name));
        if (link.IsKnown)
            _reading.Mistakes.AddUnknown(value.At, $"{Quote.Text(text)} is a link between {Quote.Choices([.. link.Ends.Select(e => e.Node)], "and")}: expected {ExpectedGateway}",
                text, [.. _links.Values.Where(l => l.Ends.Any(e => e.Node == node.Name)).Select(l => l.Name)]);
        return [];
    }

    /// <summary>For which families the default route leads onto a link: those of the node's address there, or else of all its addresses, or else IPv4.</summary>
    private static AddressFamily[] FamiliesOf(NodeDraft node, LinkDraft link)
    {
        AddressFamily[] there = [.. link.Ends.First(e => e.Node == node.Name).Addresses.Select(a => a.Address.AddressFamily)];
        AddressFamily[] all = [.. (node.Attachments ?? []).SelectMany(a => a.Addresses).Select(a => a.AddressFamily).Distinct()];
        return there.Length > 0 ? there : all.Length > 0 ? all : [AddressFamily.InterNetwork];
    }

    /// <summary>The gateway that is written, of this family if one is given; a node's name may stand for one of each. None if there is a mistake in it.</summary>
    private IPAddress[] Gateways(NodeDraft node, YamlNode value, AddressFamily? family)
    {
        if (_reading.Text(value, ExpectedGateway) is not { } text)
            return [];
        if (text.Contains(':', StringComparison.Ordinal) || text.All(c => char.IsAsciiDigit(c) || c is '.' or '/'))
            return AddressText.Read(_reading, value, ExpectedGateway) is { } address && IsGateway(node, value, address, family) ? [address] : [];
        if (_nodes.TryGetValue(text, out var router))
            return OfRouter(node, value, router, family);
        _reading.Mistakes.AddUnknown(value.At, $"{Quote.Text(text)} is no node: expected {ExpectedGateway}", text, [.. _nodes.Values.Where(n => n.IsRouter).Select(n => n.Name), .. _links.Values.Where(l => l.Ends.Any(e => e.Node == node.Name)).Select(l => l.Name)]);
        return [];
    }

    private IPAddress[] OfRouter(NodeDraft node, YamlNode value, NodeDraft router, AddressFamily? family)
    {
        if (router == node)
        {
            _reading.Mistakes.Add(value.At, $"{Quote.Text(router.Name)} is the node itself: expected another node as its gateway");
            return [];
        }

        if (!Passes(value, router) || node.Attachments is not { } own || router.Attachments is not { } others)
            return [];
        IPAddress[] shared =
        [
            .. from wanted in family is { } one ? [one] : (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]
               let near = own.FirstOrDefault(a => a.AddressOf(wanted) is not null && others.Any(o => o.Network == a.Network && o.AddressOf(wanted) is not null))
               where near is not null
               select others.First(o => o.Network == near.Network).AddressOf(wanted),
        ];
        if (shared.Length == 0)
            _reading.Mistakes.Add(value.At, $"{Quote.Text(router.Name)} shares no network with node {Quote.Text(node.Name)}{(family is { } f ? $" by {Families.Name(f)}" : "")}: "
                + $"expected a router on {Quote.Choices([.. own.Select(a => a.Network)])}");
        return shared;
    }

    private bool IsGateway(NodeDraft node, YamlNode value, IPAddress address, AddressFamily? family)
    {
        if (family is { } wanted && address.AddressFamily != wanted)
        {
            _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is {Families.Name(address)}, and the destination is {Families.Name(wanted)}: expected a gateway of the same family");
            return false;
        }

        if (node.Attachments is not { } own)
            return false;
        var places = own.Where(a => a.AddressOf(address.AddressFamily) is not null).ToList();
        var place = places.Find(a => _networks[a.Network].SubnetOf(address) is not null);
        if (place is null)
        {
            string[] subnets = [.. places.SelectMany(a => _networks[a.Network].Subnets.Where(s => s.Subnet.BaseAddress.AddressFamily == address.AddressFamily)
                .Select(s => $"{s.Subnet} ({a.Network})"))];
            _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is on no network of node {Quote.Text(node.Name)}: expected "
                + (subnets.Length > 0 ? $"a gateway in {Quote.Choices(subnets)}" : $"no {Families.Name(address)} gateway, for the node has no such address"));
            return false;
        }

        if (place.Addresses.Contains(address))
        {
            _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is the node's own address: expected that of another node as its gateway");
            return false;
        }

        if (_owners.TryGetValue(address, out var owner))
            return Passes(value, owner);
        if (!_isComplete || _fabric.Contains(address))
            return _isComplete;
        if (_links.TryGetValue(place.Network, out var link) && link.Beyond(node.Name) is { IsFabric: false } far && far.AddressOf(address.AddressFamily) is null)
            return true; // the other end has none in the file, and may be given one by its setup commands
        _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} is nobody's address on {place.Network}, so that packets would be lost there: expected that of a router",
            _nodes.Values.Where(n => n.IsRouter && n != node).SelectMany(n => n.Attachments ?? []).Where(a => a.Network == place.Network)
                .Select(a => a.AddressOf(address.AddressFamily)?.ToString()).FirstOrDefault(a => a is not null));
        return false;
    }

    private bool Passes(YamlNode value, NodeDraft router)
    {
        if (!router.IsRouter)
            _reading.Mistakes.Add(value.At, $"{Quote.Node(value)} leads to node {Quote.Text(router.Name)}, which passes no packets on: "
                + $"expected a router; give node {Quote.Text(router.Name)} 'router: true'");
        return router.IsRouter;
    }
}
