using System.Net;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>RT_SCOPE_* of linux/rtnetlink.h: how far away a destination is.</summary>
public enum RouteScope : byte
{
    /// <summary>Anywhere.</summary>
    Universe = RT_SCOPE_UNIVERSE,

    /// <summary>Inside the site.</summary>
    Site = RT_SCOPE_SITE,

    /// <summary>On the link itself.</summary>
    Link = RT_SCOPE_LINK,

    /// <summary>On this host.</summary>
    Host = RT_SCOPE_HOST,

    /// <summary>Nowhere; when deleting: whatever the scope.</summary>
    Nowhere = RT_SCOPE_NOWHERE,
}

/// <summary>RTN_* of linux/rtnetlink.h: what happens to a packet that matches the route.</summary>
public enum RouteType : byte
{
    /// <summary>Not said; when deleting: whatever the type.</summary>
    Unspecified = RTN_UNSPEC,

    /// <summary>Sent on.</summary>
    Unicast = RTN_UNICAST,

    /// <summary>Accepted here.</summary>
    Local = RTN_LOCAL,

    /// <summary>Accepted here as broadcast, sent as broadcast.</summary>
    Broadcast = RTN_BROADCAST,

    /// <summary>Accepted here as anycast.</summary>
    Anycast = RTN_ANYCAST,

    /// <summary>Multicast.</summary>
    Multicast = RTN_MULTICAST,

    /// <summary>Lost silently.</summary>
    Blackhole = RTN_BLACKHOLE,

    /// <summary>Refused as unreachable.</summary>
    Unreachable = RTN_UNREACHABLE,

    /// <summary>Refused as prohibited.</summary>
    Prohibit = RTN_PROHIBIT,

    /// <summary>Looked up in the next table.</summary>
    Throw = RTN_THROW,
}

/// <summary>RTPROT_* of linux/rtnetlink.h: who made the route.</summary>
public enum RouteProtocol : byte
{
    /// <summary>Not said.</summary>
    Unspecified = RTPROT_UNSPEC,

    /// <summary>ICMP redirect.</summary>
    Redirect = RTPROT_REDIRECT,

    /// <summary>The kernel, for an address.</summary>
    Kernel = RTPROT_KERNEL,

    /// <summary>Made at boot; what <c>ip route add</c> says unless told otherwise.</summary>
    Boot = RTPROT_BOOT,

    /// <summary>The administrator.</summary>
    Static = RTPROT_STATIC,

    /// <summary>A router advertisement.</summary>
    RouterAdvertisement = RTPROT_RA,

    /// <summary>DHCP.</summary>
    Dhcp = RTPROT_DHCP,
}

/// <summary>RTNH_F_* of linux/rtnetlink.h: the state of a route's next hop.</summary>
[Flags]
public enum RouteFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>RTNH_F_DEAD: its link is gone or down.</summary>
    Dead = RTNH_F_DEAD,

    /// <summary>RTNH_F_ONLINK: the gateway is on the link, though no address says so.</summary>
    OnLink = RTNH_F_ONLINK,

    /// <summary>RTNH_F_LINKDOWN: its link has no carrier.</summary>
    LinkDown = RTNH_F_LINKDOWN,
}

/// <summary>A route: struct rtmsg and RTA_* of linux/rtnetlink.h.</summary>
public sealed record RouteMessage
{
    private readonly byte? _family;

    /// <summary>A unicast route in the main table, made statically.</summary>
    public RouteMessage() { }

    private RouteMessage(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<RouteInfo>(payload, out var attributes);
        DestinationPrefixLength = info.rtm_dst_len;
        SourcePrefixLength = info.rtm_src_len;
        TypeOfService = info.rtm_tos;
        Table = info.rtm_table;
        Protocol = (RouteProtocol)info.rtm_protocol;
        Scope = (RouteScope)info.rtm_scope;
        Type = (RouteType)info.rtm_type;
        Flags = (RouteFlags)info.rtm_flags;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case RTA_DST: Destination = attribute.AsIPAddress(); break;
                case RTA_GATEWAY: Gateway = attribute.AsIPAddress(); break;
                case RTA_PREFSRC: PreferredSource = attribute.AsIPAddress(); break;
                case RTA_OIF: OutputInterface = attribute.AsInt32(); break;
                case RTA_PRIORITY: Priority = attribute.AsUInt32(); break;
                case RTA_TABLE: Table = attribute.AsUInt32(); break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
        _family = RouteFamily.ToStore(info.rtm_family, Destination ?? Gateway ?? PreferredSource);
    }

