using System.Net;
using Cleave.Gateway;

namespace Cleave.Tests.Gateway;

/// <summary>What is read of a host: its resolv.conf, its firewall, the user's configuration, and what a network is.</summary>
public class HostReadingTests
{
    [Theory]
    [InlineData("nameserver 127.0.0.1", "", "127.0.0.1", "", 0)]
    [InlineData("nameserver 127.0.0.53", "", "127.0.0.53", "", 0)]
    [InlineData("nameserver 127.0.0.53", "nameserver 10.1.1.1\nnameserver fd00::53", null, "10.1.1.1 fd00::53", 0)]
    [InlineData("nameserver 192.168.1.1\nnameserver 8.8.8.8", "", null, "192.168.1.1 8.8.8.8", 0)]
    [InlineData("nameserver 127.0.0.1\nnameserver 192.168.1.1", "", "127.0.0.1", "192.168.1.1", 0)]
    [InlineData("nameserver 127.0.0.1\nnameserver 127.0.0.2", "", "127.0.0.1", "", 1)]
    [InlineData("nameserver 127.0.0.1\nnameserver ::1", "", "127.0.0.1", "", 1)]
    [InlineData("nameserver ::1", "", "127.0.0.1", "", 1)]
    [InlineData("nameserver 192.168.1.5", "", "192.168.1.5", "", 0)]
    [InlineData("nameserver 2001:db8::1", "", null, "2001:db8::1", 0)]
    [InlineData("# nobody\nsearch example.org\nnameserver\nnameserver x", "", null, "", 1)]
    [InlineData("\tnameserver\t192.168.1.1 # the router\r\n", "", null, "192.168.1.1", 0)]
    public void Whom_labs_ask_for_names_is_as_resolv_conf_says(string text, string behind, string? local, string direct, int notes)
    {
        var resolvers = Resolvers.Of(Resolvers.Read(text), Resolvers.Read(behind), [IPAddress.Parse("192.168.1.5")]);

        Assert.Equal(local, resolvers.Local?.ToString());
        Assert.Equal(direct, string.Join(' ', resolvers.Direct));
        Assert.Equal(notes, resolvers.Notes.Length);
    }

    [Fact]
    public void A_network_is_divided_into_the_hosts_cable_and_a_pool()
    {
        var network = GatewayNetwork.Parse("10.99.0.0/16");
        Assert.Equal(("10.99.255.0/30", "10.99.255.1", "10.99.255.2"), (network.Cable.ToString(), network.Host.ToString(), network.Inside.ToString()));
        Assert.Equal("10.99.192.0/19", network.Pool.ToString());
        Assert.Equal(("10.99.192.0/30", "10.99.192.1", "10.99.192.2"), (network.LabCable(0).ToString(), network.GatewayEnd(0).ToString(), network.LabEnd(0).ToString()));
        Assert.Equal(("fd63:6c65:6176:a63::/64", "fd63:6c65:6176:a63::ff01", "fd63:6c65:6176:a63::ff02"), (network.Whole6.ToString(), network.Host6.ToString(), network.Inside6.ToString()));
        Assert.Equal(("fd63:6c65:6176:a63::c000/115", "fd63:6c65:6176:a63::dffe"), (network.Pool6.ToString(), network.LabEnd6(GatewayNetwork.Slots - 1).ToString()));
        Assert.Equal("10.99.223.252/30", network.LabCable(GatewayNetwork.Slots - 1).ToString());
    }

    [Theory]
    [InlineData("10.99.0.0", "no prefix length")]
    [InlineData("10.99.0.0/24", "the prefix length '24'")]
    [InlineData("10.99.1.0/16", "expected 10.99.0.0/16")]
    [InlineData("127.0.0.0/16", "loopback")]
    [InlineData("fd00::/16", "expected an IPv4 network of 16 bits")]
    [InlineData("", "expected an IPv4 network of 16 bits")]
    [InlineData("10.099.0.0/16", "expected an IPv4 network of 16 bits")]
    [InlineData("10.99.0.0/16/16", "expected an IPv4 network of 16 bits")]
    public void What_is_no_network_of_a_gateway_is_refused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<InputException>(() => GatewayNetwork.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("gateway: {network: 10.99.0.0/16}", "10.99.0.0/16")]
    [InlineData("", null)]
    [InlineData("gateway: {}", null)]
    public void The_users_configuration_names_a_network(string text, string? network) =>
        Assert.Equal(network, UserConfiguration.Read("config.yaml", text)?.ToString());

