using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Links: between nodes, between a node and the fabric, and into a bridge that a node's setup makes.</summary>
public sealed class LinkTests : KernelTest
{
    public const string Yaml =
        """
        cleave: 1
        links:
          cable: {ends: {fabric: {ip: [192.0.2.1, "2001:db8::1"], interface: veth1.0}, netns1: {ip: [10.200.1.1, "fd00:200::1"], interface: veth2}}}
          wire: {mtu: 1400, ends: {netns1: [10.9.0.1/30, "fd00:9::1/64"], b: {ip: [10.9.0.2/30, "fd00:9::2/64"]}}}
          bare: {ends: {b: {interface: port0}, c: 10.9.1.1}}
          apart: {ends: {b: 10.9.2.1, c: [10.9.3.1, "fd00:3::1"]}}
        nodes:
          netns1: {router: true, routes: {default: cable, 10.9.2.0/23: b}}
          b: {router: true, routes: {default: [netns1]}}
          c: {routes: {default: 10.9.2.1, 10.99.0.0/16: apart}}

        """;

    public static readonly string[] Nodes = ["netns1", "b", "c"];

    [Fact]
    public async Task A_link_is_a_cable_and_every_cut_holds_on_it()
    {
        CleaveCommand cleave = NewLab(Yaml);
        await cleave.OkAsync("up", "-d");

        // As ip(8) shows them: a veth pair, with the names of the file, whose other end is in another namespace.
        Assert.Equal("eth0 eth2 lo port0", await cleave.InAsync("b", "echo $(ls /sys/class/net)"));
        Assert.Contains(" mtu 1400 ", await cleave.InAsync("b", "ip -d link show eth0"), StringComparison.Ordinal);
        Assert.Contains("veth ", await cleave.InAsync("fabric", "ip -d link show veth1.0"), StringComparison.Ordinal);

        await PassesEveryFrameAsync(cleave);

        await cleave.OkAsync("check");
        Assert.Equal("11", await PingsAsync(cleave, "netns1", "192.0.2.1", "2001:db8::1"));
        Assert.Equal("11", await PingsAsync(cleave, "fabric", "10.200.1.1", "fd00:200::1"));
        Assert.Equal("1", await PingsAsync(cleave, "c", "10.200.1.1")); // through b

        // The fabric answers for names there.
        Assert.Equal("10.9.0.2 b.lab", await cleave.InAsync("netns1", "echo $(dig +short +time=2 @192.0.2.1 b.lab A | head -1) b.lab"));

        // One way, the node hears and is not heard; cuts between nodes leave the fabric's link alone.
        await cleave.OkAsync("cut", "netns1", "--to", "fabric", "--one-way");
        Assert.Equal("00", await PingsAsync(cleave, "fabric", "10.200.1.1", "fd00:200::1"));
        Assert.Contains("netns1", await cleave.OkAsync("status"), StringComparison.Ordinal);
        await cleave.OkAsync("heal");
        await cleave.OkAsync("cut", "fabric", "--to", "netns1", "--icmp");
        Assert.Equal("0", await PingsAsync(cleave, "netns1", "192.0.2.1"));
        await cleave.OkAsync("heal");

        await cleave.OkAsync("isolate", "b");
        await cleave.OkAsync("check");
        Assert.Equal("0", await PingsAsync(cleave, "c", "10.9.2.1"));
        Assert.Equal("1", await PingsAsync(cleave, "fabric", "10.200.1.1"));
        await cleave.OkAsync("heal");

        await cleave.OkAsync("cut", "netns1", "--to", "b", "--network", "wire");
        Assert.Equal("01", await PingsAsync(cleave, "b", "10.9.0.1", "10.9.3.1"));
        await cleave.OkAsync("heal");
        Assert.Equal("11", await PingsAsync(cleave, "b", "10.9.0.1", "10.9.3.1"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_node_that_plays_a_host_has_a_bridge_of_its_own_behind_links()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            links:
              one: {ends: {h: {interface: veth-c1}, c1: 10.244.1.2/24}}
              two: {ends: {h: {interface: veth-c2}, c2: 10.244.1.3/24}}
            nodes:
              h:
                router: true
                setup:
                  - ip link add br0 type bridge forward_delay 0 && ip addr add 10.244.1.1/24 dev br0 && ip link set br0 up
                  - ip link set veth-c1 master br0
                  - ip link set veth-c2 master br0
              c1: {routes: {default: 10.244.1.1}, run: exec python3 -m http.server 80, ready: {http: ":80/"}}
              c2: {routes: {default: 10.244.1.1}, run: exec python3 -m http.server 80, ready: {tcp: 80}}

            """);
        await cleave.OkAsync("up", "-d"); // ready, though the fabric has no way to them
        Assert.Equal("11", await PingsAsync(cleave, "c1", "10.244.1.1", "10.244.1.3"));

        // At its cable, wherever its packets go; and by its addresses, where the cable leads to several.
        await cleave.OkAsync("cut", "c1", "--to", "h");
        Assert.Equal("00", await PingsAsync(cleave, "c1", "10.244.1.1", "10.244.1.3"));
        await cleave.OkAsync("heal");
        await cleave.OkAsync("cut", "c1", "--to", "c2");
        Assert.Equal("10", await PingsAsync(cleave, "c1", "10.244.1.1", "10.244.1.3"));
        await cleave.OkAsync("down");
    }

    /// <summary>From netns1 to b, whoever it is for: nobody's address, and all of those that bridges keep to themselves but that of MAC PAUSE.</summary>
    private static async Task PassesEveryFrameAsync(CleaveCommand cleave)
    {
        cleave.Write("hear.py", """
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            s.bind(("eth0", 0))
            print("listening", flush=True)
            heard = set()
            while "02aabbccddee" not in heard:
                frame = s.recv(2000)
                if frame[12:14] == b"\x88\xb5":
                    heard.add(frame[:6].hex())
            print(len(heard), "0180c2000001" in heard, flush=True)
            """);
        cleave.Write("say.py", """
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind(("eth1", 0))
            for to in ["0180c20000%02x" % n for n in range(16)] + ["ffffffffffff", "02aabbccddee"]:
                s.send(bytes.fromhex(to) + bytes.fromhex("02c100010001") + b"\x88\xb5" + bytes(50))
            """);
        using CleaveCommand.Background hearing = cleave.StartInBackground("exec", "b", "--", "python3", "hear.py");
        await hearing.SeesAsync("listening");
        await cleave.OkAsync("exec", "netns1", "--", "python3", "say.py");
        await hearing.SeesAsync("17 False");
        Assert.Equal(0, await hearing.EndsAsync());
    }

    /// <summary>For each address 1 if it answers, else 0.</summary>
    private static Task<string> PingsAsync(CleaveCommand cleave, string from, params string[] addresses) =>
        cleave.InAsync(from, $"for a in {string.Join(' ', addresses)}; do if ping -qc1 -W0.4 $a >/dev/null 2>&1; then printf 1; else printf 0; fi; done");
}
