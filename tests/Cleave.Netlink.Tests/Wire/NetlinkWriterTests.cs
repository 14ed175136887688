using Cleave.Netlink.Tests.Captures;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tests.Wire;

public sealed class NetlinkWriterTests
{
    [Fact]
    public void Lengths_of_nested_attributes_are_patched_and_values_padded()
    {
        var bytes = Capture.Encode(writer =>
        {
            var outer = writer.BeginNested(1);
            writer.Attribute(2, "ab");
            var inner = writer.BeginNested(3);
            writer.BigEndian(4, (ushort)0x0102);
            writer.EndNested(inner);
            writer.EndNested(outer);
        });
        Assert.Equal(Capture.Bytes("1800 0180  0700 0200 61620000  0c00 0380  0600 0400 01020000"), bytes);
    }

    [Fact]
    public void The_buffer_grows_without_losing_what_was_written()
    {
        var writer = new NetlinkWriter(8);
        for (uint i = 0; i < 1000; i++)
            writer.Attribute((ushort)(i % 100), i);
        var reader = new AttributeReader(writer.Written);
        for (uint i = 0; i < 1000; i++)
        {
            Assert.True(reader.Read(out var attribute));
            Assert.Equal(i, attribute.AsUInt32());
        }

        Assert.False(reader.Read(out _));
    }

    [Fact]
    public void A_nested_attribute_too_long_for_its_length_is_refused()
    {
        var writer = new NetlinkWriter();
        var outer = writer.BeginNested(1);
        writer.Attribute(2, new byte[40_000]);
        writer.Attribute(2, new byte[40_000]);
        Assert.Throws<InvalidOperationException>(() => writer.EndNested(outer));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Attribute(2, new byte[65_532]));
    }
}
