using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.LinkConstants;

namespace Cleave.Netlink.Route;

/// <summary>
/// IFLA_BRPORT_* of linux/if_link.h: how a bridge treats one of its ports. What is null is not sent, so the present value stays.
/// </summary>
public sealed record BridgePort
{
    /// <summary>All groups that the kernel lets a port pass on: every one but that of MAC PAUSE (BR_GROUPFWD_MACPAUSE of net/bridge/br_private.h).</summary>
    public const ushort AllGroups = 0xfffd;

    /// <summary>Nothing but present values.</summary>
    public BridgePort() { }

    internal BridgePort(AttributeReader attributes)
    {
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case IFLA_BRPORT_STATE: State = (BridgePortState)attribute.AsByte(); break;
                case IFLA_BRPORT_MODE: Hairpin = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_LEARNING: Learning = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_UNICAST_FLOOD: UnicastFlood = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_MCAST_FLOOD: MulticastFlood = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_BCAST_FLOOD: BroadcastFlood = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_GROUP_FWD_MASK: GroupForwarding = attribute.AsUInt16(); break;
                case IFLA_BRPORT_NEIGH_SUPPRESS: NeighbourSuppression = attribute.AsByte() != 0; break;
                case IFLA_BRPORT_ISOLATED: Isolated = attribute.AsByte() != 0; break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
    }

    /// <summary>IFLA_BRPORT_STATE.</summary>
    public BridgePortState? State { get; init; }

    /// <summary>IFLA_BRPORT_MODE: send frames back out of the port they came in by.</summary>
    public bool? Hairpin { get; init; }

    /// <summary>IFLA_BRPORT_LEARNING: learn source addresses of frames.</summary>
    public bool? Learning { get; init; }

    /// <summary>IFLA_BRPORT_UNICAST_FLOOD: send frames to unknown addresses here, too.</summary>
    public bool? UnicastFlood { get; init; }

    /// <summary>IFLA_BRPORT_MCAST_FLOOD: send multicast frames nobody is known to have joined here, too.</summary>
    public bool? MulticastFlood { get; init; }

    /// <summary>IFLA_BRPORT_BCAST_FLOOD: send broadcast frames here.</summary>
    public bool? BroadcastFlood { get; init; }

    /// <summary>
    /// IFLA_BRPORT_GROUP_FWD_MASK: which frames to 01:80:c2:00:00:00 to 0f, which bridges keep to themselves (IEEE 802.1D), are passed on from here, a bit each.
    /// </summary>
    public ushort? GroupForwarding { get; init; }

    /// <summary>IFLA_BRPORT_NEIGH_SUPPRESS: the bridge answers ARP and neighbour discovery itself.</summary>
    public bool? NeighbourSuppression { get; init; }

    /// <summary>IFLA_BRPORT_ISOLATED: no frames between isolated ports.</summary>
    public bool? Isolated { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal void Encode(NetlinkWriter writer)
    {
        if (State is { } state) writer.Attribute(IFLA_BRPORT_STATE, (byte)state);
        Write(writer, IFLA_BRPORT_MODE, Hairpin);
        Write(writer, IFLA_BRPORT_LEARNING, Learning);
        Write(writer, IFLA_BRPORT_UNICAST_FLOOD, UnicastFlood);
        Write(writer, IFLA_BRPORT_MCAST_FLOOD, MulticastFlood);
        Write(writer, IFLA_BRPORT_BCAST_FLOOD, BroadcastFlood);
        if (GroupForwarding is { } groups) writer.Attribute(IFLA_BRPORT_GROUP_FWD_MASK, groups);
        Write(writer, IFLA_BRPORT_NEIGH_SUPPRESS, NeighbourSuppression);
        Write(writer, IFLA_BRPORT_ISOLATED, Isolated);
        writer.Attributes(Unknown);
    }

    private static void Write(NetlinkWriter writer, ushort type, bool? value)
    {
        if (value is { } known) writer.Attribute(type, known ? (byte)1 : (byte)0);
    }
}
