using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>The fabric's switches are static: they learn nothing, guess nothing, and say nothing of their own.</summary>
public sealed class SwitchTests : KernelTest
{
    private const int Marked = 0x88b5; // IEEE 802, local experimental
    private static readonly LabText Lab = LabText.Of("a", "b", "c");

    [Fact]
    public async Task Ports_learn_nothing_and_flood_nothing_and_neighbours_are_permanent()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");

        JsonElement[] ports = Json(await cleave.InAsync("fabric", "bridge -j -d link"));
        Assert.Equal(["p1", "p2", "p3"], ports.Select(p => p.GetProperty("ifname").GetString()));
        Assert.All(ports, p => Assert.False(p.GetProperty("learning").GetBoolean()));
        Assert.All(ports, p => Assert.False(p.GetProperty("flood").GetBoolean()));
        foreach (string place in (string[])["fabric", .. Lab.Nodes])
        {
            JsonElement[] neighbours = Json(await cleave.InAsync(place, "ip -j neigh"));
            Assert.Equal(3, neighbours.Length); // the others, and for nodes the fabric
            Assert.All(neighbours, n => Assert.Equal("PERMANENT", Assert.Single(n.GetProperty("state").EnumerateArray()).GetString()));
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_frame_to_an_unknown_address_reaches_nobody()
    {
        Tool.Require("tcpdump", "tcpdump");
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background b = await CaptureAsync(cleave, "b");
        using CleaveCommand.Background c = await CaptureAsync(cleave, "c");

        await SendAsync(cleave, "02:c1:00:00:77:77", "nobody", times: 5);
        await SendAsync(cleave, "02:c1:00:00:00:03", "only-c", times: 1);
        await SendAsync(cleave, "ff:ff:ff:ff:ff:ff", "everyone", times: 1);

        await b.SeesAsync("everyone");
        await c.SeesAsync("everyone");
        Assert.Contains("only-c", c.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("only-c", b.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", b.Output + c.Output, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_node_that_speaks_with_anothers_address_does_not_get_its_packets()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        string before = await cleave.InAsync("fabric", "bridge fdb | sort");
        await SendAsync(cleave, "ff:ff:ff:ff:ff:ff", "i-am-b", times: 3, source: "02:c1:00:00:00:02");
        Assert.Equal(before, await cleave.InAsync("fabric", "bridge fdb | sort"));
        Assert.Contains(" 0% packet loss", await cleave.InAsync("c", "ping -c2 -i0.1 -W2 b"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_lab_in_which_nothing_runs_is_silent()
    {
        Tool.Require("tcpdump", "tcpdump");
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        Outcome two = await cleave.RunAsync("exec", "b", "--", "timeout", "2", "tcpdump", "-Z", "root", "-nlpi", "eth0");
        Assert.Contains("listening on eth0", two.Errors, StringComparison.Ordinal);
        Assert.Equal("", two.Output.Trim());

        // Nor has anything been sent before we looked.
        foreach (string node in Lab.Nodes)
        {
            JsonElement counts = Json(await cleave.InAsync(node, "ip -j -s link show eth0"))[0].GetProperty("stats64");
            Assert.Equal((0, 0), (counts.GetProperty("rx").GetProperty("packets").GetInt32(), counts.GetProperty("tx").GetProperty("packets").GetInt32()));
        }

        await cleave.OkAsync("down");
    }

    private static async Task<CleaveCommand.Background> CaptureAsync(CleaveCommand cleave, string node)
    {
        CleaveCommand.Background capture = cleave.StartInBackground(
            "exec", node, "--", "tcpdump", "-Z", "root", "-nlAi", "eth0", "--immediate-mode", "ether", "proto", $"0x{Marked:x}");
        await capture.SeesAsync("listening on");
        return capture;
    }

    private static async Task SendAsync(CleaveCommand cleave, string to, string text, int times, string source = "02:c1:00:00:00:01")
    {
        Tool.Require("python3", "python3");
        string script =
            $"""
            import socket
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind(("eth0", 0))
            for _ in range({times}):
                s.send(bytes.fromhex("{to} {source} {Marked:x}".replace(":", "")) + b" {text} ".ljust(60))
            """;
        await cleave.OkAsync("exec", "a", "--", Tool.Python, "-c", script);
    }

    private static JsonElement[] Json(string text) => [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
}
