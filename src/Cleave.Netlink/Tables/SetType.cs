namespace Cleave.Netlink.Tables;

/// <summary>
/// The type of a set's keys or a map's data. The kernel only looks at the length; the number and the byte order are for nft,
/// which cannot list a set whose type it does not know. Numbers are those of nft's own table of types.
/// </summary>
/// <param name="Id">nft's number; in a concatenation six bits for each part.</param>
/// <param name="Length">Bytes a value takes.</param>
/// <param name="ByteOrder">How nft reads numbers in it.</param>
public readonly record struct SetType(uint Id, int Length, SetByteOrder ByteOrder)
{
    private const int BitsPerPart = 6;
    private const uint VerdictId = Kernel.TableConstants.NFT_DATA_VERDICT;

    /// <summary><c>verdict</c>: data of a verdict map.</summary>
    public static SetType Verdict => new(VerdictId, 0, SetByteOrder.None);

    /// <summary><c>ipv4_addr</c>.</summary>
    public static SetType IPv4Address => new(7, 4, SetByteOrder.Network);

    /// <summary><c>ipv6_addr</c>.</summary>
    public static SetType IPv6Address => new(8, 16, SetByteOrder.Network);

    /// <summary><c>ether_addr</c>.</summary>
    public static SetType EthernetAddress => new(9, 6, SetByteOrder.Network);

    /// <summary><c>ether_type</c>: 2 bytes.</summary>
    public static SetType EtherType => new(10, 2, SetByteOrder.Network);

    /// <summary><c>inet_proto</c>: 1 byte.</summary>
    public static SetType InternetProtocol => new(12, 1, SetByteOrder.Network);

    /// <summary><c>inet_service</c>: a port.</summary>
    public static SetType InternetService => new(13, 2, SetByteOrder.Network);

    /// <summary><c>mark</c>.</summary>
    public static SetType Mark => new(19, 4, SetByteOrder.Host);

    /// <summary><c>iface_index</c>: the index of an interface. nft writes it by the name that the interface has.</summary>
    public static SetType InterfaceIndex => new(20, 4, SetByteOrder.Host);

    /// <summary><c>classid</c>: a priority.</summary>
    public static SetType ClassId => new(23, 4, SetByteOrder.Host);

    /// <summary><c>icmpv6_type</c>: 1 byte.</summary>
    public static SetType Icmpv6Type => new(29, 1, SetByteOrder.Network);

    /// <summary><c>pkt_type</c>: 1 byte.</summary>
    public static SetType PacketType => new(31, 1, SetByteOrder.Host);

    /// <summary><c>devgroup</c>: IFLA_GROUP of an interface.</summary>
    public static SetType DeviceGroup => new(35, 4, SetByteOrder.Host);

    /// <summary><c>ifname</c>: an interface name, padded with NUL to 16 bytes.</summary>
    public static SetType InterfaceName => new(41, 16, SetByteOrder.Host);

    internal bool IsVerdict => Id == VerdictId;

    /// <summary><c>a . b</c>: each part is padded to four bytes.</summary>
    /// <param name="parts">Two to five types.</param>
    public static SetType Concatenate(params ReadOnlySpan<SetType> parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts.Length, 2, nameof(parts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, 5, nameof(parts));
        uint id = 0;
        var length = 0;
        foreach (var part in parts)
        {
            id = (id << BitsPerPart) | part.Id;
            length += Wire.Alignment.Up(part.Length);
        }

        return new SetType(id, length, SetByteOrder.None);
    }
}

/// <summary>How nft reads the numbers in a set, kept in the set's user data.</summary>
public enum SetByteOrder : uint
{
    /// <summary>It does not say: concatenations, verdicts.</summary>
    None = 0,

    /// <summary>That of this machine.</summary>
    Host = 1,

    /// <summary>Big-endian.</summary>
    Network = 2,
}
