using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cleave.Runs.Packets;

/// <summary>A packet that was seen on a link.</summary>
/// <param name="Link">The number of the link, from 0 in the order in which they were described.</param>
/// <param name="Nanoseconds">When, since 1970.</param>
/// <param name="IsOutgoing">Whether the node sent it.</param>
/// <param name="Length">How long it was, of which less may be there.</param>
internal readonly record struct SeenPacket(int Link, long Nanoseconds, bool IsOutgoing, int Length);

/// <summary>Blocks of pcapng (draft-ietf-opsawg-pcapng), little-endian, times in nanoseconds.</summary>
internal static class PcapNg
{
    /// <summary>The most bytes of a packet; larger than any that a kernel hands over as one.</summary>
    public const int MostBytes = 262_144;

    private const uint SectionHeader = 0x0A0D0D0A, InterfaceDescription = 1, InterfaceStatistics = 5, EnhancedPacket = 6;
    private const uint Magic = 0x1A2B3C4D;
    private const ushort EndOfOptions = 0, Application = 4, Name = 2, Resolution = 9, Flags = 2, Received = 4, Dropped = 5;

    /// <summary>What a file begins with.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, string application)
    {
        var body = new ArrayBufferWriter<byte>();
        Number(body, Magic);
        Number(body, 1); // version 1.0: two 16-bit numbers
        Number(body, uint.MaxValue);
        Number(body, uint.MaxValue); // the section's length is not known
        Option(body, Application, Encoding.UTF8.GetBytes(application));
        Option(body, EndOfOptions, []);
        Block(output, SectionHeader, body.WrittenSpan);
    }

    /// <summary>Describes the next link.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">Its name in the node.</param>
    /// <param name="hardware">What kind it is, as the kernel says (ARPHRD_ of linux/if_arp.h).</param>
    public static void WriteLink(IBufferWriter<byte> output, string name, ushort hardware)
    {
        var body = new ArrayBufferWriter<byte>();
        Number(body, hardware is 1 or 772 ? 1u : 101u); // LINKTYPE_ETHERNET, the loopback's too; LINKTYPE_RAW for links without a header
        Number(body, MostBytes);
        Option(body, Name, Encoding.UTF8.GetBytes(name));
        Option(body, Resolution, [9]);
        Option(body, EndOfOptions, []);
        Block(output, InterfaceDescription, body.WrittenSpan);
    }

    /// <summary>A packet.</summary>
    public static void WritePacket(IBufferWriter<byte> output, SeenPacket packet, ReadOnlySpan<byte> bytes)
    {
        int padded = (bytes.Length + 3) & ~3;
        int length = 32 + padded + 12; // with the option of the direction and the end of options
        Span<byte> block = output.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt32LittleEndian(block, EnhancedPacket);
        BinaryPrimitives.WriteInt32LittleEndian(block[4..], length);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], packet.Link);
        Time(block[12..], packet.Nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(block[20..], bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block[24..], packet.Length);
        bytes.CopyTo(block[28..]);
        block[(28 + bytes.Length)..(28 + padded)].Clear();
        Span<byte> rest = block[(28 + padded)..];
        BinaryPrimitives.WriteUInt16LittleEndian(rest, Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], packet.IsOutgoing ? 2u : 1u);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], length);
        output.Advance(length);
    }

    /// <summary>How many packets of a link were seen, and how many the kernel had no room for.</summary>
    public static void WriteStatistics(IBufferWriter<byte> output, int link, long nanoseconds, ulong received, ulong dropped)
    {
        var body = new ArrayBufferWriter<byte>();
        Number(body, (uint)link);
        Time(body.GetSpan(8), nanoseconds);
        body.Advance(8);
        Span<byte> number = stackalloc byte[8];
        foreach ((ushort code, ulong value) in ((ushort, ulong)[])[(Received, received), (Dropped, dropped)])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            Option(body, code, number);
        }

        Option(body, EndOfOptions, []);
        Block(output, InterfaceStatistics, body.WrittenSpan);
    }

    /// <summary>
    /// Puts two files of one recording together: what the newer one begins with, whose links are those of the older one and maybe more, then what both saw. A
    /// block that was cut off ends its file.
    /// </summary>
    public static void Join(Stream older, Stream newer, Stream joined)
    {
        Copy(newer, joined, header: true);
        Copy(older, joined, header: false);
        newer.Position = 0;
        Copy(newer, joined, header: false);
    }

    private static void Copy(Stream from, Stream to, bool header)
    {
        byte[] buffer = new byte[MostBytes + 1024];
        while (from.ReadAtLeast(buffer.AsSpan(0, 8), 8, throwOnEndOfStream: false) == 8)
        {
            uint kind = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
            int length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(4));
            if (length < 12 || length > buffer.Length || from.ReadAtLeast(buffer.AsSpan(8, length - 8), length - 8, throwOnEndOfStream: false) < length - 8)
            {
                return;
            }

            if (kind is SectionHeader or InterfaceDescription == header)
            {
                to.Write(buffer.AsSpan(0, length));
            }
        }
    }

    private static void Block(IBufferWriter<byte> output, uint kind, ReadOnlySpan<byte> body)
    {
        uint length = (uint)body.Length + 12;
        Number(output, kind);
        Number(output, length);
        output.Write(body);
        Number(output, length);
    }

    private static void Option(ArrayBufferWriter<byte> output, ushort code, ReadOnlySpan<byte> value)
    {
        int padded = (value.Length + 3) & ~3;
        Span<byte> option = output.GetSpan(4 + padded)[..(4 + padded)];
        option.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(option, code);
        BinaryPrimitives.WriteUInt16LittleEndian(option[2..], (ushort)value.Length);
        value.CopyTo(option[4..]);
        output.Advance(4 + padded);
    }

    private static void Number(IBufferWriter<byte> output, uint number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), number);
        output.Advance(4);
    }

    /// <summary>As two halves, the higher first.</summary>
    private static void Time(Span<byte> place, long nanoseconds)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)(nanoseconds >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(place[4..], (uint)nanoseconds);
    }
}
