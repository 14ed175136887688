using Cleave.Netlink.Route;
using Cleave.Netlink.Tables;
using Cleave.Netlink.Tests.Captures;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tests.Wire;

public sealed class HostileInputTests
{
    private const int Rounds = 4000;

    private static readonly string[] Captured =
    [
        RouteCaptures.AddVeth, RouteCaptures.AddBridge, RouteCaptures.SetBridgePort, RouteCaptures.SetAddressGeneration, RouteCaptures.AddRoute6,
        RouteCaptures.AddAddress6, RouteCaptures.AddNeighbour, KernelCaptures.Link, RulesetCaptures.AddChain, RulesetCaptures.AddMap,
        RulesetCaptures.AddElements, RulesetCaptures.AddDiscoveryRule, TableCaptures.AddVerdicts, TableCaptures.AddUpdateRule, TableCaptures.AddDynamicSet,
    ];

    private delegate object Decoder(ReadOnlySpan<byte> payload);

    private static Decoder[] Decoders =>
    [
        LinkMessage.Decode, AddressMessage.Decode, RouteMessage.Decode, NeighbourMessage.Decode, NamespaceIdMessage.Decode,
        TableMessage.Decode, ChainMessage.Decode, SetMessage.Decode, ElementListMessage.Decode, RuleMessage.Decode,
    ];

    [Fact]
    public void Truncated_messages_end_with_a_format_exception_or_not_at_all()
    {
        foreach (var capture in Captured)
        {
            var bytes = Capture.Bytes(capture);
            for (var length = 0; length < bytes.Length; length++)
                DecodeAll(bytes.AsSpan(0, length));
        }
    }

    [Fact]
    public void Damaged_messages_end_with_a_format_exception_or_not_at_all()
    {
        var random = new Random(20261123);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Capture.Bytes(Captured[random.Next(Captured.Length)]);
            for (var damages = random.Next(1, 6); damages > 0; damages--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            DecodeAll(bytes);
        }
    }

    [Fact]
    public void Garbage_ends_with_a_format_exception_or_not_at_all()
    {
        var random = new Random(42);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            // Short lengths, or else nearly everything ends at the first attribute.
            for (var i = 1; i < bytes.Length; i += 2)
                bytes[i] = (byte)(bytes[i] & 0x80);
            DecodeAll(bytes);
        }
    }

    [Fact]
    public void What_decodes_survives_encoding_and_decoding_again()
    {
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Capture.Bytes(Captured[round % 2 == 0 ? 0 : 7]).AsSpan(NetlinkHeader.Size).ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            LinkMessage link;
            try
            {
                link = LinkMessage.Decode(bytes);
            }
            catch (NetlinkFormatException)
            {
                continue;
            }

            Assert.NotNull(LinkMessage.Decode(Capture.Encode(link.Encode)));
        }
    }

    [Theory]
    [InlineData("0300 0100 00000000", "3 bytes")]
    [InlineData("ff00 0100 00000000", "255 bytes")]
    [InlineData("0800", "only 2")]
    public void A_malformed_length_is_named(string attribute, string words)
    {
        var payload = Capture.Bytes("00000000 00000000 00000000 00000000" + attribute);
        var failure = Assert.Throws<NetlinkFormatException>(() => LinkMessage.Decode(payload));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    private static void DecodeAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var messages = new MessageReader(bytes);
            while (messages.Read(out _))
            {
            }
        }
        catch (NetlinkFormatException)
        {
        }

        var payload = bytes.Length > NetlinkHeader.Size ? bytes[NetlinkHeader.Size..] : bytes;
        foreach (var decoder in Decoders)
        {
            try
            {
                decoder(payload);
            }
            catch (NetlinkFormatException)
            {
            }
        }
    }
}
