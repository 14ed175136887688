using System.Buffers.Binary;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Wire;

namespace Cleave.Trials;

/// <summary>Requests that no lab makes, and that are only tried: queues of linux/pkt_sched.h, and a VXLAN link.</summary>
internal static class QueueRequests
{
    // linux/rtnetlink.h
    private const ushort RTM_NEWQDISC = 36;
    private const ushort RTM_DELQDISC = 37;
    private const ushort TCA_KIND = 1;
    private const ushort TCA_OPTIONS = 2;
    private const uint TC_H_ROOT = 0xFFFFFFFF;
    private const uint Handle = 0x10000;
    private const int MessageSize = 20; // struct tcmsg

    // linux/if_link.h
    private const ushort IFLA_INFO_DATA = 2;
    private const ushort IFLA_VXLAN_ID = 1;

    /// <summary>netem, with its defaults: struct tc_netem_qopt, of which only the limit is set.</summary>
    public static Action<NetlinkWriter> Netem { get; } = writer =>
    {
        writer.Attribute(TCA_KIND, "netem");
        BinaryPrimitives.WriteUInt32LittleEndian(writer.ReserveAttribute(TCA_OPTIONS, 24)[4..], 1000);
    };

    /// <summary>HTB: struct tc_htb_glob with version 3 and the usual rate-to-quantum factor, in TCA_HTB_INIT.</summary>
    public static Action<NetlinkWriter> Htb { get; } = writer =>
    {
        writer.Attribute(TCA_KIND, "htb");
        NestedToken options = writer.BeginRaw(TCA_OPTIONS);
        Span<byte> global = writer.ReserveAttribute(2, 20);
        BinaryPrimitives.WriteUInt32LittleEndian(global, 3);
        BinaryPrimitives.WriteUInt32LittleEndian(global[4..], 10);
        writer.EndNested(options);
    };

    /// <summary>TBF, 1 Mbyte/s: struct tc_tbf_qopt in TCA_TBF_PARMS, and TCA_TBF_BURST in bytes.</summary>
    public static Action<NetlinkWriter> Tbf { get; } = writer =>
    {
        writer.Attribute(TCA_KIND, "tbf");
        NestedToken options = writer.BeginRaw(TCA_OPTIONS);
        Span<byte> parameters = writer.ReserveAttribute(1, 36);
        parameters[1] = 1; // TC_LINKLAYER_ETHERNET: no rate table is needed
        BinaryPrimitives.WriteUInt32LittleEndian(parameters[8..], 1_000_000); // rate.rate
        BinaryPrimitives.WriteUInt32LittleEndian(parameters[24..], 100_000); // limit
        writer.Attribute(6, 10_000u);
        writer.EndNested(options);
    };

    /// <summary>A VXLAN link: its number alone.</summary>
    public static LinkSettings Vxlan { get; } = new OtherLinkSettings("vxlan")
    {
        Data = new RawAttribute(IFLA_INFO_DATA, [8, 0, (byte)IFLA_VXLAN_ID, 0, 42, 0, 0, 0]), // one attribute: its length, its type, a number
    };

    /// <summary>Puts a queue on a link and takes it away again. Equivalent to <c>tc qdisc add dev LINK root KIND</c>.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Try(NetlinkSocket socket, int link, Action<NetlinkWriter> write)
    {
        Send(socket, RTM_NEWQDISC, MessageFlags.Create | MessageFlags.Exclusive, link, write);
        Send(socket, RTM_DELQDISC, MessageFlags.None, link, _ => { });
    }

    private static void Send(NetlinkSocket socket, ushort type, MessageFlags flags, int link, Action<NetlinkWriter> write)
    {
        var writer = new NetlinkWriter(256);
        Span<byte> header = writer.Reserve(MessageSize);
        header.Clear();
        BitConverter.TryWriteBytes(header[4..], link);
        BitConverter.TryWriteBytes(header[8..], Handle);
        BitConverter.TryWriteBytes(header[12..], TC_H_ROOT);
        write(writer);
        var batch = new RouteBatch();
        batch.AddRaw(type, flags, writer.Written);
        socket.Send(batch);
    }
}
