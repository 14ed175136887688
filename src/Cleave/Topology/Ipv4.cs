using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>IPv4 addresses as numbers.</summary>
internal static class Ipv4
{
    /// <summary>Four decimal numbers without leading zeros, which other programs take for octal; nothing of what else the system's parser
    /// allows.</summary>
    public static bool TryParse(string text, out uint address)
    {
        address = 0;
        var parts = text.Split('.');
        if (parts.Length != 4)
            return false;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                return false;
            address = (address << 8) | value;
        }

        return true;
    }

    /// <summary>True if it is an IPv6 address, with or without a prefix length.</summary>
    public static bool IsIpv6(string text) =>
        text.Contains(':', StringComparison.Ordinal)
        && IPAddress.TryParse(text.Split('/')[0], out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    public static IPAddress ToAddress(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new(bytes);
    }

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length != 4)
            throw new ArgumentException($"{address} is not an IPv4 address", nameof(address));
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>The network address and the broadcast address.</summary>
    public static (uint First, uint Last) Range(IPNetwork subnet)
    {
        var first = ToNumber(subnet.BaseAddress);
        return (first, subnet.PrefixLength == 0 ? uint.MaxValue : first | (uint)((1UL << (32 - subnet.PrefixLength)) - 1));
    }

    public static bool Contains(IPNetwork subnet, uint address)
    {
        var (first, last) = Range(subnet);
        return address >= first && address <= last;
    }

    /// <summary>True for what no host can have: this network, loopback, multicast and what lies above.</summary>
    public static bool IsUnusable(uint first, uint last) =>
        first >> 24 == 0 || (first <= 0x7FFFFFFF && last >= 0x7F000000) || last >= 0xE0000000;
}
