using Cleave.Netlink.Route;
using Cleave.Netlink.Tests.Captures;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tests.Route;

public sealed class LinkMessageTests
{
    private const byte AF_BRIDGE = 7;

    /// <summary>What ip or bridge sent, what it means, and whether our bytes are the same (else the attributes' order differs).</summary>
    public static TheoryData<string, LinkMessage, bool> Links => new()
    {
        {
            RouteCaptures.AddBridge,
            new LinkMessage { Index = 1000, Name = "br0", Settings = new BridgeSettings { MulticastSnooping = false, ForwardDelay = 0 } },
            false
        },
        {
            RouteCaptures.AddVeth,
            new LinkMessage
            {
                Index = 1001,
                Name = "n1",
                Address = MacAddress.Parse("02:00:00:00:01:01"),
                Mtu = 1400,
                TransmitQueues = 1,
                ReceiveQueues = 1,
                Settings = new VethSettings { Peer = new LinkMessage { Name = "e1", Address = MacAddress.Parse("02:00:00:00:00:02") } },
            },
            false
        },
        { RouteCaptures.SetMasterAndUp, new LinkMessage { Index = 1001, Up = true, Master = 1000 }, true },
        {
            RouteCaptures.SetAddressGeneration,
            new LinkMessage { Index = 2, Inet6 = new Inet6LinkSettings { AddressGeneration = AddressGenerationMode.None } },
            false
        },
        {
            RouteCaptures.SetBridgePort,
            new LinkMessage
            {
                Family = AF_BRIDGE,
                Index = 1001,
                Port = new BridgePort { Learning = false, UnicastFlood = false, MulticastFlood = false, Isolated = true },
            },
            false
        },
        { RouteCaptures.DeleteLink, new LinkMessage { Index = 1001 }, true },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void What_ip_sends_means_this(string capture, LinkMessage expected, bool sameBytes)
    {
        Assert.Equal(expected, LinkMessage.Decode(Capture.Payload(capture)));
        var encoded = Capture.Encode(expected.Encode);
        Assert.Equal(expected, LinkMessage.Decode(encoded));
        if (sameBytes)
            Assert.Equal(Capture.Payload(capture), encoded);
    }

    [Fact]
    public void Requests_have_the_type_and_flags_that_ip_gives_them()
    {
        var batch = new RouteBatch();
        batch.SetLink(new LinkMessage { Index = 1001, Up = true, Master = 1000 });
        batch.DeleteLink(1001);
        Assert.Equal([.. Capture.Request(RouteCaptures.SetMasterAndUp), .. Capture.Request(RouteCaptures.DeleteLink)], batch.Bytes.ToArray());
        batch.Clear();
        batch.AddLink(new LinkMessage());
        Assert.Equal(Capture.Request(RouteCaptures.AddBridge).AsSpan(4, 12), batch.Bytes[4..16]);
        batch.Clear();
        batch.SetBridgePort(1001, new BridgePort());
        Assert.Equal(Capture.Request(RouteCaptures.SetBridgePort).AsSpan(4, 12), batch.Bytes[4..16]);
    }

    [Fact]
    public void What_the_kernel_tells_about_a_link_survives_decoding_and_encoding_with_all_that_is_unknown()
    {
        var payload = Capture.Payload(KernelCaptures.Link);
        var link = LinkMessage.Decode(payload);

        Assert.Equal("n1", link.Name);
        Assert.Equal(1001, link.Index);
        Assert.Equal(MacAddress.Parse("02:00:00:00:01:01"), link.Address);
        Assert.Equal("veth", link.Settings?.Kind);
        Assert.True(link.Port?.Learning);
        Assert.NotEmpty(link.Unknown);
        Assert.NotEmpty(link.Port!.Unknown);
        Assert.NotEmpty(link.OtherFamilies);
        var encoded = Capture.Encode(link.Encode);
        Assert.Equal(payload.Length, encoded.Length);
        Assert.Equal(link, LinkMessage.Decode(encoded));
    }

    [Fact]
    public void A_peer_nested_in_peers_without_end_is_malformed()
    {
        var link = new LinkMessage { Name = "e" };
        for (var i = 0; i < 10; i++)
            link = new LinkMessage { Settings = new VethSettings { Peer = link } };
        var bytes = Capture.Encode(link.Encode);
        Assert.Throws<NetlinkFormatException>(() => LinkMessage.Decode(bytes));
    }

    [Fact]
    public void Messages_compare_by_value()
    {
        RawAttribute one = new(7, [1, 2, 3]);
        RawAttribute same = new(7, [1, 2, 3]);
        Assert.Equal(new LinkMessage { Unknown = [one] }, new LinkMessage { Unknown = [same] });
        Assert.Equal(new LinkMessage { Unknown = [one] }.GetHashCode(), new LinkMessage { Unknown = [same] }.GetHashCode());
        Assert.NotEqual(new LinkMessage { Unknown = [one] }, new LinkMessage { Unknown = [one, same] });
    }
}
