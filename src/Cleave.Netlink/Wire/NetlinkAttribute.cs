using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Wire;

/// <summary>One attribute while it is being read: a type and its bytes. Valid as long as the buffer it points into.</summary>
public readonly ref struct NetlinkAttribute
{
    private readonly ushort _typeAndFlags;

    internal NetlinkAttribute(ushort typeAndFlags, ReadOnlySpan<byte> value)
    {
        _typeAndFlags = typeAndFlags;
        Value = value;
    }

    /// <summary>The type, without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits.</summary>
    public ushort Type => (ushort)(_typeAndFlags & NLA_TYPE_MASK);

    /// <summary>The value, without padding.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The attributes nested in this one.</summary>
    public AttributeReader Nested => new(Value);

    /// <summary>The value as one byte.</summary>
    /// <exception cref="NetlinkFormatException">The value has another size; so for all readers below.</exception>
    public byte AsByte() => Sized(1)[0];

    /// <summary>The value as a 16-bit number in host byte order.</summary>
    public ushort AsUInt16() => MemoryMarshal.Read<ushort>(Sized(2));

    /// <summary>The value as a 32-bit number in host byte order.</summary>
    public uint AsUInt32() => MemoryMarshal.Read<uint>(Sized(4));

    /// <summary>The value as a signed 32-bit number in host byte order.</summary>
    public int AsInt32() => MemoryMarshal.Read<int>(Sized(4));

    /// <summary>The value as a 16-bit number in network byte order.</summary>
    public ushort AsBigEndianUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Sized(2));

    /// <summary>The value as a 32-bit number in network byte order, as nf_tables has them.</summary>
    public uint AsBigEndianUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Sized(4));

    /// <summary>The value as a 64-bit number in network byte order.</summary>
    public ulong AsBigEndianUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Sized(8));

    /// <summary>The value as text up to its first NUL, if it has one.</summary>
    public string AsString()
    {
        var end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>The value as an IPv4 or IPv6 address, by its length of 4 or 16 bytes.</summary>
    public IPAddress AsIPAddress() =>
        Value.Length is 4 or 16 ? new IPAddress(Value) : throw WrongSize("4 or 16");

    /// <summary>The value as a MAC address of 6 bytes.</summary>
    public MacAddress AsMacAddress() => MacAddress.FromBytes(Sized(6));

    /// <summary>A copy that may be kept.</summary>
    public RawAttribute ToRaw() => new(_typeAndFlags, Value);

    private ReadOnlySpan<byte> Sized(int size) =>
        Value.Length == size ? Value : throw WrongSize(size.ToString());

    private NetlinkFormatException WrongSize(string expected) =>
        new($"Attribute {Type} has {Value.Length} bytes, expected {expected}.");
}
