using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Wire;

/// <summary>An attribute kept as it came: how what this library does not know survives decoding and encoding. Equal by value.</summary>
public sealed class RawAttribute : IEquatable<RawAttribute>
{
    private readonly byte[] _value;

    /// <summary>Creates an attribute.</summary>
    /// <param name="typeAndFlags">The type, with NLA_F_NESTED or NLA_F_NET_BYTEORDER where these belong.</param>
    /// <param name="value">The value; copied.</param>
    public RawAttribute(ushort typeAndFlags, ReadOnlySpan<byte> value)
    {
        TypeAndFlags = typeAndFlags;
        _value = value.ToArray();
    }

    /// <summary>The type as it stands on the wire, flags included.</summary>
    public ushort TypeAndFlags { get; }

    /// <summary>The type without flags.</summary>
    public ushort Type => (ushort)(TypeAndFlags & NLA_TYPE_MASK);

    /// <summary>The value, without padding.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <inheritdoc/>
    public bool Equals(RawAttribute? other) =>
        other is not null && TypeAndFlags == other.TypeAndFlags && Value.SequenceEqual(other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RawAttribute);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(TypeAndFlags);
        hash.AddBytes(_value);
        return hash.ToHashCode();
    }

    /// <summary>Type and value in hexadecimal, for messages to people.</summary>
    public override string ToString() => $"{Type}:{Convert.ToHexStringLower(_value)}";
}
