using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary><c>links:</c> as the file has them.</summary>
public class LinkTests
{
    private const string Head = """
        cleave: 1
        networks: {lan: {subnet: 172.23.0.0/24}}
        nodes:
          a: {ip: 172.23.0.1, router: true}
          b: {}
          c: {ip: 172.23.0.3}
        links:
        """;

    [Fact]
    public void A_link_is_a_network_of_two_ends_behind_the_networks()
    {
        LabTopology lab = LabText.Valid($"{Head}\n" + """
              x: {ends: {a: 10.0.0.1/30, b: {ip: [10.0.0.2/30, "fd00::2"], interface: x0}}, mtu: 1400}
              y: {ends: {fabric: {ip: 192.0.2.1, interface: veth1}, b: 10.200.1.1}}
              z: {ends: {c: , fabric: }}
            """);

        Assert.Equal(["lan", "x", "y", "z"], lab.Networks.Select(n => n.Name));
        Assert.Equal(["x", "y", "z"], lab.Links.Select(n => n.Name));
        Assert.Equal(["172.23.0.1 eth0 True", "10.0.0.1 eth1 False"], Ends(lab, "a"));
        Assert.Equal(["10.0.0.2 fd00::2 x0 False", "10.200.1.1 eth1 True"], Ends(lab, "b"));
        Assert.Equal(["172.23.0.3 eth0 True", " eth1 True"], Ends(lab, "c"));
        Assert.Equal(["10.0.0.0/30", "fd00::2/128"], lab.Networks[1].Subnets.Select(s => $"{s}"));
        Assert.Equal((1400, null), (lab.Networks[1].Mtu, lab.Networks[1].Link!.Fabric));
        Assert.Equal(("veth1", "192.0.2.1"), (lab.Networks[2].Link!.Fabric!.Interface, $"{lab.Networks[2].Link!.Fabric!.Addresses.Single()}"));
        Assert.Equal("link3", lab.Networks[3].Link!.Fabric!.Interface);
    }

