using System.Net;
using Cleave.Netlink.Route;
using Cleave.Netlink.Tests.Captures;

namespace Cleave.Netlink.Tests.Route;

public sealed class RouteMessageTests
{
    private static readonly NeighbourMessage Neighbour = new()
    {
        Index = 2,
        Destination = IPAddress.Parse("172.23.0.1"),
        Address = MacAddress.Parse("02:00:00:00:00:01"),
    };

    public static TheoryData<string, RouteMessage> Routes => new()
    {
        { RouteCaptures.AddRoute, RouteMessage.Default(IPAddress.Parse("172.23.0.254"), 2) },
        {
            RouteCaptures.AddRoute6,
            new RouteMessage
            {
                Destination = IPAddress.Parse("fd01::"),
                DestinationPrefixLength = 64,
                Gateway = IPAddress.Parse("fd00::1"),
                OutputInterface = 2,
                Priority = 5,
                Protocol = RouteProtocol.Boot,
            }
        },
        {
            RouteCaptures.AddBlackhole,
            new RouteMessage
            {
                Destination = IPAddress.Parse("10.9.0.0"),
                DestinationPrefixLength = 16,
                Type = RouteType.Blackhole,
                Table = 1000,
                Protocol = RouteProtocol.Boot,
            }
        },
    };

    public static TheoryData<string, AddressMessage> Addresses => new()
    {
        { RouteCaptures.AddAddress, AddressMessage.For(2, IPAddress.Parse("172.23.0.2"), 24) },
        { RouteCaptures.AddAddress6, AddressMessage.For(2, IPAddress.Parse("fd00::2"), 64) },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public void A_route_is_the_bytes_that_ip_sends(string capture, RouteMessage route)
    {
        var batch = new RouteBatch();
        batch.AddRoute(route);
        Assert.Equal(Capture.Request(capture), batch.Bytes);
        var decoded = RouteMessage.Decode(Capture.Payload(capture));
        Assert.Equal(route, decoded);
        Assert.Equal(Capture.Payload(capture), Capture.Encode(decoded.Encode));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_the_bytes_that_ip_sends(string capture, AddressMessage address)
    {
        var batch = new RouteBatch();
        batch.AddAddress(address);
        Assert.Equal(Capture.Request(capture), batch.Bytes);
        Assert.Equal(address, AddressMessage.Decode(Capture.Payload(capture)));
    }

    [Fact]
    public void A_neighbour_is_the_bytes_that_ip_sends()
    {
        var batch = new RouteBatch();
        batch.AddNeighbour(Neighbour);
        Assert.Equal(Capture.Request(RouteCaptures.AddNeighbour), batch.Bytes);
        Assert.Equal(Neighbour, NeighbourMessage.Decode(Capture.Payload(RouteCaptures.AddNeighbour)));
    }

    [Fact]
    public void A_forwarding_entry_is_the_bytes_that_bridge_sends()
    {
        var batch = new RouteBatch();
        batch.AddForwardingEntry(1001, MacAddress.Parse("02:00:00:00:00:02"));
        Assert.Equal(Capture.Request(RouteCaptures.AddForwardingEntry), batch.Bytes);
    }

    [Theory]
    [InlineData("172.23.0.2", 24, "172.23.0.255")]
    [InlineData("10.1.2.3", 9, "10.127.255.255")]
    [InlineData("10.1.2.3", 31, null)]
    [InlineData("10.1.2.3", 32, null)]
    [InlineData("fd00::1", 64, null)]
    public void The_broadcast_address_ends_the_subnet(string address, byte prefix, string? broadcast) =>
        Assert.Equal(broadcast, AddressMessage.For(1, IPAddress.Parse(address), prefix).Broadcast?.ToString());

    [Fact]
    public void A_namespace_id_survives_decoding_and_encoding()
    {
        var message = new NamespaceIdMessage { Id = -1, Fd = 7, Pid = 9 };
        Assert.Equal(message, NamespaceIdMessage.Decode(Capture.Encode(message.Encode)));
    }

    [Theory]
    [InlineData("02:00:00:00:00:1f", true)]
    [InlineData("02:00:00:00:00", false)]
    [InlineData("02-00-00-00-00-1f", false)]
    [InlineData("02:00:00:00:00: f", false)]
    [InlineData("", false)]
    public void A_mac_address_is_six_pairs_of_digits(string text, bool valid)
    {
        Assert.Equal(valid, MacAddress.TryParse(text, out var address));
        if (valid)
            Assert.Equal(text, address.ToString());
    }
}
