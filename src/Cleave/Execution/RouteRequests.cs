using System.Net;
using Cleave.Namespaces;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Operations as rtnetlink requests, and the requests that undo them.</summary>
internal static class RouteRequests
{
    // Links are in group 0 unless somebody says otherwise, and the fabric has none but ours.
    private const uint DoomedGroup = 0x646f6f6d;
    private const int LoopbackIndex = 1; // in every network namespace

    public static bool IsRoute(Operation operation) => operation is
        Operation.CreateBridge or Operation.CreateVeth or Operation.CreateTrunk or Operation.ConnectTrunk
        or Operation.CreateFabricEnd or Operation.MakePortTransparent or Operation.MakeUplink or Operation.MakePortStatic or Operation.AddForwarding
        or Operation.SilenceIPv6 or Operation.SetLinkUp or Operation.AddAddress or Operation.RemoveLoopbackIPv6 or Operation.AddNeighbour
        or Operation.AddRoute or Operation.AddLinkRoute;

    /// <summary>True if the error says that there is nothing for the operation to do: a kernel may have IPv6 switched off, wholly or for this namespace.</summary>
    public static bool IsNeedless(Operation operation, Errno error) => operation switch
    {
        Operation.SilenceIPv6 => error == Errno.EAFNOSUPPORT,
        Operation.RemoveLoopbackIPv6 => error is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP,
        _ => false,
    };

    /// <summary>One end a port of a bridge, up; the other, still down, in another namespace, or without one in the same.</summary>
    private static LinkMessage Cable(Interface port, MacAddress mac, Interface bridge, Interface far, MacAddress farMac, int? mtu, int? netns) => new()
    {
        Index = port.Index,
        Name = port.Name,
        Address = mac,
        Mtu = (uint?)mtu,
        Master = bridge.Index,
        Up = true,
        TransmitQueues = 1,
        ReceiveQueues = 1,
        Settings = new VethSettings
        {
            Peer = new LinkMessage
            {
                Index = far.Index,
                Name = far.Name,
                Address = farMac,
                Mtu = (uint?)mtu,
                TransmitQueues = 1,
                ReceiveQueues = 1,
                NetnsFd = netns,
            },
        },
    };

    /// <summary>Adds the request for the operation, or returns false if it is not one of rtnetlink's.</summary>
    public static bool TryAdd(Operation operation, RouteBatch batch, Func<Place, NodeRoom> room)
    {
        switch (operation)
        {
            case Operation.CreateBridge o:
                batch.AddLink(new LinkMessage
                {
                    Index = o.Bridge.Index,
                    Name = o.Bridge.Name,
                    Address = o.Mac,
                    Mtu = (uint?)o.Mtu,
                    Settings = new BridgeSettings { SpanningTree = 0, ForwardDelay = 0, MulticastSnooping = false },
                });
                return true;

            case Operation.CreateVeth o:
                batch.AddLink(Cable(o.Port, o.PortMac, o.Bridge, o.Inside, o.InsideMac, o.Mtu, room(o.Peer).Network.Fd));
                return true;

            case Operation.CreateTrunk o:
                batch.AddLink(Cable(o.Down, o.DownMac, o.Upper, o.Up, o.UpMac, o.Mtu, null));
                return true;

            case Operation.ConnectTrunk o:
                batch.SetLink(new LinkMessage { Index = o.Up.Index, Master = o.Lower.Index, Up = true });
                return true;

            case Operation.CreateFabricEnd o:
                batch.AddLink(Cable(o.Port, o.PortMac, o.Bridge, o.End, o.EndMac, o.Mtu, null));
                return true;

            case Operation.MakePortTransparent o:
                batch.SetBridgePort(o.Port.Index, new BridgePort { Learning = false, UnicastFlood = true, GroupForwarding = BridgePort.AllGroups });
                return true;

            case Operation.MakeUplink o:
                batch.SetBridgePort(o.Port.Index, new BridgePort { Learning = false, UnicastFlood = true });
                return true;

            case Operation.MakePortStatic o:
                batch.SetBridgePort(o.Port.Index, new BridgePort { Learning = false, UnicastFlood = false });
                return true;

            case Operation.AddForwarding o:
                batch.AddForwardingEntry(o.Port.Index, o.Mac);
                return true;

            case Operation.SilenceIPv6 o:
                batch.SetLink(new LinkMessage
                {
                    Index = o.Link.Index,
                    Inet6 = new Inet6LinkSettings { AddressGeneration = AddressGenerationMode.None },
                });
                return true;

            case Operation.SetLinkUp o:
                batch.SetLinkUp(o.Link.Index);
                return true;

            case Operation.AddAddress o:
                batch.AddAddress(Address(o));
                return true;

            case Operation.RemoveLoopbackIPv6:
                batch.DeleteAddress(AddressMessage.For(LoopbackIndex, IPAddress.IPv6Loopback, 128));
                return true;

            case Operation.AddNeighbour o:
                batch.AddNeighbour(Neighbour(o));
                return true;

            case Operation.AddRoute o:
                batch.AddRoute(new RouteMessage
                {
                    Destination = o.Destination.PrefixLength == 0 ? null : o.Destination.BaseAddress,
                    DestinationPrefixLength = (byte)o.Destination.PrefixLength,
                    Gateway = o.Gateway,
                    OutputInterface = o.Link.Index,
                });
                return true;

            case Operation.AddLinkRoute o:
                batch.AddRoute(RouteMessage.OutOf(o.Destination, o.Link.Index));
                return true;

            default:
                return false;
        }
    }

