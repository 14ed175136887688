using System.Globalization;

namespace Cleave.Netlink;

/// <summary>An Ethernet address of six bytes, written <c>02:00:00:00:00:01</c>.</summary>
public readonly record struct MacAddress
{
    /// <summary>Bytes an address takes.</summary>
    public const int Size = 6;

    private readonly ulong _value;

    /// <summary>Creates an address from the number its six bytes make, the first byte being the highest.</summary>
    /// <param name="value">0 to 0xffffffffffff.</param>
    public MacAddress(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 0xffff_ffff_fffful);
        _value = value;
    }

    /// <summary>The number that the six bytes make, the first byte being the highest.</summary>
    public ulong ToUInt64() => _value;

    /// <summary>Reads the first six bytes.</summary>
    /// <exception cref="ArgumentException">There are fewer.</exception>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size)
            throw new ArgumentException($"A MAC address takes {Size} bytes, got {bytes.Length}.", nameof(bytes));
        ulong value = 0;
        for (var i = 0; i < Size; i++)
            value = (value << 8) | bytes[i];
        return new MacAddress(value);
    }

    /// <summary>Writes the six bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (var i = 0; i < Size; i++)
            destination[i] = (byte)(_value >> (8 * (Size - 1 - i)));
    }

    /// <summary>Reads six pairs of hexadecimal digits with colons between them.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static MacAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is no MAC address such as 02:00:00:00:00:01.");

    /// <summary>Reads six pairs of hexadecimal digits with colons between them.</summary>
    /// <returns>False when it is something else.</returns>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        if (text is not { Length: (Size * 3) - 1 })
            return false;
        ulong value = 0;
        for (var i = 0; i < Size; i++)
        {
            if (i > 0 && text[(i * 3) - 1] != ':')
                return false;
            if (!byte.TryParse(text.AsSpan(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var part))
                return false;
            value = (value << 8) | part;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Six pairs of lower-case hexadecimal digits with colons between them.</summary>
    public override string ToString() => string.Create(17, _value, static (text, value) =>
    {
        for (var i = 0; i < Size; i++)
        {
            if (i > 0)
                text[(i * 3) - 1] = ':';
            ((byte)(value >> (8 * (Size - 1 - i)))).TryFormat(text[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
        }
    });
}
