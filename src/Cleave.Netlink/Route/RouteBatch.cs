using Cleave.Netlink.Sockets;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>
/// rtnetlink requests, carried out in order. Not a transaction: the kernel goes on after a failure. Every method gives the
/// index of its request in the batch, which <see cref="NetlinkException.RequestIndex"/> refers to.
/// </summary>
public sealed class RouteBatch : NetlinkBatch
{
    private const MessageFlags New = MessageFlags.Create | MessageFlags.Exclusive;

    /// <summary>An empty batch.</summary>
    public RouteBatch()
        : base(NetlinkFamily.Route)
    {
    }

    internal override bool IsTransaction => false;

    /// <summary>Creates a link; EEXIST when there is one. Equivalent to <c>ip link add</c>.</summary>
    public int AddLink(LinkMessage link) => AddLink(RTM_NEWLINK, New, link);

    /// <summary>
    /// Changes the link with this index, or, when that is 0, with this name. Equivalent to <c>ip link set</c>, and in family AF_BRIDGE to <c>bridge link set</c>.
    /// </summary>
    public int SetLink(LinkMessage link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return AddLink(link.Family == AF_BRIDGE ? RTM_SETLINK : RTM_NEWLINK, MessageFlags.None, link);
    }

    /// <summary>Switches a link on. Equivalent to <c>ip link set up</c>.</summary>
    public int SetLinkUp(int index) => SetLink(new LinkMessage { Index = index, Up = true });

    /// <summary>Switches a link off. Equivalent to <c>ip link set down</c>.</summary>
    public int SetLinkDown(int index) => SetLink(new LinkMessage { Index = index, Up = false });

    /// <summary>Changes how its bridge treats a port. Equivalent to <c>bridge link set dev PORT learning off …</c>.</summary>
    /// <param name="index">Interface index of the port.</param>
    /// <param name="port">What to change.</param>
    public int SetBridgePort(int index, BridgePort port) => SetLink(new LinkMessage { Family = AF_BRIDGE, Index = index, Port = port });

    /// <summary>Deletes a link, and with a veth its peer. Equivalent to <c>ip link delete</c>.</summary>
    public int DeleteLink(int index) => AddLink(RTM_DELLINK, MessageFlags.None, new LinkMessage { Index = index });

    /// <inheritdoc cref="DeleteLink(int)"/>
    public int DeleteLink(string name) => AddLink(RTM_DELLINK, MessageFlags.None, new LinkMessage { Name = name });

    /// <summary>Deletes all links of a group at once, which is much faster than one by one. Equivalent to <c>ip link delete group N</c>.</summary>
    public int DeleteLinkGroup(uint group) => AddLink(RTM_DELLINK, MessageFlags.None, new LinkMessage { Group = group });

    /// <summary>Gives a link an address; EEXIST when it has it. Equivalent to <c>ip address add</c>.</summary>
    public int AddAddress(AddressMessage address) => AddAddress(RTM_NEWADDR, New, address);

    /// <summary>Gives a link an address, or changes it. Equivalent to <c>ip address replace</c>.</summary>
    public int ReplaceAddress(AddressMessage address) => AddAddress(RTM_NEWADDR, MessageFlags.Create | MessageFlags.Replace, address);

    /// <summary>Takes an address from a link. Equivalent to <c>ip address delete</c>.</summary>
    public int DeleteAddress(AddressMessage address) => AddAddress(RTM_DELADDR, MessageFlags.None, address);

    /// <summary>Adds a route; EEXIST when there is one. Equivalent to <c>ip route add</c>.</summary>
    public int AddRoute(RouteMessage route) => AddRoute(RTM_NEWROUTE, New, route);

    /// <summary>Adds a route, or changes it. Equivalent to <c>ip route replace</c>.</summary>
    public int ReplaceRoute(RouteMessage route) => AddRoute(RTM_NEWROUTE, MessageFlags.Create | MessageFlags.Replace, route);

    /// <summary>Deletes a route. Equivalent to <c>ip route delete</c>.</summary>
    public int DeleteRoute(RouteMessage route) => AddRoute(RTM_DELROUTE, MessageFlags.None, route);

    /// <summary>Adds a neighbour; EEXIST when there is one. Equivalent to <c>ip neighbour add</c>.</summary>
    public int AddNeighbour(NeighbourMessage neighbour) => AddNeighbour(RTM_NEWNEIGH, New, neighbour);

    /// <summary>Adds a neighbour, or changes it. Equivalent to <c>ip neighbour replace</c>.</summary>
    public int ReplaceNeighbour(NeighbourMessage neighbour) => AddNeighbour(RTM_NEWNEIGH, MessageFlags.Create | MessageFlags.Replace, neighbour);

    /// <summary>Deletes a neighbour. Equivalent to <c>ip neighbour delete</c>.</summary>
    public int DeleteNeighbour(NeighbourMessage neighbour) => AddNeighbour(RTM_DELNEIGH, MessageFlags.None, neighbour);

    /// <summary>Adds a fixed entry to a bridge's forwarding table. Equivalent to <c>bridge fdb add MAC dev PORT master static</c>.</summary>
    /// <param name="port">Interface index of the port.</param>
    /// <param name="address">The MAC address behind it.</param>
    public int AddForwardingEntry(int port, MacAddress address) => AddNeighbour(NeighbourMessage.Forwarding(port, address));

    /// <summary>Adds an entry to a bridge's forwarding table, or moves it to this port. Equivalent to <c>bridge fdb replace MAC dev PORT master static</c>.</summary>
    /// <inheritdoc cref="AddForwardingEntry"/>
    public int ReplaceForwardingEntry(int port, MacAddress address) => ReplaceNeighbour(NeighbourMessage.Forwarding(port, address));

    /// <summary>Deletes an entry of a bridge's forwarding table. Equivalent to <c>bridge fdb delete MAC dev PORT master</c>.</summary>
    /// <inheritdoc cref="AddForwardingEntry"/>
    public int DeleteForwardingEntry(int port, MacAddress address) => DeleteNeighbour(NeighbourMessage.Forwarding(port, address));

    /// <summary>Gives another network namespace a number in this one. Equivalent to <c>ip netns set</c>.</summary>
    /// <param name="namespaceFd">An open descriptor of that namespace, kept open until the batch was sent.</param>
    /// <param name="id">The number; -1 lets the kernel choose.</param>
    public int AddNamespaceId(int namespaceFd, int id = NamespaceIdMessage.None)
    {
        var message = Begin(RTM_NEWNSID, MessageFlags.None);
        new NamespaceIdMessage { Fd = namespaceFd, Id = id }.Encode(Writer);
        return End(message);
    }

    private int AddLink(ushort type, MessageFlags flags, LinkMessage link)
    {
        ArgumentNullException.ThrowIfNull(link);
        var message = Begin(type, flags);
        link.Encode(Writer);
        return End(message);
    }

    private int AddAddress(ushort type, MessageFlags flags, AddressMessage address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var message = Begin(type, flags);
        address.Encode(Writer);
        return End(message);
    }

    private int AddRoute(ushort type, MessageFlags flags, RouteMessage route)
    {
        ArgumentNullException.ThrowIfNull(route);
        var message = Begin(type, flags);
        route.Encode(Writer);
        return End(message);
    }

    private int AddNeighbour(ushort type, MessageFlags flags, NeighbourMessage neighbour)
    {
        ArgumentNullException.ThrowIfNull(neighbour);
        var message = Begin(type, flags);
        neighbour.Encode(Writer);
        return End(message);
    }
}