    /// <summary>Adds the request that undoes the operation, or returns false if what it did goes with a link or namespace that another one made.</summary>
    public static bool TryAddUndo(Operation operation, RouteBatch batch)
    {
        switch (operation)
        {
            case { At.Node: not null }:
                return false;
            case Operation.CreateBridge o:
                batch.DeleteLink(o.Bridge.Index);
                return true;
            case Operation.CreateTrunk o:
                batch.DeleteLink(o.Down.Index);
                return true;
            case Operation.CreateFabricEnd o:
                batch.DeleteLink(o.Port.Index);
                return true;
            case Operation.AddLinkRoute o:
                batch.DeleteRoute(RouteMessage.OutOf(o.Destination, o.Link.Index));
                return true;
            case Operation.SetLinkUp o:
                if (o.Link.Index == LoopbackIndex)
                {
                    // The kernel gave it this address when it came up, and does not take it back.
                    batch.DeleteAddress(AddressMessage.For(LoopbackIndex, IPAddress.Loopback, 8));
                }

                batch.SetLinkDown(o.Link.Index);
                return true;
            case Operation.AddAddress o:
                batch.DeleteAddress(Address(o));
                return true;
            case Operation.AddNeighbour o:
                batch.DeleteNeighbour(Neighbour(o));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Adds the requests that undo all of these that make cables, at once: a link deleted by itself takes the kernel some 10 ms.</summary>
    /// <returns>False if there are none.</returns>
    public static bool TryAddUndoOfCables(IEnumerable<Operation> operations, RouteBatch batch)
    {
        foreach (Operation.CreateVeth operation in operations.OfType<Operation.CreateVeth>())
        {
            batch.SetLink(new LinkMessage { Index = operation.Port.Index, Group = DoomedGroup });
        }

        if (batch.Count == 0)
        {
            return false;
        }

        batch.DeleteLinkGroup(DoomedGroup);
        return true;
    }

    private static AddressMessage Address(Operation.AddAddress o) =>
        AddressMessage.For(o.Link.Index, o.Address, (byte)o.PrefixLength);

    private static NeighbourMessage Neighbour(Operation.AddNeighbour o) =>
        new() { Index = o.Link.Index, Destination = o.Address, Address = o.Mac, State = NeighbourState.Permanent };
}
