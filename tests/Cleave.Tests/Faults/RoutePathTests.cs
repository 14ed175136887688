using System.Net;
using Cleave.Faults;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>The way through routers, as the file has it.</summary>
public class RoutePathTests
{
    private static readonly LabTopology Lab = LabText.Valid(
        """
        cleave: 1
        networks:
          left: {subnet: [172.23.0.0/24, "fd00:1::/64"]}
          middle: {subnet: 10.0.0.0/24}
          right: {subnet: 10.1.0.0/24}
        nodes:
          a: {ip: [172.23.0.1, "fd00:1::1"], routes: {default: 172.23.0.254}}
          b: {ip: 172.23.0.2}
          r: {ip: [172.23.0.254, 10.0.0.1], router: true, routes: {10.1.0.0/24: 10.0.0.2}}
          s: {ip: [10.0.0.2, 10.1.0.254], router: true, routes: {172.23.0.0/24: 10.0.0.1}}
          c: {ip: 10.1.0.1, routes: {default: 10.1.0.254}}
        """);

    [Theory]
    [InlineData("a", "172.23.0.2", "left:a>b")]
    [InlineData("a", "172.23.0.1", "")]
    [InlineData("a", "10.0.0.1", "left:a>r")] // an address of the router itself, on its other side
    [InlineData("a", "10.0.0.2", "left:a>r middle:r>s")]
    [InlineData("a", "10.1.0.1", "left:a>r middle:r>s right:s>c")]
    [InlineData("c", "172.23.0.1", "right:c>s middle:s>r left:r>a")]
    [InlineData("b", "10.1.0.1", null)] // no route
    [InlineData("a", "10.1.0.77", null)] // nobody has it
    [InlineData("a", "fd00:9::1", null)]
    public void A_way_is_found_hop_by_hop(string from, string to, string? way)
    {
        int node = NodeTargets.Index(from, Lab);
        Assert.Equal(way, RoutePath.Find(Lab, node, IPAddress.Parse(to)) is { } hops
            ? string.Join(' ', hops.Select(h => $"{Lab.Networks[h.Network].Name}:{Lab.Nodes[h.From].Name}>{Lab.Nodes[h.To].Name}"))
            : null);
    }

    [Theory]
    [InlineData("a", "10.9.0.2", "wire:a>b")]
    [InlineData("c", "10.9.0.1", "apart:c>b wire:b>a")] // by an address beyond its own, which the link leads to
    [InlineData("a", "10.9.3.1", "wire:a>b apart:b>c")]
    [InlineData("a", "198.51.100.1", null)] // out of the link to the fabric, behind which nothing is known
    [InlineData("c", "10.99.0.1", null)] // out of the link to b, which has no route
    public void A_way_leads_over_links(string from, string to, string? way)
    {
        LabTopology lab = LabText.Valid(
            """
            cleave: 1
            links:
              cable: {ends: {fabric: 192.0.2.1, a: 10.200.1.1}}
              wire: {ends: {a: 10.9.0.1/30, b: 10.9.0.2/30}}
              apart: {ends: {b: 10.9.2.1, c: 10.9.3.1}}
            nodes:
              a: {router: true, routes: {default: cable, 10.9.2.0/23: b}}
              b: {router: true}
              c: {routes: {default: 10.9.2.1, 10.99.0.0/16: apart}}
            """);
        Assert.Equal(way, RoutePath.Find(lab, NodeTargets.Index(from, lab), IPAddress.Parse(to)) is { } hops
            ? string.Join(' ', hops.Select(h => $"{lab.Networks[h.Network].Name}:{lab.Nodes[h.From].Name}>{lab.Nodes[h.To].Name}"))
            : null);
    }

    [Fact]
    public void A_circle_of_routes_leads_nowhere()
    {
        LabTopology lab = LabText.Valid(
            """
            cleave: 1
            networks: {lan: {subnet: 10.0.0.0/24}}
            nodes:
              r: {ip: 10.0.0.1, router: true, routes: {default: 10.0.0.2}}
              s: {ip: 10.0.0.2, router: true, routes: {default: 10.0.0.1}}
            """);
        Assert.Null(RoutePath.Find(lab, 0, IPAddress.Parse("192.0.2.1")));
    }
}
