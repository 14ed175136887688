namespace Cleave.Tests.Topology;

/// <summary>Ports of nodes that are reached from the host.</summary>
public class PortTests
{
    [Theory]
    [InlineData("[8000:80]", "127.0.0.1:8000 80/tcp")]
    [InlineData("[\"8000:80\", \"8000:53/udp\"]", "127.0.0.1:8000 80/tcp|127.0.0.1:8000 53/udp")]
    [InlineData("[\"127.0.0.1:5353:53/udp\"]", "127.0.0.1:5353 53/udp")]
    [InlineData("[\"192.0.2.7:80:80/tcp\", \"0.0.0.0:81:80\"]", "192.0.2.7:80 80/tcp|0.0.0.0:81 80/tcp")]
    [InlineData("[\"[::1]:8000:80\", \"[::]:auto:80\"]", "[::1]:8000 80/tcp|[::]:auto 80/tcp")]
    [InlineData("[\"auto:80\", \"auto:80\"]", "127.0.0.1:auto 80/tcp|127.0.0.1:auto 80/tcp")]
    [InlineData("[\"8000-8002:80-82\"]", "127.0.0.1:8000 80/tcp|127.0.0.1:8001 81/tcp|127.0.0.1:8002 82/tcp")]
    [InlineData("[\"auto:80-81/udp\"]", "127.0.0.1:auto 80/udp|127.0.0.1:auto 81/udp")]
    [InlineData("[\"1:65535\", \"65535:1\"]", "127.0.0.1:1 65535/tcp|127.0.0.1:65535 1/tcp")]
    [InlineData("[{node: 80}]", "127.0.0.1:auto 80/tcp")]
    [InlineData("[{host: 8000, node: 80, protocol: udp, address: \"::1\", via: loopback}]", "[::1]:8000 80/udp loopback")]
    [InlineData("[{host: auto, node: 80, protocol: tcp, via: wan}]", "127.0.0.1:auto 80/tcp wan")]
    [InlineData("[\"127.0.0.1:8000:80\", \"127.0.0.2:8000:80\", \"[::]:8000:80\"]", "127.0.0.1:8000 80/tcp|127.0.0.2:8000 80/tcp|[::]:8000 80/tcp")]
    public void Ports_are_read(string ports, string expected) =>
        Assert.Equal(expected, string.Join('|', LabText.Valid(Yaml(ports)).Nodes[0].Ports.Select(p => $"{p.HostText} {p.NodeText} {p.Via}".TrimEnd())));

