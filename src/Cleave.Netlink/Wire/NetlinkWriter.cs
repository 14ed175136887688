using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Wire;

/// <summary>
/// Writes messages and attributes into a buffer that grows. Lengths of messages and of nested attributes are
/// patched when their token is ended. Not thread-safe.
/// </summary>
public sealed class NetlinkWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>Creates a writer.</summary>
    /// <param name="capacity">Bytes to start with.</param>
    public NetlinkWriter(int capacity = 4096) => _buffer = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    internal Span<byte> WrittenForPatching => _buffer.AsSpan(0, _length);

    /// <summary>Forgets everything written, keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>Forgets everything from <paramref name="length"/> on.</summary>
    internal void Truncate(int length) => _length = length;

    /// <summary>Appends <paramref name="size"/> zero bytes, rounded up to four, for a fixed struct.</summary>
    /// <returns>The bytes asked for; valid until the next write.</returns>
    public Span<byte> Reserve(int size)
    {
        var padded = Alignment.Up(size);
        if (_length + padded > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        var span = _buffer.AsSpan(_length, padded);
        span.Clear();
        _length += padded;
        return span[..size];
    }

    /// <summary>Begins a message; its length is written by <see cref="EndMessage"/>.</summary>
    public MessageToken BeginMessage(ushort type, MessageFlags flags)
    {
        var token = new MessageToken(_length);
        var header = new NetlinkHeader(0, type, flags, 0, 0);
        MemoryMarshal.Write(Reserve(NetlinkHeader.Size), in header);
        return token;
    }

    /// <summary>Ends a message.</summary>
    public void EndMessage(MessageToken token)
    {
        var length = (uint)(_length - token.Offset);
        MemoryMarshal.Write(_buffer.AsSpan(token.Offset), in length);
    }

    /// <summary>Begins an attribute that holds attributes; its length is written by <see cref="EndNested"/>.</summary>
    /// <param name="type">The type; NLA_F_NESTED is added here.</param>
    public NestedToken BeginNested(ushort type) => BeginRaw((ushort)(type | NLA_F_NESTED));

    /// <summary>Begins an attribute with exactly this type, flags included (older attributes nest without NLA_F_NESTED).</summary>
    public NestedToken BeginRaw(ushort typeAndFlags)
    {
        var token = new NestedToken(_length);
        MemoryMarshal.Write(Reserve(NLA_HDRLEN)[2..], in typeAndFlags);
        return token;
    }

    /// <summary>Ends a nested attribute.</summary>
    /// <exception cref="InvalidOperationException">It is longer than 65535 bytes, which the format cannot express.</exception>
    public void EndNested(NestedToken token)
    {
        var length = _length - token.Offset;
        if (length > ushort.MaxValue)
            throw new InvalidOperationException($"An attribute of {length} bytes cannot be expressed: 65535 is the most.");
        var encoded = (ushort)length;
        MemoryMarshal.Write(_buffer.AsSpan(token.Offset), in encoded);
    }

    /// <summary>Writes an attribute with these bytes.</summary>
    public void Attribute(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(ReserveAttribute(type, value.Length));

    /// <summary>Writes a flag: an attribute without a value.</summary>
    public void Flag(ushort type) => ReserveAttribute(type, 0);

    /// <summary>Writes an attribute of one byte.</summary>
    public void Attribute(ushort type, byte value) => ReserveAttribute(type, 1)[0] = value;

    /// <summary>Writes a 16-bit number in host byte order.</summary>
    public void Attribute(ushort type, ushort value) => MemoryMarshal.Write(ReserveAttribute(type, 2), in value);

    /// <summary>Writes a 32-bit number in host byte order.</summary>
    public void Attribute(ushort type, uint value) => MemoryMarshal.Write(ReserveAttribute(type, 4), in value);

    /// <summary>Writes a signed 32-bit number in host byte order.</summary>
    public void Attribute(ushort type, int value) => MemoryMarshal.Write(ReserveAttribute(type, 4), in value);

    /// <summary>Writes a 16-bit number in network byte order.</summary>
    public void BigEndian(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(ReserveAttribute(type, 2), value);

    /// <summary>Writes a 32-bit number in network byte order.</summary>
    public void BigEndian(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(ReserveAttribute(type, 4), value);

    /// <summary>Writes a 64-bit number in network byte order.</summary>
    public void BigEndian(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(ReserveAttribute(type, 8), value);

    /// <summary>Writes text in UTF-8 with a final NUL.</summary>
    public void Attribute(ushort type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Encoding.UTF8.GetBytes(text, ReserveAttribute(type, Encoding.UTF8.GetByteCount(text) + 1));
    }

    /// <summary>Writes an IPv4 (4 bytes) or IPv6 (16 bytes) address.</summary>
    public void Attribute(ushort type, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var size = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 16 : 4;
        address.TryWriteBytes(ReserveAttribute(type, size), out _);
    }

    /// <summary>Writes a MAC address.</summary>
    public void Attribute(ushort type, MacAddress address) => address.CopyTo(ReserveAttribute(type, MacAddress.Size));

    /// <summary>Writes attributes as they came.</summary>
    public void Attributes(ValueList<RawAttribute> attributes)
    {
        foreach (var attribute in attributes.Span)
            attribute.Value.CopyTo(ReserveAttribute(attribute.TypeAndFlags, attribute.Value.Length));
    }

    /// <summary>Writes an attribute's header and leaves room for its value.</summary>
    /// <returns>The value, zeroed; valid until the next write.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value does not fit an attribute.</exception>
    public Span<byte> ReserveAttribute(ushort typeAndFlags, int size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, ushort.MaxValue - NLA_HDRLEN);
        var span = Reserve(NLA_HDRLEN + size);
        var length = (ushort)span.Length;
        MemoryMarshal.Write(span, in length);
        MemoryMarshal.Write(span[2..], in typeAndFlags);
        return span[NLA_HDRLEN..];
    }
}

/// <summary>Where a message began; for <see cref="NetlinkWriter.EndMessage"/>.</summary>
/// <param name="Offset">Offset in the writer, in bytes.</param>
public readonly record struct MessageToken(int Offset);

/// <summary>Where a nested attribute began; for <see cref="NetlinkWriter.EndNested"/>.</summary>
/// <param name="Offset">Offset in the writer, in bytes.</param>
public readonly record struct NestedToken(int Offset);
