using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>IPv4 and IPv6 addresses as they stand in a file.</summary>
internal static class AddressText
{
    public const string Expected = "an address such as 172.23.0.1 or fd00:23::1";

    /// <summary>What no node can have, and why; the narrower before the wider.</summary>
    private static readonly (AddressRange Range, string What, bool IsRoutable)[] Unusable =
    [
        (Range("0.0.0.0/8"), "0.0.0.0/8 means this host", false),
        (Range("127.0.0.0/8"), "loopback", false),
        (Range("224.0.0.0/4"), "multicast", true),
        (Range("240.0.0.0/4"), "reserved", true),
        (Range("::ffff:0:0/96"), "IPv4 written as IPv6, which programs take for IPv4", false),
        (Range("::/8"), "loopback and reserved", true),
        (Range("fe80::/10"), "link-local, of which every link of a node with IPv6 has one of its own accord", false),
        (Range("ff00::/8"), "multicast", true),
    ];

    /// <summary>The address, or null; every way to write IPv6, but of IPv4 only four decimal numbers without leading zeros, which other
    /// programs take for octal.</summary>
    public static IPAddress? Parse(string text)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
            return ParseV4(text);

        // The system's parser also takes zones, brackets, ports and prefix lengths.
        if (!text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
            || !IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return null;
        var dotted = text[(text.LastIndexOf(':') + 1)..];
        return !dotted.Contains('.', StringComparison.Ordinal) || ParseV4(dotted) is not null ? address : null;
    }

    /// <summary>The address that was written with something around it, or null.</summary>
    public static IPAddress? Mend(string text) => Parse(text.Split('/', '%')[0].Trim('[', ']'));

    /// <summary>Reads an address that a node can have; null and a mistake if it is none.</summary>
    public static IPAddress? Read(Reading reading, YamlNode value, string expected = Expected)
    {
        if (reading.Text(value, expected) is not { } text)
            return null;
        if (Parse(text) is { } address)
        {
            if (WhyUnusable(new(address.AddressFamily, AddressRange.ToNumber(address), AddressRange.ToNumber(address))) is not { } why)
                return address;
            reading.Mistakes.Add(value.At, $"{Quote.Text(text)} cannot be given to hosts ({why}): expected {expected}",
                address.IsIPv4MappedToIPv6 ? $"{address.MapToIPv4()}" : null);
            return null;
        }

        var mended = Mend(text)?.ToString();
        if (mended is not null && text.Contains('/', StringComparison.Ordinal))
            reading.Mistakes.Add(value.At, $"{Quote.Text(text)} has a prefix length: expected {expected}; the network has the prefix", mended);
        else if (mended is not null && text.Contains('%', StringComparison.Ordinal))
            reading.Mistakes.Add(value.At, $"{Quote.Text(text)} has a zone after its '%': expected {expected}", mended);
        else
            reading.Wrong(value, expected, mended);
        return null;
    }

    /// <summary>Why no node can have all of these addresses, or null.</summary>
    public static string? WhyUnusable(AddressRange range)
    {
        foreach (var (unusable, what, _) in Unusable)
            if (unusable.Overlaps(range))
                return what;
        return null;
    }

    /// <summary>Why no router passes packets to any of these addresses on, or null.</summary>
    public static string? WhyUnroutable(AddressRange range)
    {
        foreach (var (unusable, what, isRoutable) in Unusable)
            if (!isRoutable && unusable.Overlaps(range) && unusable.First <= range.First && unusable.Last >= range.Last)
                return what;
        return null;
    }

    private static IPAddress? ParseV4(string text)
    {
        var parts = text.Split('.');
        var number = UInt128.Zero;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                return null;
            number = (number << 8) | value;
        }

        return parts.Length == 4 ? AddressRange.ToAddress(AddressFamily.InterNetwork, number) : null;
    }

    private static AddressRange Range(string subnet) => AddressRange.Of(IPNetwork.Parse(subnet));
}