    [Theory]
    [InlineData("[\"80\"]", "5:13", "'80' is no published port: expected HOST:NODE, ADDRESS:HOST:NODE", "auto:80")]
    [InlineData("[\"53/udp\"]", "5:13", "'53/udp' is no published port", "auto:53/udp")]
    [InlineData("8000:80", "5:12", "'8000:80' stands here: expected a list of HOST:NODE")]
    [InlineData("[]", "5:12", "an empty list stands here")]
    [InlineData("[\"0:80\"]", "5:13", "'0' stands in '0:80': expected a port of the host, 1 to 65535, or auto")]
    [InlineData("[\"65536:80\"]", "5:13", "'65536' stands in '65536:80': expected a port of the host, 1 to 65535, or auto, or a range")]
    [InlineData("[\"8000:0\"]", "5:13", "'0' stands in '8000:0': expected a port of the node, 1 to 65535")]
    [InlineData("[\"8000:auto\"]", "5:13", "'auto' stands in '8000:auto': expected a port of the node")]
    [InlineData("[\"8000:+80\"]", "5:13", "'+80' stands in '8000:+80'")]
    [InlineData("[\"aoto:80\"]", "5:13", "'aoto' stands in 'aoto:80'", "auto")]
    [InlineData("[\":80\"]", "5:13", "':80' is no published port")]
    [InlineData("[\"8000:80:\"]", "5:13", "'8000:80:' is no published port")]
    [InlineData("[\"8000:80/sctp\"]", "5:13", "'sctp' stands behind the '/' of '8000:80/sctp': expected tcp or udp")]
    [InlineData("[\"8000:80/UDP\"]", "5:13", "'UDP' stands behind the '/'", "udp")]
    [InlineData("[\"localhost:8000:80\"]", "5:13", "'localhost' is no address: expected an address of the host", "127.0.0.1")]
    [InlineData("[\"192.0.2:8000:80\"]", "5:13", "'192.0.2' is no address")]
    [InlineData("[\"224.0.0.1:8000:80\"]", "5:13", "'224.0.0.1' is not the address of one host")]
    [InlineData("[\"[fe80::1]:8000:80\"]", "5:13", "'fe80::1' is link-local, and means nothing without a link")]
    [InlineData("[\"[::ffff:127.0.0.1]:8000:80\"]", "5:13", "'::ffff:127.0.0.1' is IPv4 written as IPv6")]
    [InlineData("[\"::1:8000:80\"]", "5:13", "'::1:8000:80' is no published port", "[::1]:8000:80")]
    [InlineData("[\"8000-8002:80-81\"]", "5:13", "'8000-8002:80-81' has 3 ports of the host and 2 of the node: expected as many on both sides")]
    [InlineData("[\"8002-8000:80-82\"]", "5:13", "'8002-8000' stands in '8002-8000:80-82': expected a range of 1 to 1000 ports, the lower end first")]
    [InlineData("[\"1-1001:1-1001\"]", "5:13", "expected a range of 1 to 1000 ports")]
    [InlineData("[\"1-2-3:1\"]", "5:13", "'1-2-3' stands in '1-2-3:1'")]
    [InlineData("[{host: 8000}]", "5:13", "a published port has no 'node'")]
    [InlineData("[{node: 80, host: 0}]", "5:30", "'0' stands here: expected a port of the host, 1 to 65535, or auto")]
    [InlineData("[{node: 80, published: 8000}]", "5:24", "'published' is no key of a published port", "host")]
    [InlineData("[{target: 80}]", "5:14", "'target' is no key of a published port", "node")]
    [InlineData("[{node: 80, mode: host}]", "5:24", "'mode' is no key of a published port: there is one way only: leave it out")]
    [InlineData("[{node: 80, protocol: tpc}]", "5:34", "'tpc' stands here: expected tcp or udp", "tcp")]
    [InlineData("[{node: 80, address: 127.0.0.0/8}]", "5:33", "'127.0.0.0/8' is no address", "127.0.0.0")]
    [InlineData("[{node: 80, via: wna}]", "5:29", "'wna' is no network of node 'web': expected lan, wan or loopback", "wan")]
    [InlineData("[\"8000:80\", \"8000:81\"]", "5:24", "port 127.0.0.1:8000 of the host (tcp) is published twice, the first time for node 'web' at 5:13")]
    [InlineData("[\"8000:80\", \"0.0.0.0:8000:81\"]", "5:24", "port 0.0.0.0:8000 of the host (tcp) is published twice")]
    [InlineData("[\"8000-8002:80-82\", \"8001:80\"]", "5:32", "port 127.0.0.1:8001 of the host (tcp) is published twice")]
    public void Mistakes_are_one_error_each(string ports, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Yaml(ports), at, words, suggestion);

    [Fact]
    public void Two_nodes_cannot_have_one_port_of_the_host() => LabText.HasOneMistake(
        "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, ports: [\"8000:80\"]}\n  b: {ip: 172.23.0.2, ports: [\"127.0.0.1:8000:80\"]}\n",
        "4:31", "is published twice, the first time for node 'a' at 3:31");

    private static string Yaml(string ports) =>
        $"cleave: 1\nnetworks: {{lan: {{subnet: 172.23.0.0/24}}, wan: {{subnet: 10.0.0.0/24}}}}\nnodes:\n  web: {{networks: {{lan: 172.23.0.1, wan: 10.0.0.1}},\n    ports: {ports}}}\n";
}
