using System.Collections.Immutable;
using System.Net;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>The way of a packet through routers, as the file has it: routes that programs make are not known here.</summary>
internal static class RoutePath
{
    private const int MostHops = 64; // where the time to live of Linux ends

    /// <summary>One stretch of the way, from node to node on a network.</summary>
    public readonly record struct Hop(int Network, int From, int To);

    /// <summary>The way from a node to an address; null if no route leads there.</summary>
    public static ImmutableArray<Hop>? Find(LabTopology topology, int from, IPAddress target)
    {
        var hops = ImmutableArray.CreateBuilder<Hop>();
        for (int at = from; hops.Count < MostHops;)
        {
            Node node = topology.Nodes[at];
            if (Owns(node, target))
            {
                return hops.ToImmutable();
            }

            if (at != from && !node.IsRouter)
            {
                return null;
            }

            Route? route = IsOn(topology, node, target) is null ? BestRoute(node, target) : null;
            if (route is { Link: { } link })
            {
                if (Beyond(topology, link, at) is not { } end)
                {
                    return null;
                }

                hops.Add(new(end.Network, at, end.Node));
                at = end.Node;
                continue;
            }

            IPAddress next = IsOn(topology, node, target) is null ? route?.Gateway ?? IPAddress.None : target;
            if (IsOn(topology, node, next) is not { } network || Owner(topology, network, next) is not { } owner)
            {
                return null;
            }

            hops.Add(new(network, at, owner));
            at = owner;
        }

        return null;
    }

    private static bool Owns(Node node, IPAddress address) => node.Attachments.Any(a => a.Addresses.Contains(address));

    /// <summary>The number of the node's network that has the address in a subnet in which the node has one, too.</summary>
    private static int? IsOn(LabTopology topology, Node node, IPAddress address)
    {
        foreach ((int number, Network network) in topology.Networks.Index())
        {
            if (network.SubnetOf(address) is not null
                && node.Attachments.Any(a => a.Network == network.Name && a.AddressOf(address.AddressFamily) is not null))
            {
                return number;
            }
        }

        return null;
    }

    private static Route? BestRoute(Node node, IPAddress target) => node.Routes
        .Where(r => r.Destination.Contains(target))
        .OrderByDescending(r => r.Destination.PrefixLength)
        .FirstOrDefault();

    /// <summary>The node at the other end of a link; null: that is the fabric, behind which nothing is known.</summary>
    private static (int Network, int Node)? Beyond(LabTopology topology, string link, int from)
    {
        int network = topology.Networks.Index().First(n => n.Item.Name == link).Index;
        int other = FaultPairs.Members(topology, network).FirstOrDefault(n => n != from, -1);
        return other < 0 ? null : (network, other);
    }

    private static int? Owner(LabTopology topology, int network, IPAddress address)
    {
        string name = topology.Networks[network].Name;
        int owner = topology.Nodes.Index()
            .Where(n => n.Item.Attachments.Any(a => a.Network == name && a.Addresses.Contains(address)))
            .Select(n => n.Index)
            .FirstOrDefault(-1);
        return owner < 0 ? null : owner;
    }
}
