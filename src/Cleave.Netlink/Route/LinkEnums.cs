using static Cleave.Netlink.Kernel.LinkConstants;

namespace Cleave.Netlink.Route;

/// <summary>IFF_* of linux/if.h: the state of a link.</summary>
[Flags]
public enum LinkFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IFF_UP: switched on.</summary>
    Up = IFF_UP,

    /// <summary>IFF_BROADCAST: has a broadcast address.</summary>
    Broadcast = IFF_BROADCAST,

    /// <summary>IFF_LOOPBACK: the loopback device.</summary>
    Loopback = IFF_LOOPBACK,

    /// <summary>IFF_POINTOPOINT: has one peer only.</summary>
    PointToPoint = IFF_POINTOPOINT,

    /// <summary>IFF_RUNNING: operational.</summary>
    Running = IFF_RUNNING,

    /// <summary>IFF_NOARP: resolves no addresses.</summary>
    NoArp = IFF_NOARP,

    /// <summary>IFF_PROMISC: receives every frame.</summary>
    Promiscuous = IFF_PROMISC,

    /// <summary>IFF_ALLMULTI: receives every multicast frame.</summary>
    AllMulticast = IFF_ALLMULTI,

    /// <summary>IFF_MULTICAST: can do multicast.</summary>
    Multicast = IFF_MULTICAST,

    /// <summary>IFF_LOWER_UP: has a carrier.</summary>
    LowerUp = IFF_LOWER_UP,
}

/// <summary>IF_OPER_* of linux/if.h (RFC 2863).</summary>
public enum OperationalState : byte
{
    /// <summary>Not known; loopback and devices that do not say.</summary>
    Unknown = IF_OPER_UNKNOWN,

    /// <summary>The hardware is missing.</summary>
    NotPresent = IF_OPER_NOTPRESENT,

    /// <summary>No carrier.</summary>
    Down = IF_OPER_DOWN,

    /// <summary>A device below is down.</summary>
    LowerLayerDown = IF_OPER_LOWERLAYERDOWN,

    /// <summary>Under test.</summary>
    Testing = IF_OPER_TESTING,

    /// <summary>Waiting for something outside, such as authentication.</summary>
    Dormant = IF_OPER_DORMANT,

    /// <summary>Passes packets.</summary>
    Up = IF_OPER_UP,
}

/// <summary>IN6_ADDR_GEN_MODE_* of linux/if_link.h: how a link makes its IPv6 link-local address.</summary>
public enum AddressGenerationMode : byte
{
    /// <summary>From the MAC address.</summary>
    Eui64 = IN6_ADDR_GEN_MODE_EUI64,

    /// <summary>Not at all: the way to keep a link silent until it is given an address.</summary>
    None = IN6_ADDR_GEN_MODE_NONE,

    /// <summary>Stable and opaque, from a secret (RFC 7217).</summary>
    StablePrivacy = IN6_ADDR_GEN_MODE_STABLE_PRIVACY,

    /// <summary>Like <see cref="StablePrivacy"/> with a random secret.</summary>
    Random = IN6_ADDR_GEN_MODE_RANDOM,
}

/// <summary>BR_STATE_* of linux/if_bridge.h: what spanning tree lets a port do.</summary>
public enum BridgePortState : byte
{
    /// <summary>Nothing.</summary>
    Disabled = BR_STATE_DISABLED,

    /// <summary>Only spanning tree frames.</summary>
    Listening = BR_STATE_LISTENING,

    /// <summary>Learns, does not forward.</summary>
    Learning = BR_STATE_LEARNING,

    /// <summary>Forwards.</summary>
    Forwarding = BR_STATE_FORWARDING,

    /// <summary>Closed by spanning tree.</summary>
    Blocking = BR_STATE_BLOCKING,
}
