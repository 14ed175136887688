using System.Text.Json.Nodes;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>IPv4, IPv6 or both: what a node has of each, and that cuts hold in both.</summary>
public sealed class AddressFamilyTests : KernelTest
{
    private const string Mixed =
        """
        cleave: 1
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"], mtu: 1400}
          six: {subnet: "fd00:6::/64"}
        nodes:
          both: {ip: [172.23.0.1, "fd00:23::1"]}
          four: {ip: 172.23.0.2, interface: lan.0}
          six: {networks: {lan: {ip: "fd00:23::3", interface: lan0}, six: "fd00:6::3"}}
        """;

    [Fact]
    public async Task A_node_has_the_families_the_file_gives_it_and_reaches_whoever_has_them_too()
    {
        CleaveCommand cleave = NewLab(Mixed);
        await cleave.OkAsync("up", "-d");

        await cleave.InAsync("both", "ping -nc1 -W5 -4 four && ping -nc1 -W5 -6 six && ping -nc1 -W5 fd00:23::3 && ping -nc1 -W5 ::1");
        await cleave.InAsync("six", "ping -nc1 -W5 both && ping -nc1 -W5 fe80::c1:ff:fe00:1%lan0");
        await cleave.InAsync("fabric", "ping -nc1 -W5 fd00:23::1 && ping -nc1 -W5 fd00:6::3 && ping -nc1 -W5 172.23.0.2");

        // Usable at once: no address is still being looked for.
        Assert.Equal(
            ["eth0 172.23.0.1/24", "eth0 fd00:23::1/64", "eth0 fe80::c1:ff:fe00:1/64", "lo 127.0.0.1/8", "lo ::1/128"],
            await AddressesAsync(cleave, "both"));
        Assert.Equal(["lan.0 172.23.0.2/24", "lo 127.0.0.1/8"], await AddressesAsync(cleave, "four"));
        Assert.Equal(
            ["eth1 fd00:6::3/64", "eth1 fe80::c1:ff:fe01:3/64", "lan0 fd00:23::3/64", "lan0 fe80::c1:ff:fe00:3/64", "lo 127.0.0.1/8", "lo ::1/128"],
            await AddressesAsync(cleave, "six"));
        Assert.Equal("", await cleave.InAsync("four", "ip -6 addr; ip -6 neigh; grep ^::1 /etc/hosts || :"));

        // Nobody learns a neighbour on the way.
        Assert.DoesNotContain("REACHABLE", await cleave.InAsync("both", "ip neigh show to fd00:23::/64; ip neigh show to 172.23.0.0/24"), StringComparison.Ordinal);
        await cleave.OkAsync("check");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Packets_are_as_large_as_the_networks_mtu_and_no_larger()
    {
        CleaveCommand cleave = NewLab(Mixed);
        await cleave.OkAsync("up", "-d");
        Assert.Equal(["lan.0 1400"], await MtusAsync(cleave, "four"));
        Assert.Equal(["eth1 1500", "lan0 1400"], await MtusAsync(cleave, "six"));
        Assert.Equal(["br1 1400", "br2 1500", "p1 1400", "p2 1400", "p3 1400", "p4 1500"], await MtusAsync(cleave, "fabric"));

        // 20 or 40 bytes of IP, 8 of ICMP.
        await cleave.InAsync("both", "ping -nc1 -W5 -M do -s 1372 four && ping -nc1 -W5 -M do -s 1352 six");
        foreach (string larger in (string[])["-s 1373 four", "-s 1353 six"])
        {
            Outcome ping = await cleave.RunAsync("exec", "both", "--", "sh", "-c", $"ping -nc1 -W1 -M do {larger}");
            Assert.NotEqual(0, ping.Code);
            Assert.Contains("mtu", ping.Output + ping.Errors, StringComparison.Ordinal);
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Cuts_hold_in_both_families_and_in_one_lab_of_two_with_the_same_addresses()
    {
        LabText lab = LabText.Of("a", "b", "c").With("wan", "10.9.8", "b", "c").DualStack();
        CleaveCommand cleave = NewLab(Ears.Yaml(lab));
        Ears ears = await Ears.UpAsync(cleave, lab);
        Ears others = await Ears.UpAsync(cleave, lab);
        await ears.ExpectAsync((_, _) => true);

        await cleave.OkAsync("cut", "--lab", ears.Id, "a", "--to", "b", "--one-way");
        await ears.ExpectAsync((from, to) => (from, to) != ("a", "b"));
        await cleave.OkAsync("cut", "--lab", ears.Id, "c", "--to", "b", "--one-way");
        await ears.ExpectAsync((from, to) => to != "b" || from == "b");
        await others.ExpectAsync((_, _) => true);
        await cleave.OkAsync("check", "--lab", ears.Id);

        await cleave.OkAsync("heal", "--lab", ears.Id);
        await cleave.OkAsync("isolate", "--lab", ears.Id, "c");
        await ears.ExpectAsync((from, to) => from != "c" && to != "c");
        await cleave.OkAsync("split", "--lab", ears.Id, "a,b", "b,c");
        await ears.ExpectAsync((from, to) => from == "b" || to == "b");
        await cleave.OkAsync("heal", "--lab", ears.Id);
        await ears.ExpectAsync((_, _) => true);
        await cleave.OkAsync("down", "--all");
    }

    [Fact]
    public async Task Check_names_the_family_that_is_not_as_the_rules_say()
    {
        CleaveCommand cleave = NewLab(LabText.Of("a", "b").DualStack().Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("fabric", "nft 'add rule bridge cleave forward iifname p1 icmpv6 type echo-request drop'");
        Outcome check = await cleave.RunAsync("check");
        Assert.Equal(1, check.Code);
        Assert.Contains("a -> b on lan by ipv6: icmp unreachable, by the rules reachable; tcp refused, by the rules reachable", check.Output, StringComparison.Ordinal);
        Assert.Contains("4 pairs probed, 1 not as the rules say", check.Output, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Readiness_and_expectations_work_where_there_is_IPv6_only()
    {
        Tool.Require("python3", "python3");
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            networks: {six: {subnet: "fd00:6::/64"} }
            nodes:
              web: {ip: "fd00:6::1", run: [{{Tool.Python}}, -m, http.server, "8000", --bind, "::"], ready: {tcp: 8000} }
              client: {ip: "fd00:6::2"}
            scenarios:
              six:
                - expect: {from: client, to: web, tcp: 8000, is: reachable}
                - expect: {from: client, to: web, tcp: 8001, is: refused}
                - expect: {from: client, to: web, is: reachable}
                - expect: {from: client, to: web, http: ":8000/", status: 200}
                - isolate: web
                - expect: {from: client, to: web, tcp: 8000, is: unreachable}
                - expect: {from: client, to: web, is: unreachable}
            """);
        await cleave.OkAsync("test");
    }

    [Fact]
    public async Task Where_both_families_lead_to_a_node_it_is_reachable_if_it_answers_in_one_and_unreachable_only_if_in_none()
    {
        Tool.Require("python3", "python3");
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            networks: {lan: {subnet: [172.23.0.0/24, "fd00:6::/64"]} }
            nodes:
              four: {ip: [172.23.0.1, "fd00:6::1"], run: [{{Tool.Python}}, -m, http.server, "8000", --bind, 0.0.0.0], ready: {tcp: 8000} }
              six: {ip: ["fd00:6::2", 172.23.0.2], run: [{{Tool.Python}}, -m, http.server, "8000", --bind, "fd00:6::2"], ready: {tcp: 8000} }
              client: {ip: [172.23.0.3, "fd00:6::3"]}
            scenarios:
              both:
                - expect: {from: client, to: [four, six], tcp: 8000, is: reachable}
                - expect: {from: client, to: [four, six], http: ":8000/", status: 200}
                - cut: {from: client, to: [four, six]}
                - expect: {from: client, to: [four, six], tcp: 8000, is: unreachable}
                - expect: {from: client, to: [four, six], is: unreachable}
            """);
        await cleave.OkAsync("test");
    }

    private static async Task<IEnumerable<string>> MtusAsync(CleaveCommand cleave, string place) =>
        JsonNode.Parse(await cleave.InAsync(place, "ip -j link"))!.AsArray()
            .Where(l => (string?)l!["ifname"] != "lo")
            .Select(l => $"{l!["ifname"]} {l["mtu"]}")
            .Order(StringComparer.Ordinal);

    private static async Task<IEnumerable<string>> AddressesAsync(CleaveCommand cleave, string node)
    {
        JsonArray links = JsonNode.Parse(await cleave.InAsync(node, "ip -j addr"))!.AsArray();
        var found =
            from link in links
            from address in link!["addr_info"]!.AsArray()
            let tentative = address!["tentative"] is null ? "" : " tentative"
            select $"{link["ifname"]} {address["local"]}/{address["prefixlen"]}{tentative}";
        return found.Order(StringComparer.Ordinal);
    }
}
