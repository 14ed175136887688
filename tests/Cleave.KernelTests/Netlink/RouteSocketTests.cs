using System.Net;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;

namespace Cleave.KernelTests.Netlink;

public sealed class RouteSocketTests
{
    private const int BridgeIndex = 1000;
    private const int PortIndex = 1001;
    private static readonly MacAddress NodeMac = MacAddress.Parse("02:00:00:00:00:02");

    [Fact]
    public void One_batch_makes_a_bridge_and_a_veth_whose_peer_is_in_another_namespace() => TestNamespace.Run(ns =>
    {
        using var other = ns.Another();
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = BridgeAndVeth((int)other.DangerousGetHandle());
        batch.SetLink(new LinkMessage { Index = PortIndex, Inet6 = new Inet6LinkSettings { AddressGeneration = AddressGenerationMode.None } });
        batch.SetBridgePort(PortIndex, new BridgePort { Learning = false, UnicastFlood = false, Isolated = true });
        batch.AddForwardingEntry(PortIndex, NodeMac);
        socket.Send(batch);

        var bridge = ns.Json("ip", "-j", "-d", "link", "show", "br0")[0];
        Assert.Equal(BridgeIndex, bridge.GetProperty("ifindex").GetInt32());
        Assert.Equal(0, bridge.GetProperty("linkinfo").GetProperty("info_data").GetProperty("mcast_snooping").GetInt32());
        var port = ns.Json("ip", "-j", "-d", "link", "show", "n1")[0];
        Assert.Equal("br0", port.GetProperty("master").GetString());
        Assert.Equal("7", port.GetProperty("group").GetString());
        Assert.Equal(1, port.GetProperty("num_tx_queues").GetInt32());
        Assert.Contains("UP", port.GetProperty("flags").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal("none", port.GetProperty("inet6_addr_gen_mode").GetString());
        var portData = port.GetProperty("linkinfo").GetProperty("info_slave_data");
        Assert.False(portData.GetProperty("learning").GetBoolean());
        Assert.False(portData.GetProperty("flood").GetBoolean());
        Assert.True(portData.GetProperty("isolated").GetBoolean());
        Assert.Contains(
            ns.Json("bridge", "-j", "fdb", "show", "dev", "n1").EnumerateArray(),
            e => e.GetProperty("mac").GetString() == NodeMac.ToString() && e.GetProperty("state").GetString() == "static");

        var peer = ns.In(other, () => ns.Json("ip", "-j", "-d", "link", "show", "eth0")[0].Clone());
        Assert.Equal(2, peer.GetProperty("ifindex").GetInt32());
        Assert.Equal(NodeMac.ToString(), peer.GetProperty("address").GetString());
        Assert.Equal(1, peer.GetProperty("num_rx_queues").GetInt32());
    });

    [Fact]
    public void Dumps_say_what_was_asked_for() => TestNamespace.Run(ns =>
    {
        using var other = ns.Another();
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = BridgeAndVeth((int)other.DangerousGetHandle());
        batch.SetLink(new LinkMessage { Index = PortIndex, Inet6 = new Inet6LinkSettings { AddressGeneration = AddressGenerationMode.None } });
        batch.SetBridgePort(PortIndex, new BridgePort { Learning = false, UnicastFlood = false });
        batch.AddForwardingEntry(PortIndex, NodeMac);
        socket.Send(batch);

        var links = socket.DumpLinks();
        Assert.Equal(["lo", "br0", "n1"], links.Select(l => l.Name));
        var bridge = Assert.IsType<BridgeSettings>(links[1].Settings);
        Assert.False(bridge.MulticastSnooping);
        Assert.Equal(0u, bridge.SpanningTree);
        Assert.Equal("veth", links[2].Settings?.Kind);
        Assert.Equal(BridgeIndex, links[2].Master);
        Assert.False(links[2].Port?.Learning);
        Assert.Equal(AddressGenerationMode.None, links[2].Inet6?.AddressGeneration);
        Assert.Equal(PortIndex, socket.FindLink("n1")?.Index);
        Assert.Null(socket.FindLink("nothing"));
        Assert.False(Assert.Single(socket.DumpBridgePorts(), p => p.Index == PortIndex).Port?.UnicastFlood);
        Assert.Contains(
            socket.DumpForwardingEntries(),
            e => e.Index == PortIndex && e.Address == NodeMac && e.State == NeighbourState.NoArp && e.Master == BridgeIndex);
        // Making the veth gave the other namespace a number already.
        Assert.Equal(links[2].LinkNetnsId, socket.FindNamespaceId((int)other.DangerousGetHandle()));
    });

    [Fact]
    public void Addresses_routes_and_neighbours_are_as_ip_shows_them() => TestNamespace.Run(ns =>
    {
        using var other = ns.Another();
        using (var fabric = NetlinkSocket.Open(NetlinkFamily.Route))
            fabric.Send(BridgeAndVeth((int)other.DangerousGetHandle()));
        // Opened on a thread in the other namespace, used from this one.
        using var socket = ns.In(other, () => NetlinkSocket.Open(NetlinkFamily.Route));
        var batch = new RouteBatch();
        batch.SetLinkUp(1);
        batch.SetLinkUp(2);
        batch.AddAddress(AddressMessage.For(2, IPAddress.Parse("172.23.0.2"), 24));
        batch.AddAddress(AddressMessage.For(2, IPAddress.Parse("fd00::2"), 64));
        batch.AddRoute(RouteMessage.Default(IPAddress.Parse("172.23.0.254"), 2));
        batch.AddRoute(new RouteMessage { Destination = IPAddress.Parse("10.9.0.0"), DestinationPrefixLength = 16, Type = RouteType.Blackhole, Table = 1000 });
        batch.AddNeighbour(new NeighbourMessage { Index = 2, Destination = IPAddress.Parse("172.23.0.1"), Address = MacAddress.Parse("02:00:00:00:00:01") });
        batch.AddNeighbour(new NeighbourMessage { Index = 2, Destination = IPAddress.Parse("fd00::1"), Address = MacAddress.Parse("02:00:00:00:00:01") });
        socket.Send(batch);

        var shown = ns.In(other, () => (
            Addresses: ns.Output("ip", "-o", "address", "show", "dev", "eth0"),
            Routes: ns.Output("ip", "route", "show", "table", "all"),
            Neighbours: ns.Output("ip", "neighbour", "show")));
        Assert.Contains("inet 172.23.0.2/24 brd 172.23.0.255 scope global eth0", shown.Addresses, StringComparison.Ordinal);
        Assert.Contains("inet6 fd00::2/64 scope global nodad", shown.Addresses, StringComparison.Ordinal);
        Assert.Contains("default via 172.23.0.254 dev eth0 proto static", shown.Routes, StringComparison.Ordinal);
        Assert.Contains("blackhole 10.9.0.0/16 table 1000 proto static", shown.Routes, StringComparison.Ordinal);
        Assert.Contains("172.23.0.1 dev eth0 lladdr 02:00:00:00:00:01 PERMANENT", shown.Neighbours, StringComparison.Ordinal);
        Assert.Contains("fd00::1 dev eth0 lladdr 02:00:00:00:00:01 PERMANENT", shown.Neighbours, StringComparison.Ordinal);

        Assert.Contains(socket.DumpAddresses(), a => a.Index == 2 && a.Address!.ToString() == "172.23.0.2" && a.PrefixLength == 24);
        Assert.Contains(socket.DumpRoutes(), r => r.Gateway?.ToString() == "172.23.0.254" && r.OutputInterface == 2);
        Assert.Contains(socket.DumpRoutes(), r => r.Type == RouteType.Blackhole && r.Table == 1000);
        Assert.Contains(socket.DumpNeighbours(), n => n.Destination?.ToString() == "fd00::1" && n.State == NeighbourState.Permanent);

        batch.Clear();
        batch.DeleteRoute(RouteMessage.Default(IPAddress.Parse("172.23.0.254"), 2));
        batch.DeleteAddress(AddressMessage.For(2, IPAddress.Parse("172.23.0.2"), 24));
        batch.DeleteNeighbour(new NeighbourMessage { Index = 2, Destination = IPAddress.Parse("fd00::1") });
        socket.Send(batch);
        Assert.DoesNotContain(socket.DumpAddresses(), a => a.Address?.ToString() == "172.23.0.2");
    });

    [Fact]
    public void A_refusal_names_the_request_and_what_became_of_the_others() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = new RouteBatch();
        batch.AddLink(new LinkMessage { Index = 10, Name = "br0", Settings = new BridgeSettings() });
        batch.AddLink(new LinkMessage { Index = 11, Name = "br0", Settings = new BridgeSettings() });
        batch.AddLink(new LinkMessage { Index = 12, Name = "br1", Settings = new BridgeSettings() });
        batch.DeleteLink("nothing");

        var failure = Assert.Throws<NetlinkException>(() => socket.Send(batch));

        Assert.Equal(1, failure.RequestIndex);
        Assert.Equal(Errno.EEXIST, failure.Error);
        Assert.Equal("EEXIST", failure.ErrorName);
        Assert.Equal([1, 3], failure.Failures.Select(f => f.RequestIndex));
        Assert.Equal(4, failure.Attempted);
        Assert.Equal(["lo", "br0", "br1"], socket.DumpLinks().Select(l => l.Name));
    });

    [Fact]
    public void The_kernels_own_words_and_the_offending_attribute_are_passed_on() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = new RouteBatch();
        batch.AddLink(new LinkMessage { Name = "toolongforaninterface", Settings = new BridgeSettings() });
        batch.AddRoute(RouteMessage.Default(IPAddress.Parse("192.0.2.1")));

        var failures = socket.TrySend(batch);

        Assert.Equal(2, failures.Count);
        Assert.NotNull(failures[0].KernelMessage);
        Assert.Equal(32, failures[0].AttributeOffset);
        Assert.Equal(3, failures[0].AttributeType);
        Assert.Equal(Errno.ENETUNREACH, failures[1].Error);
        Assert.Equal("Nexthop has invalid gateway", failures[1].KernelMessage);
    });

    [Fact]
    public void A_batch_of_many_chunks_is_carried_out_whole() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = new RouteBatch();
        batch.AddLink(new LinkMessage { Index = 10, Name = "br0", Up = true, Settings = new BridgeSettings() });
        for (var i = 0; i < 4000; i++)
        {
            var address = new IPAddress([10, 0, (byte)(i >> 8), (byte)i]);
            batch.AddNeighbour(new NeighbourMessage { Index = 10, Destination = address, Address = new MacAddress((ulong)i + 1) });
        }

        socket.Send(batch);

        Assert.True(batch.Length > 128 << 10);
        Assert.Equal(4000, socket.DumpNeighbours().Count(n => n.State == NeighbourState.Permanent && n.Family == 2));
    });

    [Fact]
    public void Every_failure_of_a_long_batch_is_told() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var batch = new RouteBatch();
        for (var i = 0; i < 5000; i++)
            batch.DeleteLink(5000 + i);

        var failures = socket.TrySend(batch);

        Assert.Equal(Enumerable.Range(0, 5000), failures.Select(f => f.RequestIndex));
        Assert.All(failures, f => Assert.Equal(Errno.ENODEV, f.Error));
    });

    [Fact]
    public void Deleting_a_group_deletes_its_links() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        using var other = ns.Another();
        var batch = BridgeAndVeth((int)other.DangerousGetHandle());
        batch.DeleteLinkGroup(7);
        socket.Send(batch);
        Assert.Equal(["lo", "br0"], socket.DumpLinks().Select(l => l.Name));
    });

    private static RouteBatch BridgeAndVeth(int other)
    {
        var batch = new RouteBatch();
        batch.AddLink(new LinkMessage
        {
            Index = BridgeIndex,
            Name = "br0",
            Up = true,
            Settings = new BridgeSettings { ForwardDelay = 0, MulticastSnooping = false },
        });
        batch.AddLink(new LinkMessage
        {
            Index = PortIndex,
            Name = "n1",
            Up = true,
            Master = BridgeIndex,
            Group = 7,
            TransmitQueues = 1,
            ReceiveQueues = 1,
            Settings = new VethSettings
            {
                Peer = new LinkMessage { Index = 2, Name = "eth0", Address = NodeMac, NetnsFd = other, TransmitQueues = 1, ReceiveQueues = 1 },
            },
        });
        return batch;
    }
}
