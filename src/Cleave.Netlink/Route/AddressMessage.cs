using System.Net;
using System.Net.Sockets;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.AddressConstants;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>IFA_F_* of linux/if_addr.h.</summary>
[Flags]
public enum AddressFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IFA_F_SECONDARY (IPv4) or temporary (IPv6).</summary>
    Secondary = IFA_F_SECONDARY,

    /// <summary>IFA_F_NODAD: usable at once, without looking for duplicates.</summary>
    NoDuplicateDetection = IFA_F_NODAD,

    /// <summary>IFA_F_OPTIMISTIC.</summary>
    Optimistic = IFA_F_OPTIMISTIC,

    /// <summary>IFA_F_DADFAILED: somebody else has it.</summary>
    DuplicateFound = IFA_F_DADFAILED,

    /// <summary>IFA_F_HOMEADDRESS.</summary>
    HomeAddress = IFA_F_HOMEADDRESS,

    /// <summary>IFA_F_DEPRECATED: its preferred time is over.</summary>
    Deprecated = IFA_F_DEPRECATED,

    /// <summary>IFA_F_TENTATIVE: looking for duplicates.</summary>
    Tentative = IFA_F_TENTATIVE,

    /// <summary>IFA_F_PERMANENT: never expires.</summary>
    Permanent = IFA_F_PERMANENT,

    /// <summary>IFA_F_MANAGETEMPADDR.</summary>
    ManageTemporary = IFA_F_MANAGETEMPADDR,

    /// <summary>IFA_F_NOPREFIXROUTE: no route to its subnet is made.</summary>
    NoPrefixRoute = IFA_F_NOPREFIXROUTE,

    /// <summary>IFA_F_MCAUTOJOIN.</summary>
    MulticastAutoJoin = IFA_F_MCAUTOJOIN,

    /// <summary>IFA_F_STABLE_PRIVACY.</summary>
    StablePrivacy = IFA_F_STABLE_PRIVACY,
}

/// <summary>An address of a link: struct ifaddrmsg and IFA_* of linux/if_addr.h.</summary>
public sealed record AddressMessage
{
    private readonly byte? _family;

    /// <summary>An empty message.</summary>
    public AddressMessage() { }

    private AddressMessage(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<InterfaceAddress>(payload, out var attributes);
        PrefixLength = info.ifa_prefixlen;
        Flags = (AddressFlags)info.ifa_flags;
        Scope = (RouteScope)info.ifa_scope;
        Index = (int)info.ifa_index;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case IFA_ADDRESS: Address = attribute.AsIPAddress(); break;
                case IFA_LOCAL: Local = attribute.AsIPAddress(); break;
                case IFA_BROADCAST: Broadcast = attribute.AsIPAddress(); break;
                case IFA_LABEL: Label = attribute.AsString(); break;
                case IFA_FLAGS: Flags = (AddressFlags)attribute.AsUInt32(); break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
        _family = RouteFamily.ToStore(info.ifa_family, Local ?? Address);
    }

    /// <summary>AF_INET (2) or AF_INET6 (10); unless set, that of <see cref="Local"/> or <see cref="Address"/>.</summary>
    public byte Family
    {
        get => _family ?? RouteFamily.Of(Local ?? Address);
        init => _family = value;
    }

    /// <summary>Length of the subnet's prefix in bits.</summary>
    public byte PrefixLength { get; init; }

    /// <summary>Flags; IFA_FLAGS is sent when they do not fit the header's byte.</summary>
    public AddressFlags Flags { get; init; }

    /// <summary>How far the address is valid.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>Interface index.</summary>
    public int Index { get; init; }

    /// <summary>IFA_LOCAL: the link's own address.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>IFA_ADDRESS: the same, or the other end's on a point-to-point link. IPv6 answers have only this one.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>IFA_BROADCAST. The kernel makes none up: without it the link has no broadcast address.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>IFA_LABEL (IPv4).</summary>
    public string? Label { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of RTM_NEWADDR and RTM_DELADDR.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static AddressMessage Decode(ReadOnlySpan<byte> payload) => new(payload);

    /// <summary>
    /// The message for <paramref name="address"/> on link <paramref name="index"/> as <c>ip address add</c> makes it,
    /// with <c>nodad</c> for IPv6 and the subnet's broadcast address for IPv4 (as <c>brd +</c>).
    /// </summary>
    /// <param name="index">Interface index.</param>
    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="prefixLength">Bits of the subnet's prefix.</param>
    public static AddressMessage For(int index, IPAddress address, byte prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        return new AddressMessage
        {
            Index = index,
            PrefixLength = prefixLength,
            Local = address,
            Address = address,
            Broadcast = isV4 && prefixLength < 31 ? BroadcastOf(address, prefixLength) : null,
            Flags = isV4 ? AddressFlags.None : AddressFlags.NoDuplicateDetection,
        };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FixedStruct.Write(writer, new InterfaceAddress
        {
            ifa_family = Family,
            ifa_prefixlen = PrefixLength,
            ifa_flags = (byte)Flags,
            ifa_scope = (byte)Scope,
            ifa_index = (uint)Index,
        });
        if (Local is not null) writer.Attribute(IFA_LOCAL, Local);
        if (Broadcast is not null) writer.Attribute(IFA_BROADCAST, Broadcast);
        if (Address is not null) writer.Attribute(IFA_ADDRESS, Address);
        if (Label is not null) writer.Attribute(IFA_LABEL, Label);
        if ((uint)Flags > byte.MaxValue) writer.Attribute(IFA_FLAGS, (uint)Flags);
        writer.Attributes(Unknown);
    }

    private static IPAddress BroadcastOf(IPAddress address, byte prefixLength)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = (int)prefixLength; bit < 32; bit++)
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}

/// <summary>Address families by the addresses themselves.</summary>
internal static class RouteFamily
{
    public static byte Of(IPAddress? address) => address?.AddressFamily switch
    {
        AddressFamily.InterNetwork => AF_INET,
        AddressFamily.InterNetworkV6 => AF_INET6,
        _ => AF_UNSPEC,
    };

    /// <summary>The family to keep besides the address: none when the address says the same, so that messages compare by what they mean.</summary>
    public static byte? ToStore(byte family, IPAddress? address) => family == Of(address) ? null : family;
}
