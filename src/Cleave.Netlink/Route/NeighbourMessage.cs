using System.Net;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>NUD_* of linux/neighbour.h: what is known about a neighbour.</summary>
[Flags]
public enum NeighbourState : ushort
{
    /// <summary>NUD_NONE: nothing.</summary>
    None = NUD_NONE,

    /// <summary>NUD_INCOMPLETE: asked, no answer yet.</summary>
    Incomplete = NUD_INCOMPLETE,

    /// <summary>NUD_REACHABLE: heard of a moment ago. On a bridge: learnt.</summary>
    Reachable = NUD_REACHABLE,

    /// <summary>NUD_STALE: known, to be confirmed on use. On a bridge: learnt long ago.</summary>
    Stale = NUD_STALE,

    /// <summary>NUD_DELAY: about to be confirmed.</summary>
    Delay = NUD_DELAY,

    /// <summary>NUD_PROBE: being asked again.</summary>
    Probe = NUD_PROBE,

    /// <summary>NUD_FAILED: does not answer.</summary>
    Failed = NUD_FAILED,

    /// <summary>NUD_NOARP: never asked. On a bridge: a fixed entry of a port (<c>static</c>).</summary>
    NoArp = NUD_NOARP,

    /// <summary>NUD_PERMANENT: never asked, never forgotten. On a bridge: the bridge's own (<c>local</c>).</summary>
    Permanent = NUD_PERMANENT,
}

/// <summary>NTF_* of linux/neighbour.h.</summary>
[Flags]
public enum NeighbourFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NTF_USE: confirm it now.</summary>
    Use = NTF_USE,

    /// <summary>NTF_SELF: the forwarding table of the device itself.</summary>
    Self = NTF_SELF,

    /// <summary>NTF_MASTER: the forwarding table of the bridge the device is a port of.</summary>
    Master = NTF_MASTER,

    /// <summary>NTF_PROXY: answer for it.</summary>
    Proxy = NTF_PROXY,

    /// <summary>NTF_EXT_LEARNED: learnt by a program.</summary>
    ExternallyLearned = NTF_EXT_LEARNED,

    /// <summary>NTF_OFFLOADED: in hardware.</summary>
    Offloaded = NTF_OFFLOADED,

    /// <summary>NTF_STICKY: does not move to another port.</summary>
    Sticky = NTF_STICKY,

    /// <summary>NTF_ROUTER: it is a router.</summary>
    Router = NTF_ROUTER,
}

/// <summary>
/// An entry of the neighbour table (IP address to MAC address), or, in family AF_BRIDGE, of a bridge's forwarding
/// table (MAC address to port): struct ndmsg and NDA_* of linux/neighbour.h.
/// </summary>
public sealed record NeighbourMessage
{
    private readonly byte? _family;

    /// <summary>A permanent entry.</summary>
    public NeighbourMessage() { }

    private NeighbourMessage(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NeighbourInfo>(payload, out var attributes);
        Index = info.ndm_ifindex;
        State = (NeighbourState)info.ndm_state;
        Flags = (NeighbourFlags)info.ndm_flags;
        Type = (RouteType)info.ndm_type;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NDA_DST when attribute.Value.Length is 4 or 16: Destination = attribute.AsIPAddress(); break;
                case NDA_LLADDR when attribute.Value.Length == MacAddress.Size: Address = attribute.AsMacAddress(); break;
                case NDA_MASTER: Master = attribute.AsInt32(); break;
                case NDA_VLAN: Vlan = attribute.AsUInt16(); break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
        _family = RouteFamily.ToStore(info.ndm_family, Destination);
    }

    /// <summary>AF_INET (2), AF_INET6 (10) or AF_BRIDGE (7); unless set, that of <see cref="Destination"/>.</summary>
    public byte Family
    {
        get => _family ?? RouteFamily.Of(Destination);
        init => _family = value;
    }

    /// <summary>Interface index: the link the neighbour is on, or the bridge's port.</summary>
    public int Index { get; init; }

    /// <summary>What is known.</summary>
    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>Flags.</summary>
    public NeighbourFlags Flags { get; init; }

    /// <summary>Kind of address, filled by the kernel.</summary>
    public RouteType Type { get; init; }

    /// <summary>NDA_DST: the neighbour's IP address.</summary>
    public IPAddress? Destination { get; init; }

    /// <summary>NDA_LLADDR: its MAC address.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>NDA_MASTER: index of the bridge; only in answers.</summary>
    public int? Master { get; init; }

    /// <summary>NDA_VLAN: the VLAN the entry is for.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of RTM_NEWNEIGH and RTM_DELNEIGH.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static NeighbourMessage Decode(ReadOnlySpan<byte> payload) => new(payload);

    /// <summary>A fixed entry of a bridge's forwarding table: <c>bridge fdb add MAC dev PORT master static</c>.</summary>
    /// <param name="port">Interface index of the port.</param>
    /// <param name="address">The MAC address behind it.</param>
    public static NeighbourMessage Forwarding(int port, MacAddress address) => new()
    {
        Family = AF_BRIDGE,
        Index = port,
        Address = address,
        State = NeighbourState.NoArp | NeighbourState.Reachable,
        Flags = NeighbourFlags.Master,
    };

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FixedStruct.Write(writer, new NeighbourInfo
        {
            ndm_family = Family,
            ndm_ifindex = Index,
            ndm_state = (ushort)State,
            ndm_flags = (byte)Flags,
            ndm_type = (byte)Type,
        });
        if (Destination is not null) writer.Attribute(NDA_DST, Destination);
        if (Address is { } address) writer.Attribute(NDA_LLADDR, address);
        if (Vlan is { } vlan) writer.Attribute(NDA_VLAN, vlan);
        if (Master is { } master) writer.Attribute(NDA_MASTER, master);
        writer.Attributes(Unknown);
    }
}
