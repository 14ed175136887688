namespace Cleave.Tests.Topology;

/// <summary>Mistakes in a node's names, kernel parameters and routes.</summary>
public class NodeNetworkMistakeTests
{
    private const string Head = """
        cleave: 1
        networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}, wan: {subnet: [10.0.0.0/24, "fd01::/64"]}, far: {subnet: 10.9.0.0/24}}
        nodes:
          r: {ip: [172.23.0.254, "fd00:23::fe", 10.0.0.1], router: true, aliases: [door], hostname: r.example.com}
          b: {ip: [172.23.0.2, "fd00:23::2"], aliases: [other]}
          s: {ip: 10.9.0.1, router: true}
        """;

    private const string A = "  a: {ip: [172.23.0.1, \"fd00:23::1\"], ";

    [Theory]
    [InlineData("aliases: []", "7:48", "an empty list stands here: expected a host name")]
    [InlineData("aliases: {a: b}", "7:48", "a mapping stands here: expected a host name")]
    [InlineData("aliases: ", "7:39", "no value stands here")]
    [InlineData("aliases: [[a]]", "7:49", "a list stands here: expected a host name")]
    [InlineData("aliases: [My_App.Example.com]", "7:49", "'My_App.Example.com' stands here: expected a host name: labels of lower-case letters", "my-app.example.com")]
    [InlineData("aliases: [a..b]", "7:49", "'a..b' stands here: expected a host name", "a.b")]
    [InlineData("aliases: [.]", "7:49", "'.' stands here: expected a host name")]
    [InlineData("aliases: [10.0.0.1]", "7:49", "'10.0.0.1' ends like an address")]
    [InlineData("aliases: [\"5\"]", "7:49", "'5' ends like an address")]
    [InlineData("aliases: [b]", "7:49", "'b' is a name of node 'b' already: expected a name that no node has")]
    [InlineData("aliases: [b.lab]", "7:49", "'b.lab' is a name of node 'b' already")]
    [InlineData("aliases: [a]", "7:49", "'a' is a name of this node already")]
    [InlineData("aliases: [x, x]", "7:52", "'x' is a name of this node already (line 7)")]
    [InlineData("aliases: [other]", "7:49", "'other' is a name of node 'b' already (line 5)")]
    [InlineData("aliases: [r.example.com]", "7:49", "'r.example.com' is a name of node 'r' already (line 4)")]
    [InlineData("aliases: [fabric]", "7:49", "'fabric' is a reserved name: expected a name other than localhost")]
    [InlineData("aliases: [localhost]", "7:49", "'localhost' is a reserved name")]
    [InlineData("hostname: [a]", "7:49", "a list stands here: expected a host name")]
    [InlineData("hostname: A", "7:49", "'A' stands here: expected a host name", "a")]
    [InlineData("hostname: b", "7:49", "'b' is a name of node 'b' already")]
    [InlineData("hostname: door", "7:49", "'door' is a name of node 'r' already (line 4)")]
    [InlineData("hostname: host", "7:49", "'host' is a reserved name")]
    [InlineData("hostname: x, aliases: [x]", "7:62", "'x' is a name of this node already (line 7)")]
    [InlineData("hostname: a123456789.a123456789.a123456789.a123456789.a123456789.a123456789", "7:49", "has 65 characters: expected a host name of at most 64")]
    public void A_mistake_in_a_name_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}\n{A}{entry}}}", at, words, suggestion);

    [Theory]
    [InlineData("sysctls: 5", "7:48", "'5' stands here: expected a mapping from keys to values, such as {net.ipv4.tcp_retries2: 5}")]
    [InlineData("sysctls: {net.ipv4.tcp_retries2: }", "7:49", "no value stands here: expected text or a number")]
    [InlineData("sysctls: {net.ipv4.tcp_retries2: [5]}", "7:72", "a list stands here: expected text or a number")]
    [InlineData("sysctls: {net.ipv4.tcp_retries2: \"1\\n2\"}", "7:72", "has more than one line")]
    [InlineData("sysctls: {net.ipv4.tcp_retries2: 5, net/ipv4/tcp_retries2: 6}", "7:75", "'net/ipv4/tcp_retries2' stands here twice .. the first is at 7:49")]
    [InlineData("sysctls: {tcp_retries2: 5}", "7:49", "'tcp_retries2' is no key of sysctl(8): expected a key that every node has of its own: net.…")]
    [InlineData("sysctls: {net..tcp_retries2: 5}", "7:49", "'net..tcp_retries2' is no key of sysctl(8)")]
    [InlineData("sysctls: {net/../kernel/panic: 5}", "7:49", "'net/../kernel/panic' is no key of sysctl(8)")]
    [InlineData("sysctls: {net.//.x: 5}", "7:49", "'net.//.x' is no key of sysctl(8)")]
    [InlineData("sysctls: {\"net.ipv4.a b\": 5}", "7:49", "'net.ipv4.a b' is no key of sysctl(8)")]
    [InlineData("sysctls: {net.core.rmem_max: 5}", "7:49", "'net.core.rmem_max' belongs to the whole machine (net.ipv4.tcp_rmem")]
    [InlineData("sysctls: {net.core.netdev_max_backlog: 5}", "7:49", "'net.core.netdev_max_backlog' belongs to the whole machine: expected a key")]
    [InlineData("sysctls: {net.core.somaxcon: 5}", "7:49", "'net.core.somaxcon' belongs to the whole machine", "net.core.somaxconn")]
    [InlineData("sysctls: {net.ipv4.tcp_mem: 5}", "7:49", "'net.ipv4.tcp_mem' belongs to the whole machine, or can only be read")]
    [InlineData("sysctls: {net/netfilter/nf_conntrack_max: 5}", "7:49", "'net/netfilter/nf_conntrack_max' belongs to the whole machine")]
    [InlineData("sysctls: {vm.swappiness: 5}", "7:49", "'vm.swappiness' belongs to the whole machine")]
    [InlineData("sysctls: {kernel.panic: 5}", "7:49", "'kernel.panic' belongs to the whole machine")]
    [InlineData("sysctls: {kernel.hostname: x}", "7:49", "'kernel.hostname' has a key of the node's own, 'hostname'")]
    [InlineData("sysctls: {kernel.shmmmax: 5}", "7:49", "'kernel.shmmmax' belongs to the whole machine", "kernel.shmmax")]
    [InlineData("sysctls: {nett.ipv4.tcp_retries2: 5}", "7:49", "'nett.ipv4.tcp_retries2' belongs to the whole machine", "net.ipv4.tcp_retries2")]
    [InlineData("sysctls: {fs.file-max: 5}", "7:49", "'fs.file-max' belongs to the whole machine")]
    public void A_mistake_in_a_kernel_parameter_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}\n{A}{entry}}}", at, words, suggestion);

    [Theory]
    [InlineData("router: yes", "7:47", "'yes' stands here: expected true or false", "true")]
    [InlineData("routes: r", "7:47", "'r' stands here: expected a mapping from destinations to gateways")]
    [InlineData("routes: {default: }", "7:48", "no value stands here: expected a gateway")]
    [InlineData("routes: {default: []}", "7:57", "an empty list stands here: expected a gateway")]
    [InlineData("routes: {10.1.0.0/16: [r]}", "7:61", "a list stands here: expected a gateway")]
    [InlineData("routes: {default: [r, [b]]}", "7:61", "a list stands here: expected a gateway")]
    [InlineData("routes: {defalt: r}", "7:48", "'defalt' stands here: expected a destination: a subnet such as 10.1.0.0/16, or default")]
    [InlineData("routes: {10.1.0.1: r}", "7:48", "'10.1.0.1' has no prefix length", "10.1.0.1/32")]
    [InlineData("routes: {\"fd02::1\": r}", "7:48", "'fd02::1' has no prefix length", "fd02::1/128")]
    [InlineData("routes: {10.1.0.1/16: r}", "7:48", "'10.1.0.1/16' is not the network's own address", "10.1.0.0/16")]
    [InlineData("routes: {0.0.0.0/0: r}", "7:48", "'0.0.0.0/0' has the prefix length '0': expected /1 to /32")]
    [InlineData("routes: {10.1.0.0/33: r}", "7:48", "has the prefix length '33': expected /1 to /32")]
    [InlineData("routes: {wan: r}", "7:48", "'wan' is the name of a network: expected its subnet", "10.0.0.0/24")]
    [InlineData("routes: {172.23.0.0/24: r}", "7:48", "'172.23.0.0/24' is network 'lan', which the node is on itself")]
    [InlineData("routes: {\"fd00:23::/64\": r}", "7:48", "'fd00:23::/64' is network 'lan', which the node is on itself")]
    [InlineData("routes: {127.1.0.0/16: r}", "7:48", "'127.1.0.0/16' cannot be sent to by a router (loopback)")]
    [InlineData("routes: {\"fe80::/64\": r}", "7:48", "'fe80::/64' cannot be sent to by a router (link-local")]
    [InlineData("routes: {10.1.0.0/16: r, 10.1.0.00/16: r}", "7:64", "'10.1.0.00/16' stands here")]
    [InlineData("routes: {\"fd02::/64\": r, \"fd02:0::/64\": r}", "7:64", "'fd02:0::/64' is fd02::/64, which stands here already: expected one gateway a destination; the first is at 7:48")]
    [InlineData("routes: {default: [r, 172.23.0.254]}", "7:61", "'172.23.0.254' is a second IPv4 gateway of 'default'")]
    [InlineData("routes: {default: 172.23.0.1}", "7:57", "'172.23.0.1' is the node's own address")]
    [InlineData("routes: {default: a}", "7:57", "'a' is the node itself")]
    [InlineData("routes: {default: rr}", "7:57", "'rr' is no node: expected a gateway", "r")]
    [InlineData("routes: {default: 10.0.0.1}", "7:57", "'10.0.0.1' is on no network of node 'a': expected a gateway in 172.23.0.0/24 (lan)")]
    [InlineData("routes: {default: \"fd01::1\"}", "7:57", "'fd01::1' is on no network of node 'a': expected a gateway in fd00:23::/64 (lan)")]
    [InlineData("routes: {default: 172.23.0.77}", "7:57", "'172.23.0.77' is nobody's address on lan .. expected that of a router", "172.23.0.254")]
    [InlineData("routes: {default: \"fd00:23::77\"}", "7:57", "'fd00:23::77' is nobody's address on lan", "fd00:23::fe")]
    [InlineData("routes: {default: 172.23.0.2}", "7:57", "'172.23.0.2' leads to node 'b', which passes no packets on: expected a router; give node 'b' 'router: true'")]
    [InlineData("routes: {default: b}", "7:57", "'b' leads to node 'b', which passes no packets on")]
    [InlineData("routes: {default: s}", "7:57", "'s' shares no network with node 'a': expected a router on lan")]
    [InlineData("routes: {10.1.0.0/16: \"fd00:23::fe\"}", "7:61", "'fd00:23::fe' is IPv6, and the destination is IPv4: expected a gateway of the same family")]
    [InlineData("routes: {default: 172.23.0.254/24}", "7:57", "'172.23.0.254/24' has a prefix length", "172.23.0.254")]
    [InlineData("routes: {default: \"fe80::1\"}", "7:57", "'fe80::1' cannot be given to hosts (link-local")]
    [InlineData("routes: {default: \"fe80::1%eth0\"}", "7:57", "'fe80::1%eth0' has a zone after its '%'", "fe80::1")]
    [InlineData("routes: {default: 172.23.0}", "7:57", "'172.23.0' stands here: expected a gateway")]
    public void A_mistake_in_a_route_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}\n{A}{entry}}}", at, words, suggestion);

    [Theory]
    [InlineData("routes: {\"fd02::/64\": r}", "'r' shares no network with node 'a' by IPv6: expected a router on lan")]
    [InlineData("routes: {default: \"fd00:23::fe\"}", "is on no network of node 'a': expected no IPv6 gateway, for the node has no such address")]
    public void A_route_of_a_family_that_the_node_does_not_speak_is_reported(string entry, string words) =>
        LabText.HasOneMistake($"{Head}\n  a: {{ip: 172.23.0.1, {entry}}}", entry.StartsWith("routes: {d", StringComparison.Ordinal) ? "7:41" : "7:45", words);

    [Fact]
    public void Owners_of_gateways_are_not_asked_for_while_an_address_is_wrong() =>
        LabText.HasOneMistake($"{Head}\n{A}routes: {{default: 172.23.0.9}}}}\n  x: {{ip: 172.23.0.999, router: true}}", "8:11", "'172.23.0.999' stands here");

    [Fact]
    public void A_router_that_may_be_one_is_taken_for_one() =>
        LabText.HasOneMistake($"{Head}\n{A}routes: {{default: x}}}}\n  x: {{ip: [172.23.0.9, \"fd00:23::9\"], router: ture}}", "8:47", "'ture' stands here: expected true or false", "true");

    [Fact]
    public void The_fabric_may_be_a_gateway() =>
        Assert.Equal("172.23.0.253", LabText.Valid($"{Head}\n{A}routes: {{default: 172.23.0.253}}}}").FindNode("a")!.Routes[0].Gateway!.ToString());
}
