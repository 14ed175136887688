using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.LinkConstants;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>
/// A link: struct ifinfomsg of linux/rtnetlink.h and IFLA_* of linux/if_link.h. In requests, what is null is not sent.
/// </summary>
public sealed record LinkMessage
{
    /// <summary>An empty message.</summary>
    public LinkMessage() { }

    private LinkMessage(ReadOnlySpan<byte> payload, int depth)
    {
        var info = FixedStruct.Read<InterfaceInfo>(payload, out var attributes);
        Family = info.ifi_family;
        DeviceType = info.ifi_type;
        Index = info.ifi_index;
        Flags = (LinkFlags)info.ifi_flags;
        ChangeMask = (LinkFlags)info.ifi_change;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case IFLA_IFNAME: Name = attribute.AsString(); break;
                case IFLA_IFALIAS: Alias = attribute.AsString(); break;
                case IFLA_ADDRESS when attribute.Value.Length == MacAddress.Size: Address = attribute.AsMacAddress(); break;
                case IFLA_BROADCAST when attribute.Value.Length == MacAddress.Size: Broadcast = attribute.AsMacAddress(); break;
                case IFLA_MTU: Mtu = attribute.AsUInt32(); break;
                case IFLA_LINK: Link = attribute.AsInt32(); break;
                case IFLA_MASTER: Master = attribute.AsInt32(); break;
                case IFLA_GROUP: Group = attribute.AsUInt32(); break;
                case IFLA_TXQLEN: TransmitQueueLength = attribute.AsUInt32(); break;
                case IFLA_NUM_TX_QUEUES: TransmitQueues = attribute.AsUInt32(); break;
                case IFLA_NUM_RX_QUEUES: ReceiveQueues = attribute.AsUInt32(); break;
                case IFLA_OPERSTATE: OperationalState = (OperationalState)attribute.AsByte(); break;
                case IFLA_NET_NS_FD: NetnsFd = attribute.AsInt32(); break;
                case IFLA_NET_NS_PID: NetnsPid = attribute.AsInt32(); break;
                case IFLA_TARGET_NETNSID: TargetNetnsId = attribute.AsInt32(); break;
                case IFLA_LINK_NETNSID: LinkNetnsId = attribute.AsInt32(); break;
                case IFLA_PROTINFO when Family == AF_BRIDGE: Port = new BridgePort(attribute.Nested); break;
                case IFLA_LINKINFO: (Settings, Port, UnknownInfo) = LinkInfo.Read(attribute.Nested, depth); break;
                case IFLA_AF_SPEC when Family == AF_UNSPEC: Inet6 = Inet6LinkSettings.Read(attribute.Nested, out var other); OtherFamilies = other; break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
    }

    /// <summary>Address family: 0, or AF_BRIDGE (7) for a bridge's view of its port.</summary>
    public byte Family { get; init; }

    /// <summary>ARPHRD_*: 1 is Ethernet, 772 loopback. Only in answers.</summary>
    public ushort DeviceType { get; init; }

    /// <summary>Interface index; 0 names none. In a request to create one it is the index to give.</summary>
    public int Index { get; init; }

    /// <summary>State; in requests only bits in <see cref="ChangeMask"/> count.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>Which <see cref="Flags"/> to change.</summary>
    public LinkFlags ChangeMask { get; init; }

    /// <summary>IFLA_IFNAME: at most 15 bytes.</summary>
    public string? Name { get; init; }

    /// <summary>IFLA_IFALIAS: free text for people.</summary>
    public string? Alias { get; init; }

    /// <summary>IFLA_ADDRESS: the MAC address.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>IFLA_BROADCAST: the MAC address that reaches all.</summary>
    public MacAddress? Broadcast { get; init; }

    /// <summary>IFLA_MTU in bytes.</summary>
    public uint? Mtu { get; init; }

    /// <summary>IFLA_LINK: index of the device below, or of a veth's peer (in the namespace <see cref="LinkNetnsId"/>).</summary>
    public int? Link { get; init; }

    /// <summary>IFLA_MASTER: index of the bridge it is a port of; 0 to release it.</summary>
    public int? Master { get; init; }

    /// <summary>IFLA_GROUP: a number to find links by.</summary>
    public uint? Group { get; init; }

    /// <summary>IFLA_TXQLEN in packets.</summary>
    public uint? TransmitQueueLength { get; init; }

    /// <summary>IFLA_NUM_TX_QUEUES; only at creation. One saves time and memory.</summary>
    public uint? TransmitQueues { get; init; }

    /// <summary>IFLA_NUM_RX_QUEUES; only at creation.</summary>
    public uint? ReceiveQueues { get; init; }

    /// <summary>IFLA_OPERSTATE.</summary>
    public OperationalState? OperationalState { get; init; }