    /// <summary>AF_INET (2) or AF_INET6 (10); unless set, that of the first address there is.</summary>
    public byte Family
    {
        get => _family ?? RouteFamily.Of(Destination ?? Gateway ?? PreferredSource);
        init => _family = value;
    }

    /// <summary>RTA_DST: the destination's network; null for the default route.</summary>
    public IPAddress? Destination { get; init; }

    /// <summary>Bits of the destination's prefix; 0 for the default route.</summary>
    public byte DestinationPrefixLength { get; init; }

    /// <summary>Bits of the source's prefix.</summary>
    public byte SourcePrefixLength { get; init; }

    /// <summary>Type of service the route is for.</summary>
    public byte TypeOfService { get; init; }

    /// <summary>RTA_TABLE: the routing table, 254 is main.</summary>
    public uint Table { get; init; } = RT_TABLE_MAIN;

    /// <summary>Who made it.</summary>
    public RouteProtocol Protocol { get; init; } = RouteProtocol.Static;

    /// <summary>How far the destination is.</summary>
    public RouteScope Scope { get; init; }

    /// <summary>What happens to a packet.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>State of the next hop.</summary>
    public RouteFlags Flags { get; init; }

    /// <summary>RTA_GATEWAY: the router to send through.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>RTA_PREFSRC: the address to send from.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>RTA_OIF: index of the link to send by.</summary>
    public int? OutputInterface { get; init; }

    /// <summary>RTA_PRIORITY: the metric; the lowest wins.</summary>
    public uint? Priority { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of RTM_NEWROUTE and RTM_DELROUTE.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static RouteMessage Decode(ReadOnlySpan<byte> payload) => new(payload);

    /// <summary>The default route through <paramref name="gateway"/>.</summary>
    /// <param name="gateway">IPv4 or IPv6.</param>
    /// <param name="outputInterface">Index of the link; null leaves it to the kernel (IPv4).</param>
    public static RouteMessage Default(IPAddress gateway, int? outputInterface = null) =>
        new() { Gateway = gateway, OutputInterface = outputInterface };

    /// <summary>A route straight out of a link, without a router, as <c>ip route add DESTINATION dev LINK proto static</c> makes it.</summary>
    /// <param name="destination">Of no bits: the default route.</param>
    /// <param name="outputInterface">Index of the link.</param>
    public static RouteMessage OutOf(IPNetwork destination, int outputInterface)
    {
        var isV4 = destination.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        return new()
        {
            Family = isV4 ? AF_INET : AF_INET6,
            Destination = destination.PrefixLength == 0 ? null : destination.BaseAddress,
            DestinationPrefixLength = (byte)destination.PrefixLength,
            OutputInterface = outputInterface,
            Scope = isV4 ? RouteScope.Link : RouteScope.Universe, // IPv6 has no scopes
        };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FixedStruct.Write(writer, new RouteInfo
        {
            rtm_family = Family,
            rtm_dst_len = DestinationPrefixLength,
            rtm_src_len = SourcePrefixLength,
            rtm_tos = TypeOfService,
            rtm_table = Table <= byte.MaxValue ? (byte)Table : RT_TABLE_UNSPEC,
            rtm_protocol = (byte)Protocol,
            rtm_scope = (byte)Scope,
            rtm_type = (byte)Type,
            rtm_flags = (uint)Flags,
        });
        if (Destination is not null) writer.Attribute(RTA_DST, Destination);
        if (Gateway is not null) writer.Attribute(RTA_GATEWAY, Gateway);
        if (PreferredSource is not null) writer.Attribute(RTA_PREFSRC, PreferredSource);
        if (Priority is { } priority) writer.Attribute(RTA_PRIORITY, priority);
        if (OutputInterface is { } index) writer.Attribute(RTA_OIF, index);
        if (Table > byte.MaxValue) writer.Attribute(RTA_TABLE, Table);
        writer.Attributes(Unknown);
    }
}
