using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Networks that a node joins, and what else of a node's network the file decides: names and kernel parameters.</summary>
public sealed class RoutingTests : KernelTest
{
    public const string Yaml =
        """
        cleave: 1
        networks:
          left: {subnet: [172.23.0.0/24, "fd00:1::/64"]}
          middle: {subnet: [10.0.0.0/24, "fd00:2::/64"]}
          right: {subnet: [10.1.0.0/24, "fd00:3::/64"], mtu: 1400}
        nodes:
          a:
            ip: [172.23.0.1, "fd00:1::1"]
            routes: {default: r1}
            aliases: [www, db.example.com]
            sysctls: {net.ipv4.tcp_retries2: 5, net.ipv4.tcp_rmem: 4096 87380 1000000, net/ipv4/conf/eth0/rp_filter: 1, net.ipv6.conf.default.hop_limit: 7, kernel.msgmax: 9000, fs.mqueue.msg_max: 20}
          r1:
            ip: [172.23.0.254, "fd00:1::fe", 10.0.0.1, "fd00:2::1"]
            router: true
            routes: {10.1.0.0/24: 10.0.0.2, "fd00:3::/64": r2}
          r2:
            networks: {middle: [10.0.0.2, "fd00:2::2"], right: {ip: [10.1.0.254, "fd00:3::fe"], interface: right0}}
            router: true
            routes: {default: [10.0.0.1, "fd00:2::1"]}
          b:
            ip: [10.1.0.1, "fd00:3::1"]
            routes: {172.23.0.0/16: r2, "fd00:1::/64": "fd00:3::fe"}
            hostname: b.example.com
          two: {ip: [172.23.0.3, 10.0.0.3]}
        """;

    public static readonly string[] Nodes = ["a", "r1", "r2", "b", "two"];

    [Fact]
    public async Task Routers_pass_packets_of_both_families_on_and_other_nodes_do_not()
    {
        CleaveCommand cleave = NewLab(Yaml);
        await cleave.OkAsync("up", "-d");

        // Two routers on the way: each takes one from the time to live.
        Assert.Contains("ttl=62", await cleave.InAsync("a", "ping -nc1 -W5 -4 b"), StringComparison.Ordinal);
        Assert.Contains("ttl=5 ", await cleave.InAsync("b", "ping -nc1 -W5 -6 a"), StringComparison.Ordinal); // a begins with 7
        Outcome short4 = await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W5", "-t1", "10.1.0.1");
        Assert.Contains("From 172.23.0.254 icmp_seq=1 Time to live exceeded", short4.Output, StringComparison.Ordinal);
        Outcome short6 = await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W5", "-t2", "fd00:3::1");
        Assert.Contains("From fd00:2::2 icmp_seq=1 Time exceeded: Hop limit", short6.Output, StringComparison.Ordinal);

        // The router before the narrow network says how narrow it is.
        Outcome wide = await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W5", "-M", "do", "-s", "1400", "10.1.0.1");
        Assert.Contains("Frag needed and DF set (mtu = 1400)", wide.Output, StringComparison.Ordinal);

        // A node on two networks that is no router keeps packets to itself.
        await cleave.InAsync("a", "ip route add 10.0.0.2/32 via 172.23.0.3");
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W1", "10.0.0.2")).Code);
        await cleave.InAsync("a", "ip route del 10.0.0.2/32 && ping -nc1 -W5 10.0.0.2");

        // A cut is between nodes that share a network: behind the router it concerns nobody else.
        await cleave.OkAsync("cut", "r1", "--to", "r2");
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W1", "10.1.0.1")).Code);
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W1", "fd00:3::1")).Code);
        await cleave.InAsync("b", "ping -nc1 -W5 -4 r2 && ping -nc1 -W5 -6 r2");
        await cleave.OkAsync("heal");
        await cleave.InAsync("a", "ping -nc1 -W5 10.1.0.1 && ping -nc1 -W5 fd00:3::1");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Nodes_are_found_by_all_their_names_and_have_the_kernel_parameters_of_the_file()
    {
        CleaveCommand cleave = NewLab(Yaml);
        await cleave.OkAsync("up", "-d");
        foreach (string name in (string[])["a", "a.lab", "www", "db.example.com"])
        {
            Assert.StartsWith("172.23.0.1 ", await cleave.InAsync("r1", $"getent ahostsv4 {name}"), StringComparison.Ordinal);
            Assert.StartsWith("fd00:1::1 ", await cleave.InAsync("b", $"getent ahostsv6 {name}"), StringComparison.Ordinal);
        }

        Assert.Equal("b.example.com", await cleave.InAsync("b", "hostname"));
        Assert.StartsWith("10.1.0.1 ", await cleave.InAsync("a", "getent ahostsv4 b.example.com"), StringComparison.Ordinal);
        Assert.Equal("a", await cleave.InAsync("a", "hostname"));

        const string Keys = "ipv4/tcp_retries2 net/ipv4/tcp_rmem net/ipv4/conf/eth0/rp_filter net/ipv6/conf/eth0/hop_limit kernel/msgmax fs/mqueue/msg_max";
        const string Read = $"for k in net/{Keys}; do tr '\\t' ' ' </proc/sys/$k; done";
        Assert.Equal("5\n4096 87380 1000000\n1\n7\n9000\n20", await cleave.InAsync("a", Read));

        // They are this node's alone.
        Assert.NotEqual("5", await cleave.InAsync("b", "cat /proc/sys/net/ipv4/tcp_retries2"));
        Assert.NotEqual("9000", await cleave.InAsync("b", "cat /proc/sys/kernel/msgmax"));
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("net.ipv4.tcp_retires2: 5", "ip netns exec web sysctl", "this kernel has no net.ipv4.tcp_retires2 in the namespaces of a node; did you mean net.ipv4.tcp_retries2?")]
    [InlineData("net.ipv4.tcp_retries2: many", "ip netns exec web sysctl", "net.ipv4.tcp_retries2 cannot be 'many': Invalid argument")]
    [InlineData("kernel.msgmax: many", "node web: sysctl", "kernel.msgmax cannot be 'many': Invalid argument")]
    public async Task A_kernel_parameter_that_the_kernel_does_not_take_is_named_with_its_node(string sysctl, string command, string reason)
    {
        CleaveCommand cleave = NewLab($"cleave: 1\nnodes: {{web: {{ip: 172.23.0.1, sysctls: {{{sysctl}}}}}}}\n");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.Equal(125, up.Code);
        Assert.Contains(command, up.Errors, StringComparison.Ordinal);
        Assert.Contains(reason, up.Errors, StringComparison.Ordinal);
    }
}
