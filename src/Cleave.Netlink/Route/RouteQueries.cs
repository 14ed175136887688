using Cleave.Netlink.Kernel;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>Questions to ask on a <see cref="NetlinkFamily.Route"/> socket.</summary>
public static class RouteQueries
{
    /// <summary>All links of the socket's namespace. Equivalent to <c>ip link show</c>.</summary>
    public static IReadOnlyList<LinkMessage> DumpLinks(this NetlinkSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        new LinkMessage().Encode(writer);
        return socket.Dump(RTM_GETLINK, writer.Written, static m => m.Header.Type == RTM_NEWLINK ? LinkMessage.Decode(m.Payload) : null);
    }

    /// <summary>All ports of all bridges, as bridges see them. Equivalent to <c>bridge -d link show</c>.</summary>
    public static IReadOnlyList<LinkMessage> DumpBridgePorts(this NetlinkSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        new LinkMessage { Family = AF_BRIDGE }.Encode(writer);
        return socket.Dump(RTM_GETLINK, writer.Written, static m => m.Header.Type == RTM_NEWLINK ? LinkMessage.Decode(m.Payload) : null);
    }

    /// <summary>The link with this name, or null. Equivalent to <c>ip link show dev NAME</c>.</summary>
    public static LinkMessage? FindLink(this NetlinkSocket socket, string name) => Find(socket, new LinkMessage { Name = name });

    /// <summary>The link with this index, or null.</summary>
    public static LinkMessage? FindLink(this NetlinkSocket socket, int index) => Find(socket, new LinkMessage { Index = index });

    /// <summary>All addresses, IPv4 and IPv6. Equivalent to <c>ip address show</c>.</summary>
    public static IReadOnlyList<AddressMessage> DumpAddresses(this NetlinkSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        FixedStruct.Write(writer, default(InterfaceAddress));
        return socket.Dump(RTM_GETADDR, writer.Written, static m => m.Header.Type == RTM_NEWADDR ? AddressMessage.Decode(m.Payload) : null);
    }

    /// <summary>All routes of all tables, IPv4 and IPv6. Equivalent to <c>ip route show table all</c>.</summary>
    public static IReadOnlyList<RouteMessage> DumpRoutes(this NetlinkSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        FixedStruct.Write(writer, default(RouteInfo));
        return socket.Dump(RTM_GETROUTE, writer.Written, static m => m.Header.Type == RTM_NEWROUTE ? RouteMessage.Decode(m.Payload) : null);
    }

    /// <summary>All neighbours, IPv4 and IPv6. Equivalent to <c>ip neighbour show nud all</c>.</summary>
    public static IReadOnlyList<NeighbourMessage> DumpNeighbours(this NetlinkSocket socket) => DumpNeighbours(socket, AF_UNSPEC);

    /// <summary>All forwarding entries of all bridges. Equivalent to <c>bridge fdb show</c>.</summary>
    public static IReadOnlyList<NeighbourMessage> DumpForwardingEntries(this NetlinkSocket socket) => DumpNeighbours(socket, AF_BRIDGE);

    /// <summary>The number this namespace knows another by; null when it has none.</summary>
    /// <param name="socket">A socket of this namespace.</param>
    /// <param name="namespaceFd">An open descriptor of the other.</param>
    public static int? FindNamespaceId(this NetlinkSocket socket, int namespaceFd)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        new NamespaceIdMessage { Fd = namespaceFd }.Encode(writer);
        var answers = socket.Query(RTM_GETNSID, writer.Written, static m => m.Header.Type == RTM_NEWNSID ? NamespaceIdMessage.Decode(m.Payload) : null);
        return answers is [{ Id: >= 0 and var id }] ? id : null;
    }

    private static LinkMessage? Find(NetlinkSocket socket, LinkMessage request)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        request.Encode(writer);
        try
        {
            var answers = socket.Query(RTM_GETLINK, writer.Written, static m => m.Header.Type == RTM_NEWLINK ? LinkMessage.Decode(m.Payload) : null);
            return answers is [var link, ..] ? link : null;
        }
        catch (NetlinkException e) when (e.Error == Errno.ENODEV)
        {
            return null;
        }
    }

    private static IReadOnlyList<NeighbourMessage> DumpNeighbours(NetlinkSocket socket, byte family)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var writer = new NetlinkWriter(64);
        // The kernel takes a dump request in family AF_BRIDGE only with a header as long as a link's.
        FixedStruct.Write(writer, new InterfaceInfo { ifi_family = family });
        return socket.Dump(RTM_GETNEIGH, writer.Written, static m => m.Header.Type == RTM_NEWNEIGH ? NeighbourMessage.Decode(m.Payload) : null);
    }
}
