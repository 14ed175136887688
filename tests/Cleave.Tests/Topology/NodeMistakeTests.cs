
namespace Cleave.Tests.Topology;

/// <summary>Mistakes under <c>nodes:</c>.</summary>
public class NodeMistakeTests
{
    private const string Head = "cleave: 1\nnetworks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 10.0.0.0/24}}\n";

    [Theory]
    [InlineData("nodes: text", "3:8", "'text' stands here .. a mapping from names to nodes")]
    [InlineData("nodes:", "3:1", "no value stands here .. a mapping from names to nodes")]
    [InlineData("nodes: {}", "3:8", "an empty mapping .. a mapping from names to nodes")]
    [InlineData("nodes: {a: 172.23.0.1}", "3:12", "'172.23.0.1' stands here .. a mapping with ip, networks, interface, aliases, hostname, dns, sysctls, router, routes, run")]
    [InlineData("nodes: {a: }", "3:9", "no value stands here .. a mapping with ip")]
    [InlineData("nodes: {a: {run: x}}", "3:9", "node 'a' has no address: expected 'ip' or 'networks'")]
    [InlineData("nodes: {a: {pi: 172.23.0.1}}", "3:13", "'pi' is no key of a node", "ip")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, comand: x}}", "3:29", "'comand' is no key of a node .. ip, networks, interface, aliases, hostname, dns, sysctls, router, routes, run")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, evn: {A: b}}}", "3:29", "'evn' is no key of a node", "env")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, networks: {wan: 10.0.0.1}}}", "3:29", "'networks' stands beside the other form at 3:13")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}, a: {ip: 172.23.0.2}}", "3:30", "'a' stands twice .. the first is at 3:9")]
    public void A_mistake_in_the_form_of_a_node_is_reported_once(string nodes, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Head + nodes, at, words, suggestion);

    [Theory]
    [InlineData("Web", "lower-case letters, digits and hyphens", "web")]
    [InlineData("my_app", "is no name for a node", "my-app")]
    [InlineData("-a", "is no name for a node", "a")]
    [InlineData("a-", "is no name for a node", "a")]
    [InlineData("a.b", "is no name for a node", "a-b")]
    [InlineData("ä", "is no name for a node")]
    [InlineData("'a b'", "'a b' is no name", "a-b")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123", "at most 63 characters",
        "a12345678901234567890123456789012345678901234567890123456789012")]
    [InlineData("all", "'all' is a reserved name")]
    [InlineData("host", "'host' is a reserved name .. all, host, internet, fabric or gateway")]
    [InlineData("internet", "is a reserved name")]
    [InlineData("fabric", "is a reserved name")]
    [InlineData("gateway", "is a reserved name")]
    [InlineData("localhost", "'localhost' is a reserved name, by which every node means itself")]
    public void A_name_that_no_node_can_have_is_reported(string name, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}nodes:\n  {name}: {{ip: 172.23.0.1}}\nscenarios: {{s: [{{isolate: {name}}}]}}", "4:3", words, suggestion);

    [Theory]
    [InlineData("ip: 192.168.0.1", "3:17", "'192.168.0.1' stands here: expected an address in 172.23.0.0/24 (lan) or 10.0.0.0/24 (wan)")]
    [InlineData("ip: 172.23.0.0", "3:17", "'172.23.0.0' is the network address of 172.23.0.0/24 (lan): expected one of 172.23.0.1 to 172.23.0.254")]
    [InlineData("ip: 172.23.0.255", "3:17", "is the broadcast address of 172.23.0.0/24")]
    [InlineData("ip: 172.23.1", "3:17", "'172.23.1' stands here: expected an address such as 172.23.0.1 or fd00:23::1")]
    [InlineData("ip: 172.23.0.01", "3:17", "expected an address such as")]
    [InlineData("ip: 172.23.0.1/24", "3:17", "has a prefix length", "172.23.0.1")]
    [InlineData("ip: \"fd00::1\"", "3:17", "'fd00::1' stands here: expected an address in 172.23.0.0/24 (lan) or 10.0.0.0/24 (wan)")]
    [InlineData("ip: []", "3:17", "an empty list stands here")]
    [InlineData("ip: {lan: 172.23.0.1}", "3:17", "a mapping stands here")]
    [InlineData("ip: [172.23.0.1, [10.0.0.1]]", "3:30", "a list stands here")]
    [InlineData("ip: [172.23.0.1, 172.23.0.2]", "3:30", "'172.23.0.2' is a second IPv4 address of node 'a' on lan .. the first is at 3:18")]
    [InlineData("ip: [172.23.0.1, 172.23.0.1]", "3:30", "is a second IPv4 address")]
    [InlineData("ip: [172.23.0.1, 192.168.0.1]", "3:30", "'192.168.0.1' stands here: expected an address in")]
    [InlineData("ip: \"[172.23.0.1]\"", "3:17", "stands here", "172.23.0.1")]
    [InlineData("ip: 127.0.0.1", "3:17", "'127.0.0.1' cannot be given to hosts (loopback)")]
    [InlineData("ip: 239.1.2.3", "3:17", "cannot be given to hosts (multicast)")]
    [InlineData("networks: {lan: []}", "3:29", "an empty list stands here")]
    [InlineData("networks: {lan: {}}", "3:24", "a place on a network has no 'ip'")]
    [InlineData("networks: {lan: {pi: 172.23.0.1}}", "3:30", "'pi' is no key of a place on a network", "ip")]
    [InlineData("networks: {lan: {ip: 10.0.0.1}}", "3:34", "'10.0.0.1' stands here: expected an address in 172.23.0.0/24 (lan)")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: a/b}}", "3:57", "'a/b' stands here: expected a name for a link: 1 to 15 letters")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: lo}}", "3:57", "'lo' is a reserved name: expected a link's name other than lo, all or default")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: default}}", "3:57", "'default' is a reserved name")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: sixteen-letters-}}", "3:57", "'sixteen-letters-' stands here: expected a name for a link")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: ..}}", "3:57", "'..' stands here")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: eth%d}}", "3:57", "'eth%d' stands here")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: ä}}", "3:57", "'ä' stands here")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: x}, wan: {ip: 10.0.0.1, interface: x}}", "3:92", "'x' is the name of the node's link to lan already")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: eth1}, wan: 10.0.0.1}", "3:57", "'eth1' is the name of the node's link to wan already")]
    [InlineData("networks: {lan: 172.23.0.1, wan: {ip: 10.0.0.1, interface: eth0}}", "3:72", "'eth0' is the name of the node's link to lan already")]
    [InlineData("ip: [172.23.0.1, 10.0.0.1], interface: x", "3:41", "'interface' names one link .. one to each of lan and wan .. {lan: {ip: 172.23.0.1, interface: x}}")]
    [InlineData("networks: {lan: {ip: 172.23.0.1, interface: x}}, interface: y", "3:62", "'interface' stands under 'networks', too, at 3:57")]
    [InlineData("ip: 172.23.0.1, interface: all", "3:40", "'all' is a reserved name")]
    [InlineData("ip: 172.23.0.1, interface: ", "3:29", "no value stands here: expected a name for a link")]
    [InlineData("ip: ", "3:13", "no value stands here")]
    [InlineData("networks: 172.23.0.1", "3:23", "'172.23.0.1' stands here .. a mapping from networks to addresses")]
    [InlineData("networks: {}", "3:23", "an empty mapping .. a mapping from networks to addresses")]
    [InlineData("networks: {lann: 172.23.0.1}", "3:24", "'lann' is no network: expected lan or wan", "lan")]
    [InlineData("networks: {lan: 10.0.0.1}", "3:29", "'10.0.0.1' stands here: expected an address in 172.23.0.0/24 (lan)")]
    [InlineData("networks: {lan: 172.23.0.255}", "3:29", "is the broadcast address")]
    [InlineData("networks: {lan: 172.23.0.1, wan: text}", "3:46", "'text' stands here: expected an address such as")]
    public void A_wrong_address_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}nodes: {{a: {{{entry}}}}}", at, words, suggestion);

    [Theory]
    [InlineData("\"fd00::\"", "'fd00::' is the anycast address of all routers of fd00::/64 (six): expected one of fd00::1 to fd00::ffff:ffff:ffff:ffff")]
    [InlineData("\"fd00:1::1\"", "'fd00:1::1' stands here: expected an address in fd00::/64 (six)")]
    [InlineData("\"fd00::1::2\"", "'fd00::1::2' stands here: expected an address such as")]
    [InlineData("\"fd00::12345\"", "'fd00::12345' stands here")]
    [InlineData("\"fd00::1%eth0\"", "'fd00::1%eth0' has a zone after its '%'", "fd00::1")]
    [InlineData("\"fd00::1/64\"", "'fd00::1/64' has a prefix length", "fd00::1")]
    [InlineData("\"[fd00::1]\"", "'[fd00::1]' stands here", "fd00::1")]
    [InlineData("\"fd00::10.0.0.01\"", "'fd00::10.0.0.01' stands here")]
    [InlineData("\"fe80::1\"", "'fe80::1' cannot be given to hosts (link-local")]
    [InlineData("\"ff02::1\"", "'ff02::1' cannot be given to hosts (multicast)")]
    [InlineData("\"::1\"", "'::1' cannot be given to hosts (loopback")]
    [InlineData("\"::ffff:172.23.0.1\"", "'::ffff:172.23.0.1' cannot be given to hosts (IPv4 written as IPv6", "172.23.0.1")]
    public void A_wrong_IPv6_address_is_reported_once(string ip, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"cleave: 1\nnetworks: {{six: {{subnet: \"fd00::/64\"}}}}\nnodes: {{a: {{ip: {ip}}}}}", "3:17", words, suggestion);

    [Fact]
    public void IPv6_addresses_are_compared_by_value_and_not_by_text() =>
        LabText.HasOneMistake("cleave: 1\nnetworks: {six: {subnet: \"FD00:0::0/64\"}}\nnodes: {a: {ip: \"fd00::a\"}, b: {ip: \"FD00:0:0::0.0.0.10\"}}", "3:37",
            "for node 'b' is the address of node 'a' already (line 3)");

    [Fact]
    public void An_address_that_another_node_has_is_reported_with_that_node_and_its_line() =>
        LabText.HasOneMistake(Head + "nodes:\n  a: {ip: 172.23.0.1}\n  b: {networks: {wan: 10.0.0.1, lan: 172.23.0.1}}", "5:38",
            "'172.23.0.1' for node 'b' is the address of node 'a' already (line 4)");

    [Fact]
    public void A_network_without_an_address_left_for_the_fabric_is_reported() =>
        LabText.HasOneMistake("cleave: 1\nnetworks: {lan: {subnet: 10.0.0.0/30}}\nnodes: {a: {ip: 10.0.0.1}, b: {ip: 10.0.0.2}}", "2:26",
            "10.0.0.0/30 of network 'lan' is full .. larger subnet");

    [Fact]
    public void A_node_may_have_the_highest_address_and_the_fabric_gives_way() =>
        LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.254}}");

    [Fact]
    public void An_address_is_not_searched_while_a_subnet_is_unknown() =>
        LabText.HasOneMistake("cleave: 1\nnetworks: {lan: {subnet: 172.23.0.7/24}}\nnodes: {a: {ip: 172.23.0.1}, b: {networks: {lan: 172.23.0.2}}}", "2:26",
            "network's own address", "172.23.0.0/24");

    [Fact]
    public void Names_of_networks_are_not_checked_while_the_networks_are_unknown() =>
        LabText.HasOneMistake("cleave: 1\nnetwroks: {wan: {subnet: 10.0.0.0/8}}\nnodes: {b: {networks: {wan: 10.0.0.2}}}", "2:1", "'netwroks' is no key", "networks");

    [Theory]
    [InlineData("run: []", "3:34", "an empty list .. a line for the shell, or a list")]
    [InlineData("run: ", "3:29", "no value stands here .. a line for the shell")]
    [InlineData("run: \" \"", "3:34", "' ' stands here")]
    [InlineData("run: {a: b}", "3:34", "a mapping stands here .. a line for the shell")]
    [InlineData("run: [a, [b]]", "3:38", "a list stands here: expected text")]
    [InlineData("run: [\"\", b]", "3:35", "an empty text stands here: expected a program")]
    [InlineData("run: [a, \"b\\0\"]", "3:38", "has a NUL character")]
    [InlineData("run: \"b\\uD800\"", "3:34", "expected YAML")]
    [InlineData("run: \"echo ${save.x}\"", "3:34", "'${save.x}' stands in a node's program")]
    [InlineData("run: [echo, \"a${save.x}\"]", "3:41", "'${save.x}' stands in a node's program")]
    [InlineData("env: [A=b]", "3:34", "a list stands here .. a mapping from names to text")]
    [InlineData("env: {A: [b]}", "3:38", "a list stands here: expected text")]
    [InlineData("env: {A: {b: c}}", "3:38", "a mapping stands here: expected text")]
    [InlineData("env: {A: \"b\\0\"}", "3:38", "has a NUL character")]
    [InlineData("env: {\"A=b\": c}", "3:35", "'A=b' is no name for an environment variable")]
    [InlineData("env: {\"\": c}", "3:35", "'' is no name for an environment variable")]
    [InlineData("env: {\"A\\0\": c}", "3:35", "'A\\u0000' is no name for an environment variable")]
    [InlineData("env: {CLEAVE_DATA: c}", "3:35", "'CLEAVE_DATA' is one of Cleave's own")]
    [InlineData("env: {A: b, A: c}", "3:41", "'A' stands twice .. 3:35")]
    [InlineData("dir: ~/src", "3:34", "'~/src' is not expanded")]
    [InlineData("dir: \"~\"", "3:34", "'~' is not expanded")]
    [InlineData("dir: ~", "3:34", "no value stands here .. a path")]
    [InlineData("dir: []", "3:34", "a list stands here .. a path")]
    [InlineData("job: yes", "3:34", "'yes' stands here: expected true or false", "true")]
    [InlineData("job: flase", "3:34", "'flase' stands here: expected true or false", "false")]
    [InlineData("job: []", "3:34", "a list stands here: expected true or false")]
    [InlineData("ready: 8000", "3:36", "'8000' stands here .. a mapping with tcp, http, log, run and within")]
    [InlineData("ready: {}", "3:29", "'ready' says not what to wait for: expected 'tcp', 'http', 'log' or 'run'")]
    [InlineData("ready: {within: 5s}", "3:29", "expected 'tcp', 'http', 'log' or 'run'")]
    [InlineData("ready: {tcp: 1, log: x}", "3:29", "'ready' has both 'tcp' and 'log'")]
    [InlineData("ready: {tpc: 1}", "3:37", "'tpc' is no key of a readiness check", "tcp")]
    [InlineData("ready: {tcp: 65536}", "3:42", "'65536' stands here: expected a port, 1 to 65535")]
    [InlineData("ready: {tcp: -1}", "3:42", "'-1' stands here: expected a port")]
    [InlineData("ready: {tcp: http}", "3:42", "'http' stands here: expected a port")]
    [InlineData("ready: {log: \"a(b\"}", "3:42", "'a(b' is broken at its character .. expected a regular expression")]
    [InlineData("ready: {log: \"\"}", "3:42", "'' stands here: expected a regular expression")]
    [InlineData("ready: {tcp: 1, within: 5}", "3:53", "'5' needs a unit", "5s")]
    [InlineData("ready: {tcp: 1, within: 0s}", "3:53", "'0s' is no time at all")]
    [InlineData("ready: {tcp: 1, within: []}", "3:53", "a list stands here: expected a duration")]
    public void A_mistake_in_what_a_node_does_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Head}nodes: {{a: {{ip: 172.23.0.1, {entry}}}}}", at, words, suggestion);

    [Fact]
    public void Keys_of_the_author_s_own_are_allowed_in_the_file_a_network_a_node_and_its_readiness_check() =>
        LabText.Valid("cleave: 1\nx-a: [1]\nnetworks: {lan: {subnet: 172.23.0.0/24, x-b: 1}}\nnodes: {a: {ip: 172.23.0.1, x-c: {d: 1}, ready: {tcp: 1, x-d: 1}}}");
}