    [Fact]
    public void Where_nobody_is_on_a_network_there_is_none_by_default()
    {
        LabTopology lab = LabText.Valid("cleave: 1\nnodes: {a: {}, b: {}}\nlinks: {x: {ends: {a: 172.23.0.1, b: }}}\n");
        Assert.Equal("x", lab.Networks.Single().Name);
        Assert.Null(lab.FindNode("b")!.Address);
        Assert.Equal(["lan", "x"], LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.1}, b: {}}\nlinks: {x: {ends: {a: , b: }}}\n").Networks.Select(n => n.Name));
    }

    [Theory]
    [InlineData("b: {routes: {default: x}}", "a: 10.0.0.1, b: 10.0.0.2", "0.0.0.0/0  x")]
    [InlineData("b: {routes: {default: x}}", "a: \"fd00::1\", b: [10.0.0.2, \"fd00::2\"]", "0.0.0.0/0  x, ::/0  x")]
    [InlineData("b: {routes: {default: x}}", "a: , b: ", "0.0.0.0/0  x")]
    [InlineData("b: {routes: {10.1.0.0/16: x, \"fd01::/64\": x, 10.0.0.1/32: x}}", "a: 10.0.0.1, b: ", "10.1.0.0/16  x, fd01::/64  x, 10.0.0.1/32  x")]
    [InlineData("b: {routes: {default: 10.0.0.1}}", "a: 10.0.0.1, b: 10.0.0.2", "0.0.0.0/0 10.0.0.1 ")]
    [InlineData("b: {routes: {default: a}}", "a: 10.0.0.1/30, b: 10.0.0.2/30", "0.0.0.0/0 10.0.0.1 ")]
    [InlineData("b: {routes: {default: 10.0.0.254}}", "a: , b: 10.0.0.2/24", "0.0.0.0/0 10.0.0.254 ")] // which a's setup may give to a bridge
    [InlineData("b: {routes: {default: 10.0.0.1}}", "fabric: 10.0.0.1, b: 10.0.0.2", "0.0.0.0/0 10.0.0.1 ")]
    public void Routes_lead_onto_a_link_or_to_who_is_at_its_other_end(string b, string ends, string routes) =>
        Assert.Equal(routes, string.Join(", ", LabText.Valid($"cleave: 1\nnodes:\n  a: {{ip: 172.23.0.1, router: true}}\n  {b}\nlinks: {{x: {{ends: {{{ends}}}}}}}\n")
            .FindNode("b")!.Routes.Select(r => $"{r.Destination} {r.Gateway} {r.Link}")));

    [Theory]
    [InlineData("x: ", "8:3", "no value stands here: expected a mapping with ends and mtu")]
    [InlineData("x: {}", "8:3", "a link has no 'ends'")]
    [InlineData("X: {ends: {a: , b: }}", "8:3", "'X' is no name for a link", "x")]
    [InlineData("lan: {ends: {a: , b: }}", "8:3", "'lan' is the name of a network already")]
    [InlineData("a: {ends: {a: , b: }}", "8:3", "'a' is the name of a node already")]
    [InlineData("x: {end: {a: , b: }}", "8:7", "'end' is no key of a link", "ends")]
    [InlineData("x: {ends: [a, b]}", "8:13", "a list stands here: expected a mapping with two ends")]
    [InlineData("x: {ends: {b: }}", "8:13", "a link with one end stands here")]
    [InlineData("x: {ends: {a: , b: , c: }}", "8:13", "a link with 3 ends stands here")]
    [InlineData("x: {ends: {b: , fabrik: }}", "8:19", "'fabrik' is no node: expected a, b, c or fabric", "fabric")]
    [InlineData("x: {ends: {b: , host: }}", "8:19", "'host' cannot be an end of a link: a lab makes nothing in the host's network namespace", "fabric")]
    [InlineData("x: {ends: {a: , b: 10.0.0}}", "8:22", "'10.0.0' stands here: expected an address such as 10.200.1.1, alone or with a prefix length")]
    [InlineData("x: {ends: {a: , b: []}}", "8:22", "an empty list stands here")]
    [InlineData("x: {ends: {a: , b: 10.0.0.1/33}}", "8:22", "'10.0.0.1/33' has the prefix length '33': expected /8 to /32")]
    [InlineData("x: {ends: {a: , b: \"fd00::1/8\"}}", "8:22", "'fd00::1/8' has the prefix length '8': expected /16 to /128")]
    [InlineData("x: {ends: {a: , b: 10.0.0.0/24}}", "8:22", "'10.0.0.0/24' is the network address of 10.0.0.0/24")]
    [InlineData("x: {ends: {a: , b: 10.0.0.255/24}}", "8:22", "'10.0.0.255/24' is the broadcast address of 10.0.0.0/24")]
    [InlineData("x: {ends: {a: , b: \"fd00::/64\"}}", "8:22", "'fd00::/64' is the anycast address of all routers of fd00::/64")]
    [InlineData("x: {ends: {a: , b: 127.0.0.1}}", "8:22", "'127.0.0.1' cannot be given to hosts (loopback)")]
    [InlineData("x: {ends: {a: , b: [10.0.0.1, 10.0.0.2]}}", "8:33", "'10.0.0.2' is a second IPv4 address of one end .. the first is at 8:23")]
    [InlineData("x: {ends: {a: 10.0.0.1, b: 10.0.0.1}}", "8:30", "'10.0.0.1' is the address of node 'a' already (line 8)")]
    [InlineData("x: {ends: {fabric: 10.0.0.1, b: 10.0.0.1}}", "8:35", "'10.0.0.1' is that of the fabric's end of a link already (line 8)")]
    [InlineData("x: {ends: {a: , b: 172.23.0.9}}", "8:22", "172.23.0.9/32 overlaps 172.23.0.0/24 of network 'lan'")]
    [InlineData("x: {ends: {a: 10.0.0.1/24, b: 10.0.0.2/30}}", "8:33", "10.0.0.2/30 and 10.0.0.1/24 at the other end have one subnet in two sizes", "10.0.0.2/24")]
    [InlineData("x: {ends: {a: , b: {adress: 10.0.0.1}}}", "8:23", "'adress' is no key of an end of a link")]
    [InlineData("x: {ends: {a: , b: {interface: lo}}}", "8:34", "'lo' is a reserved name")]
    [InlineData("x: {ends: {c: , b: {interface: averyveryverylongname}}}", "8:34", "expected a name for a link: 1 to 15 letters")]
    [InlineData("x: {ends: {c: {interface: eth0}, b: }}", "8:29", "'eth0' is the name of the node's link to lan already")]
    [InlineData("x: {ends: {fabric: {interface: br1}, b: }}", "8:34", "'br1' may be one of the fabric's own links")]
    [InlineData("x: {ends: {fabric: {interface: v}, b: }}\n  y: {ends: {fabric: {interface: v}, c: }}", "9:34", "'v' is the name of another link's end in the fabric")]
    [InlineData("x: {mtu: 100, ends: {b: \"fd00::1\", c: }}", "8:12", "'100' is less than IPv6 works with", "1280")]
    [InlineData("x: {mtu: 10, ends: {b: , c: }}", "8:12", "'10' stands here: expected a number of bytes, 68 to 65535")]
    public void A_mistake_in_a_link_is_reported_once(string link, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}\n  {link}{(link.Contains("b: ", StringComparison.Ordinal) ? "" : "\n  q: {ends: {b: , c: }}")}\n", at, words, suggestion);

    [Theory]
    [InlineData("b: {routes: {default: wier}}", "5:25", "'wier' is no node: expected a gateway", "wire")]
    [InlineData("b: {routes: {default: wine}}", "5:25", "'wine' is a link between a and c: expected a gateway", "wire")]
    [InlineData("b: {routes: {10.0.0.2/32: wire}}", "5:16", "'10.0.0.2/32' is link 'wire', which the node is on itself")]
    [InlineData("b: {routes: {default: 10.0.0.9}}", "5:25", "'10.0.0.9' is on no network of node 'b'")]
    [InlineData("b: {interface: e0}", "5:7", "'interface' stands beside no 'ip', and node 'b' has ends of links only")]
    [InlineData("b: {networks: {wire: 10.0.0.3}}", "5:18", "'wire' is a link: expected the node's address at its end there, under 'links'")]
    [InlineData("b: {ports: [\"8000:80\"]}", "5:15", "node 'b' has ends of links to other nodes only .. {node: 80, via: loopback}")]
    [InlineData("b: {ports: [{node: 80, via: wire}]}", "5:31", "'wire' is a link where the fabric has no way to node 'b': expected loopback")]
    [InlineData("d: {}", "5:3", "node 'd' has no address: expected 'ip' or 'networks', or an end of one of the 'links'")]
    public void A_mistake_in_a_node_about_its_links_is_reported_once(string b, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(
            "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, router: true}\n  c: {ip: 172.23.0.2}\n"
            + $"  {b}\n{(b[0] == 'd' ? "  b: {}\n" : "")}links: {{wire: {{ends: {{a: 10.0.0.1, b: 10.0.0.2}}}}, wine: {{ends: {{a: , c: }}}}}}\n",
            at, words, suggestion);

    private static IEnumerable<string> Ends(LabTopology lab, string node) =>
        lab.FindNode(node)!.Attachments.Select(a => $"{string.Join(' ', a.Addresses)} {a.Interface} {a.HasFabric}");
}
