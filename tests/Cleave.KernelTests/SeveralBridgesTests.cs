using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>On a network of several bridges all is as on one. Two nodes a bridge, so that twelve nodes need six.</summary>
public sealed class SeveralBridgesTests : KernelTest
{
    private const int Marked = 0x88b5; // IEEE 802, local experimental
    private static readonly string[] Twelve = [.. Enumerable.Range(1, 12).Select(n => $"n{n}")];

    // The second network has one bridge, and two nodes of the first.
    private static readonly LabText Lab = LabText.Of(Twelve).With("wan", "10.9.8", "n3", "n12").DualStack();

    [Fact]
    public async Task Every_node_hears_every_other_by_unicast_broadcast_and_multicast_and_cuts_hold_across_bridges()
    {
        CleaveCommand cleave = Small(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        Assert.Equal("6", await cleave.InAsync("fabric", "ls -d /sys/class/net/br1* | wc -l"));
        await ears.ExpectAsync((_, _) => true);
        Assert.Equal(WithoutFamilies((_, _, _) => true), await ears.BroadcastAsync());
        Assert.Equal(WithoutFamilies((_, _, _) => true), await ears.MulticastAsync());

        await cleave.OkAsync("isolate", "n3,n8");
        await ears.ExpectAsync((from, to) => from is not ("n3" or "n8") && to is not ("n3" or "n8"));
        Assert.Equal(WithoutFamilies((_, from, to) => from is not ("n3" or "n8") && to is not ("n3" or "n8")), await ears.BroadcastAsync());

        // Clusters across bridges, then within one.
        await cleave.OkAsync("split", "n1,n4,n12", "n2,n3,n5,n6,n7,n8,n9,n10,n11");
        await ears.ExpectAsync((from, to) => from is "n1" or "n4" or "n12" == to is "n1" or "n4" or "n12");
        await cleave.OkAsync("heal");
        await cleave.OkAsync("cut", "n1", "--to", "n2,n12", "--one-way", "--network", "lan");
        Assert.Equal(Lab.Pairs((network, from, to) => network == "wan" || from != "n1" || to is not ("n2" or "n12")), await ears.UnicastAsync());
        Assert.Contains("all as the rules say", await cleave.OkAsync("check"), StringComparison.Ordinal);

        await cleave.OkAsync("heal");
        await ears.ExpectAsync((_, _) => true);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Unknown_unicast_reaches_nobody_from_any_bridge_and_nothing_is_learnt()
    {
        Tool.Require("tcpdump", "tcpdump");
        CleaveCommand cleave = Small(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        string before = await cleave.InAsync("fabric", "bridge fdb | sort");
        string[] listeners = ["n2", "n6", "n7", "n12"];
        var captures = new List<CleaveCommand.Background>();
        try
        {
            foreach (string node in listeners)
            {
                captures.Add(cleave.StartInBackground(
                    "exec", node, "--", "tcpdump", "-Z", "root", "-nlAi", "eth0", "--immediate-mode", "ether", "proto", $"0x{Marked:x}"));
                await captures[^1].SeesAsync("listening on");
            }

            foreach (string from in (string[])["n1", "n5", "n11"])
            {
                await SendAsync(cleave, from, "02:c1:00:00:77:77", "nobody");
                await SendAsync(cleave, from, "02:c1:00:00:00:07", $"only-n7-from-{from}");
                await SendAsync(cleave, from, "ff:ff:ff:ff:ff:ff", $"everyone-from-{from}", source: "02:c1:00:00:00:0c");
            }

            foreach ((string node, CleaveCommand.Background capture) in listeners.Zip(captures))
            {
                await capture.SeesAsync("everyone-from-n11");
                Assert.Contains("everyone-from-n1 ", capture.Output, StringComparison.Ordinal);
                Assert.Contains("everyone-from-n5", capture.Output, StringComparison.Ordinal);
                Assert.DoesNotContain("nobody", capture.Output, StringComparison.Ordinal);
                Assert.All((string[])["n1", "n5", "n11"], from => Assert.Equal(node == "n7", capture.Output.Contains($"only-n7-from-{from} ", StringComparison.Ordinal)));
            }
        }
        finally
        {
            captures.ForEach(c => c.Dispose());
        }

        Assert.Equal(before, await cleave.InAsync("fabric", "bridge fdb | sort"));
        JsonElement[] trunks = [.. Json(await cleave.InAsync("fabric", "bridge -j -d link")).Where(p => p.GetProperty("ifname").GetString()!.StartsWith('t'))];
        Assert.Equal(10, trunks.Length);
        Assert.All(trunks, t => Assert.False(t.GetProperty("learning").GetBoolean()));
        Assert.All(trunks, t => Assert.Equal(t.GetProperty("ifname").GetString()!.StartsWith("tu", StringComparison.Ordinal), t.GetProperty("flood").GetBoolean()));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_largest_packet_passes_every_bridge_and_the_fabric_reaches_everyone()
    {
        CleaveCommand cleave = Small(Lab.Yaml().Replace("\"fd00:0::/64\"]", "\"fd00:0::/64\"], mtu: 9000", StringComparison.Ordinal));
        await cleave.OkAsync("up", "-d");
        Assert.Contains(" 0% packet loss", await cleave.InAsync("n1", "ping -4 -c2 -i0.1 -W2 -Mdo -s8972 n12"), StringComparison.Ordinal);
        Assert.Contains("mtu 9000", await cleave.InAsync("fabric", "ip link show tu1.6"), StringComparison.Ordinal);
        foreach (string node in (string[])["n1", "n12"])
        {
            await cleave.InAsync("fabric", $"ping -c1 -W2 {Lab.Address(node)}");
            await cleave.InAsync(node, "ping -c1 -W2 172.23.0.254");
        }

        await cleave.OkAsync("down");
    }

    private static SortedSet<string> WithoutFamilies(Func<string, string, string, bool> passes) =>
        new(Lab.Pairs(passes).Where(p => !p.EndsWith(" by ipv6", StringComparison.Ordinal)), StringComparer.Ordinal);

    private CleaveCommand Small(string yaml)
    {
        CleaveCommand cleave = NewLab(yaml);
        cleave.Environment["CLEAVE_NODES_OF_A_BRIDGE"] = "8";
        return cleave;
    }

    private static async Task SendAsync(CleaveCommand cleave, string from, string to, string text, string? source = null)
    {
        Tool.Require("python3", "python3");
        source ??= $"02:c1:00:00:00:{int.Parse(from[1..]):x2}";
        string script =
            $"""
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind(("eth0", 0))
            s.send(bytes.fromhex("{to} {source} {Marked:x}".replace(":", "")) + b" {text} ".ljust(60))
            """;
        await cleave.OkAsync("exec", from, "--", Tool.Python, "-c", script);
    }

    private static JsonElement[] Json(string text) => [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
}