    [Theory]
    [InlineData("gateway:\n  network: 10.99.0.0/24\n", "config.yaml:2:12: error: the network '10.99.0.0/24' has the prefix length '24'")]
    [InlineData("gateway:\n  netwrok: 10.99.0.0/16\n", "config.yaml:2:3: error: unknown key 'netwrok': expected 'network'; did you mean 'network'?")]
    [InlineData("gatewy: {}\n", "config.yaml:1:1: error: unknown key 'gatewy': expected 'gateway'; did you mean 'gateway'?")]
    [InlineData("gateway: 10.99.0.0/16\n", "config.yaml:1:10: error: '10.99.0.0/16' stands here: expected 'gateway: {network: 10.99.0.0/16}'")]
    [InlineData("gateway: {network: [10.99.0.0/16]}\n", "config.yaml:1:20: error: the network '' is none")]
    [InlineData("gateway: {\n", "config.yaml:")]
    public void A_mistake_of_the_users_configuration_has_its_place(string text, string said) =>
        Assert.StartsWith(said, Assert.Throws<InputException>(() => UserConfiguration.Read("config.yaml", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_a_ruleset_it_counts_which_chains_lose_what_nobody_accepts()
    {
        const string Json =
            """
            {"nftables": [{"metainfo": {"version": "1.0.6"}},
              {"table": {"family": "inet", "name": "cleave1000", "handle": 1}},
              {"chain": {"family": "inet", "table": "cleave1000", "name": "host", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
              {"table": {"family": "inet", "name": "filter", "handle": 2}},
              {"chain": {"family": "inet", "table": "filter", "name": "in", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}},
              {"rule": {"family": "inet", "table": "filter", "chain": "in", "handle": 5, "expr": [{"match": {}}, {"drop": null}]}},
              {"rule": {"family": "inet", "table": "filter", "chain": "in", "handle": 6, "comment": "cleave1000 udp", "expr": [{"match": {}}, {"accept": null}]}},
              {"rule": {"family": "inet", "table": "filter", "chain": "in", "handle": 7, "expr": [{"counter": {}}, {"reject": {"type": "icmpx"}}]}},
              {"chain": {"family": "inet", "table": "filter", "name": "fwd", "handle": 2, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
              {"chain": {"family": "inet", "table": "filter", "name": "open", "handle": 3, "type": "filter", "hook": "forward", "prio": 0, "policy": "accept"}},
              {"rule": {"family": "inet", "table": "filter", "chain": "open", "handle": 8, "comment": "cleave2", "expr": [{"match": {}}, {"drop": null}]}},
              {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 2, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
              {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 9, "comment": "cleave1000", "expr": []}},
              {"chain": {"family": "bridge", "table": "b", "name": "forward", "handle": 2, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}]}
            """;
        var facts = FirewallFacts.Read(Json, "cleave1000");

        Assert.True(facts.OwnTable);
        Assert.Equal([new("inet", "filter", "in", "input"), new("inet", "filter", "fwd", "forward")], facts.Closed);
        Assert.Equal([new("inet", "filter", "in", "cleave1000 udp", 6)], facts.Marked);
    }

    [Fact]
    public void Of_iptables_it_counts_which_chains_are_in_force_and_what_is_ours()
    {
        const string Docker =
            """
            # Generated by iptables-save v1.8.9 (nf_tables) on Sat Nov 28 12:00:00 2026
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD DROP [3:180]
            :OUTPUT ACCEPT [0:0]
            :DOCKER - [0:0]
            -A FORWARD -i cleave1000 -m comment --comment cleave1000 -j ACCEPT
            -A FORWARD -i cleave2 -m comment --comment "cleave2" -j ACCEPT
            -A FORWARD -j DOCKER
            COMMIT
            *nat
            :PREROUTING ACCEPT [0:0]
            -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
            COMMIT
            """;
        IptablesFacts facts = FirewallFacts.ReadIptables("iptables", Docker, "cleave1000");

        Assert.Equal(["FORWARD"], facts.Filters);
        Assert.Equal(["-t filter -A FORWARD -i cleave1000 -m comment --comment cleave1000 -j ACCEPT"], facts.Marked);
        Assert.Equal(["-t filter -A FORWARD -i cleave2 -m comment --comment \"cleave2\" -j ACCEPT"], FirewallFacts.ReadIptables("iptables", Docker, "cleave2").Marked);
        Assert.Empty(FirewallFacts.ReadIptables("iptables", "", "cleave1000").Filters);
    }
}
