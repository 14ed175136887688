using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.LinkConstants;

namespace Cleave.Netlink.Route;

/// <summary>What is special to one kind of link: IFLA_LINKINFO with its kind and data.</summary>
public abstract record LinkSettings
{
    private protected LinkSettings() { }

    /// <summary>IFLA_INFO_KIND: <c>bridge</c>, <c>veth</c> and so on.</summary>
    public abstract string Kind { get; }

    internal abstract void WriteData(NetlinkWriter writer);

    internal static LinkSettings Read(string kind, ReadOnlySpan<byte> data, int depth) => kind switch
    {
        BridgeSettings.KindName => new BridgeSettings(data),
        VethSettings.KindName => VethSettings.Read(data, depth),
        _ => new OtherLinkSettings(kind) { Data = new RawAttribute(IFLA_INFO_DATA, data) },
    };
}

/// <summary>IFLA_BR_* of linux/if_link.h. What is null is not sent, so the kernel's default or the present value stays.</summary>
public sealed record BridgeSettings : LinkSettings
{
    internal const string KindName = "bridge";

    /// <summary>Nothing but defaults.</summary>
    public BridgeSettings() { }

    internal BridgeSettings(ReadOnlySpan<byte> data)
    {
        var unknown = default(UnknownAttributes);
        var attributes = new AttributeReader(data);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case IFLA_BR_FORWARD_DELAY: ForwardDelay = attribute.AsUInt32(); break;
                case IFLA_BR_AGEING_TIME: AgeingTime = attribute.AsUInt32(); break;
                case IFLA_BR_STP_STATE: SpanningTree = attribute.AsUInt32(); break;
                case IFLA_BR_VLAN_FILTERING: VlanFiltering = attribute.AsByte() != 0; break;
                case IFLA_BR_MCAST_SNOOPING: MulticastSnooping = attribute.AsByte() != 0; break;
                default: unknown.Add(attribute); break;
            }
        }

        Unknown = unknown.ToList();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>IFLA_BR_FORWARD_DELAY: time in listening and in learning, in hundredths of a second; 0 forwards at once (without spanning tree).</summary>
    public uint? ForwardDelay { get; init; }

    /// <summary>IFLA_BR_AGEING_TIME: how long a learnt address stays, in hundredths of a second.</summary>
    public uint? AgeingTime { get; init; }

    /// <summary>IFLA_BR_STP_STATE: 0 off, 1 kernel's, 2 a user's program.</summary>
    public uint? SpanningTree { get; init; }

    /// <summary>IFLA_BR_VLAN_FILTERING. Not every kernel has it.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>IFLA_BR_MCAST_SNOOPING: whether multicast goes only to ports that joined.</summary>
    public bool? MulticastSnooping { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal override void WriteData(NetlinkWriter writer)
    {
        var data = writer.BeginNested(IFLA_INFO_DATA);
        if (ForwardDelay is { } delay) writer.Attribute(IFLA_BR_FORWARD_DELAY, delay);
        if (AgeingTime is { } ageing) writer.Attribute(IFLA_BR_AGEING_TIME, ageing);
        if (SpanningTree is { } stp) writer.Attribute(IFLA_BR_STP_STATE, stp);
        if (VlanFiltering is { } vlan) writer.Attribute(IFLA_BR_VLAN_FILTERING, vlan ? (byte)1 : (byte)0);
        if (MulticastSnooping is { } snooping) writer.Attribute(IFLA_BR_MCAST_SNOOPING, snooping ? (byte)1 : (byte)0);
        writer.Attributes(Unknown);
        writer.EndNested(data);
    }
}

/// <summary>VETH_INFO_* of linux/veth.h: a pair of links, each receiving what the other sends.</summary>
public sealed record VethSettings : LinkSettings
{
    internal const string KindName = "veth";

    // A peer may hold a peer in hostile bytes: more than this many levels is malformed, not a stack overflow.
    private const int DeepestPeer = 4;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>
    /// VETH_INFO_PEER: the other end, in the same namespace unless its <see cref="LinkMessage.NetnsFd"/> says another. It
    /// cannot be up at creation: the kernel ignores its flags. Null in answers: the kernel does not report it.
    /// </summary>
    public LinkMessage? Peer { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal static VethSettings Read(ReadOnlySpan<byte> data, int depth)
    {
        if (depth >= DeepestPeer)
            throw new NetlinkFormatException($"A veth peer is nested more than {DeepestPeer} levels deep.");
        LinkMessage? peer = null;
        var unknown = default(UnknownAttributes);
        var attributes = new AttributeReader(data);
        while (attributes.Read(out var attribute))
        {
            if (attribute.Type == VETH_INFO_PEER) peer = LinkMessage.Decode(attribute.Value, depth + 1);
            else unknown.Add(attribute);
        }

        return new VethSettings { Peer = peer, Unknown = unknown.ToList() };
    }

    internal override void WriteData(NetlinkWriter writer)
    {
        if (Peer is null && Unknown.Count == 0)
            return;
        var data = writer.BeginNested(IFLA_INFO_DATA);
        if (Peer is not null)
        {
            var peer = writer.BeginNested(VETH_INFO_PEER);
            Peer.Encode(writer);
            writer.EndNested(peer);
        }

        writer.Attributes(Unknown);
        writer.EndNested(data);
    }
}

/// <summary>A kind of link this library knows nothing about but its name; its data are kept as they came.</summary>
/// <param name="Name">IFLA_INFO_KIND.</param>
public sealed record OtherLinkSettings(string Name) : LinkSettings
{
    /// <inheritdoc/>
    public override string Kind => Name;

    /// <summary>IFLA_INFO_DATA as it came; null to send none.</summary>
    public RawAttribute? Data { get; init; }

    internal override void WriteData(NetlinkWriter writer)
    {
        if (Data is { Value.Length: > 0 })
            writer.Attributes([Data]);
    }
}
