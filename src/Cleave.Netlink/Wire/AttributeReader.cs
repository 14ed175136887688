using System.Runtime.InteropServices;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Wire;

/// <summary>Walks a list of attributes. Every step is bounds-checked and advances.</summary>
public ref struct AttributeReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads the attributes in <paramref name="attributes"/>.</summary>
    public AttributeReader(ReadOnlySpan<byte> attributes) => _rest = attributes;

    /// <summary>Moves to the next attribute.</summary>
    /// <param name="attribute">The attribute, when there was one.</param>
    /// <returns>False at the end of the list.</returns>
    /// <exception cref="NetlinkFormatException">A length is smaller than an attribute's header or beyond the end.</exception>
    public bool Read(out NetlinkAttribute attribute)
    {
        if (_rest.IsEmpty)
        {
            attribute = default;
            return false;
        }

        if (_rest.Length < NLA_HDRLEN)
            throw new NetlinkFormatException($"An attribute takes at least {NLA_HDRLEN} bytes, only {_rest.Length} are left.");
        var length = MemoryMarshal.Read<ushort>(_rest);
        var type = MemoryMarshal.Read<ushort>(_rest[2..]);
        if (length < NLA_HDRLEN || length > _rest.Length)
            throw new NetlinkFormatException($"Attribute {type & NLA_TYPE_MASK} says {length} bytes, {_rest.Length} are there.");

        attribute = new NetlinkAttribute(type, _rest[NLA_HDRLEN..length]);
        _rest = _rest[Math.Min(Alignment.Up(length), _rest.Length)..];
        return true;
    }
}