    /// <summary>IFLA_NET_NS_FD: an open descriptor of the namespace to put it in. The caller keeps it open until the request was sent.</summary>
    public int? NetnsFd { get; init; }

    /// <summary>IFLA_NET_NS_PID: a process in the namespace to put it in.</summary>
    public int? NetnsPid { get; init; }

    /// <summary>IFLA_TARGET_NETNSID: act in the namespace with this id instead of the socket's.</summary>
    public int? TargetNetnsId { get; init; }

    /// <summary>IFLA_LINK_NETNSID: id of the namespace <see cref="Link"/> is in.</summary>
    public int? LinkNetnsId { get; init; }

    /// <summary>What is special to its kind; null sends no kind.</summary>
    public LinkSettings? Settings { get; init; }

    /// <summary>How its bridge treats it. Goes as IFLA_PROTINFO when <see cref="Family"/> is AF_BRIDGE, else as IFLA_INFO_SLAVE_DATA.</summary>
    public BridgePort? Port { get; init; }

    /// <summary>
    /// IFLA_AF_SPEC for AF_INET6. Only for a link that exists (in a request to create one the kernel answers EAFNOSUPPORT), and in a
    /// message before the one that switches it on: within one message, the flags are carried out first.
    /// </summary>
    public Inet6LinkSettings? Inet6 { get; init; }

    /// <summary>IFLA_AF_SPEC for other families, as it came.</summary>
    public ValueList<RawAttribute> OtherFamilies { get; init; }

    /// <summary>Attributes in IFLA_LINKINFO this library has no name for.</summary>
    public ValueList<RawAttribute> UnknownInfo { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Whether it is switched on; setting it fills <see cref="Flags"/> and <see cref="ChangeMask"/>.</summary>
    public bool Up
    {
        get => Flags.HasFlag(LinkFlags.Up);
        init
        {
            Flags = value ? Flags | LinkFlags.Up : Flags & ~LinkFlags.Up;
            ChangeMask |= LinkFlags.Up;
        }
    }

    /// <summary>Reads what follows the header of RTM_NEWLINK, RTM_DELLINK and so on.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static LinkMessage Decode(ReadOnlySpan<byte> payload) => Decode(payload, depth: 0);

    /// <summary>The same for a peer nested in this many others.</summary>
    internal static LinkMessage Decode(ReadOnlySpan<byte> payload, int depth) => new(payload, depth);

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FixedStruct.Write(writer, new InterfaceInfo
        {
            ifi_family = Family,
            ifi_type = DeviceType,
            ifi_index = Index,
            ifi_flags = (uint)Flags,
            ifi_change = (uint)ChangeMask,
        });
        if (Name is not null) writer.Attribute(IFLA_IFNAME, Name);
        if (Alias is not null) writer.Attribute(IFLA_IFALIAS, Alias);
        if (Address is { } address) writer.Attribute(IFLA_ADDRESS, address);
        if (Broadcast is { } broadcast) writer.Attribute(IFLA_BROADCAST, broadcast);
        if (Mtu is { } mtu) writer.Attribute(IFLA_MTU, mtu);
        if (Link is { } link) writer.Attribute(IFLA_LINK, link);
        if (Master is { } master) writer.Attribute(IFLA_MASTER, master);
        if (Group is { } group) writer.Attribute(IFLA_GROUP, group);
        if (TransmitQueueLength is { } queueLength) writer.Attribute(IFLA_TXQLEN, queueLength);
        if (TransmitQueues is { } transmitQueues) writer.Attribute(IFLA_NUM_TX_QUEUES, transmitQueues);
        if (ReceiveQueues is { } receiveQueues) writer.Attribute(IFLA_NUM_RX_QUEUES, receiveQueues);
        if (OperationalState is { } state) writer.Attribute(IFLA_OPERSTATE, (byte)state);
        if (NetnsFd is { } fd) writer.Attribute(IFLA_NET_NS_FD, fd);
        if (NetnsPid is { } pid) writer.Attribute(IFLA_NET_NS_PID, pid);
        if (TargetNetnsId is { } target) writer.Attribute(IFLA_TARGET_NETNSID, target);
        if (LinkNetnsId is { } linkNetns) writer.Attribute(IFLA_LINK_NETNSID, linkNetns);
        if (Port is not null && Family == AF_BRIDGE)
        {
            var port = writer.BeginNested(IFLA_PROTINFO);
            Port.Encode(writer);
            writer.EndNested(port);
        }

        LinkInfo.Write(writer, Settings, Family == AF_BRIDGE ? null : Port, UnknownInfo);
        Inet6LinkSettings.Write(writer, Inet6, OtherFamilies);
        writer.Attributes(Unknown);
    }
}
