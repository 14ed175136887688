using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>
/// Links. To the nodes a link is one cable from end to end; in truth it is two that meet at a bridge of two ports in the fabric, which hands on whatever
/// comes in, so that faults have a place where no node sees or undoes them (docs/adr/0006-links-through-the-fabric.md).
/// </summary>
internal static class LinkPlan
{
    /// <summary>The bridge of a link, and the fabric's end if it has one.</summary>
    public static void AddInFabric(Wiring wiring, int network, ImmutableArray<Operation>.Builder plan)
    {
        Network link = wiring.NetworkAt(network);
        Interface bridge = Wiring.Bridge(network);
        plan.Add(new Operation.CreateBridge(bridge, Wiring.BridgeMac(network), link.Mtu));
        plan.Add(new Operation.SetLinkUp(Place.Fabric, bridge));
        if (wiring.Plug(network) is not { } plug)
        {
            return;
        }

        plan.Add(new Operation.CreateFabricEnd(plug.Port, plug.PortMac, bridge, plug.End, plug.EndMac, link.Mtu));
        plan.Add(new Operation.MakePortTransparent(plug.Port));
        if (link.Subnets.Any(s => LabPlan.IsIPv6(s.BaseAddress)))
        {
            // With slashes: its name may have dots in it.
            plan.Add(new Operation.SetSysctl(Place.Fabric, $"net/ipv6/conf/{plug.End.Name}/disable_ipv6", "0", Optional: false));
            plan.Add(new Operation.SilenceIPv6(Place.Fabric, plug.End));
        }

        plan.Add(new Operation.SetLinkUp(Place.Fabric, plug.End));
        foreach ((IPAddress address, int prefixLength) in wiring.FabricAddresses(network))
        {
            plan.Add(new Operation.AddAddress(Place.Fabric, plug.End, address, prefixLength));
        }

        IPAddress[] own = [.. wiring.FabricAddresses(network).Select(a => a.Address)];
        foreach (IPAddress far in wiring.Members(network).SelectMany(m => m.Attachment.Addresses).Where(f => !IsNeighbour(link, own, f)))
        {
            plan.Add(new Operation.AddLinkRoute(Place.Fabric, Alone(far), plug.End));
        }
    }

    /// <summary>A node's cable to a link.</summary>
    public static void AddCable(Wiring wiring, int network, Place node, Interface inside, Attachment attachment, ImmutableArray<Operation>.Builder plan)
    {
        int number = node.Node!.Value;
        Interface port = wiring.Port(network, number);
        plan.Add(new Operation.CreateVeth(
            port, Wiring.PortMac(network, number), Wiring.Bridge(network), node, inside, Wiring.NodeMac(network, number), wiring.NetworkAt(network).Mtu));
        plan.Add(new Operation.MakePortTransparent(port));
        if (wiring.Plug(network) is { } plug)
        {
            LabPlan.AddNeighbours(Place.Fabric, plug.End, attachment.Addresses, Wiring.NodeMac(network, number), plan);
        }
    }

    /// <summary>The node's ways onto its links: to the addresses of the other ends, where no subnet has them and the file's own routes do not lead there, and those routes.</summary>
    public static void AddRoutes(Wiring wiring, int number, Node node, ImmutableArray<Operation>.Builder plan)
    {
        var at = new Place(number);
        foreach ((int inside, Attachment attachment) in node.Attachments.Index())
        {
            int network = wiring.Network(attachment.Network);
            Network link = wiring.NetworkAt(network);
            if (link.Link is null)
            {
                continue;
            }

            Interface end = wiring.Inside(number, inside);
            Route[] routes = [.. node.Routes.Where(r => r.Link == attachment.Network)];
            IEnumerable<IPAddress> far = [.. wiring.FabricAddresses(network).Select(a => a.Address), .. wiring.Members(network).Where(m => m.Node != number).SelectMany(m => m.Attachment.Addresses)];
            foreach (IPAddress address in far)
            {
                // Without an address there, its programs give the end a meaning of their own: a port of a bridge, for instance.
                if (attachment.AddressOf(address.AddressFamily) is not null && !IsNeighbour(link, attachment.Addresses, address) && !routes.Any(r => r.Destination.Contains(address)))
                {
                    plan.Add(new Operation.AddLinkRoute(at, Alone(address), end));
                }
            }

            plan.AddRange(routes.Select(r => new Operation.AddLinkRoute(at, r.Destination, end)));
        }
    }

    /// <summary>Whether the address is in the subnet of one of these.</summary>
    private static bool IsNeighbour(Network link, IEnumerable<IPAddress> own, IPAddress address) =>
        own.Any(o => link.SubnetOf(o) is { } subnet && subnet.Contains(address));

    private static IPNetwork Alone(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
}
