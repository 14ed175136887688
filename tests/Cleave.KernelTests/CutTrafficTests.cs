using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What a cut does to packets, and what it leaves alone.</summary>
public sealed class CutTrafficTests : KernelTest
{
    private static readonly LabText Lab = LabText.Of("a", "b", "c");

    [Fact]
    public async Task Packets_of_a_cut_direction_leave_their_sender_and_never_arrive()
    {
        Tool.Require("tcpdump", "tcpdump");
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background a = await CaptureAsync(cleave, "a");
        using CleaveCommand.Background b = await CaptureAsync(cleave, "b");
        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");

        Assert.Equal(1, (await cleave.RunAsync("exec", "b", "--", "ping", "-nc1", "-W1", "a")).Code);

        // The request of b arrives; the answer of a leaves a, and is lost. What comes from the fabric shows that b's capture goes on.
        await cleave.InAsync("fabric", $"ping -nc1 -W5 {Lab.Address("b")}");
        await b.SeesAsync($"{Lab.Address("b")} > 172.23.0.254: ICMP echo reply");
        await a.SeesAsync($"{Lab.Address("a")} > {Lab.Address("b")}: ICMP echo reply");
        Assert.Contains($"{Lab.Address("b")} > {Lab.Address("a")}: ICMP echo request", a.Output, StringComparison.Ordinal);
        Assert.Contains($"{Lab.Address("b")} > {Lab.Address("a")}: ICMP echo request", b.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Lab.Address("a")} > {Lab.Address("b")}", b.Output, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task An_isolated_node_still_reaches_itself_and_the_fabric()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("isolate", "a", "b", "c");
        foreach (string target in (string[])["127.0.0.1", "a", Lab.Address("a"), "172.23.0.254"])
        {
            await cleave.InAsync("a", $"ping -nc1 -W5 {target}");
        }

        await cleave.InAsync("fabric", $"ping -nc1 -W5 {Lab.Address("a")}");
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc1", "-W1", "b")).Code);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Address_resolution_goes_on_so_that_a_cut_is_silence_and_not_an_error()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("isolate", "a");
        await cleave.InAsync("a", $"ip neigh del {Lab.Address("b")} dev eth0");

        // Without an answer to ARP the kernel gives up after three seconds, and says so.
        Outcome ping = await cleave.RunAsync("exec", "a", "--", "ping", "-nc5", "-i1", "-W1", Lab.Address("b"));
        Assert.Equal(1, ping.Code);
        Assert.Contains(" 0 received", ping.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unreachable", ping.Output + ping.Errors, StringComparison.Ordinal);
        Assert.Contains("lladdr 02:c1:00:00:00:02", await cleave.InAsync("a", $"ip neigh show {Lab.Address("b")}"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task IPv6_between_nodes_is_cut_while_neighbour_discovery_goes_on()
    {
        LabText lab = LabText.Of("a", "b", "c").DualStack();
        CleaveCommand cleave = NewLab(lab.Yaml());
        await cleave.OkAsync("up", "-d");
        string b = lab.Address6("b");
        await cleave.InAsync("a", $"ping -nc1 -W5 {b}");
        await cleave.OkAsync("cut", "a", "--to", "b");
        await cleave.InAsync("a", $"ip -6 neigh del {b} dev eth0");

        // Without an answer to the solicitation the kernel gives up after three seconds, and says so.
        Outcome ping = await cleave.RunAsync("exec", "a", "--", "ping", "-nc5", "-i1", "-W1", b);
        Assert.Equal(1, ping.Code);
        Assert.Contains(" 0 received", ping.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unreachable", ping.Output + ping.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("lladdr 02:c1:00:00:00:02", await cleave.InAsync("a", $"ip -6 neigh show {b}"), StringComparison.Ordinal);
        await cleave.InAsync("a", $"ping -nc1 -W5 {lab.Address6("c")}");
        await cleave.InAsync("c", $"ping -nc1 -W5 {b}");

        await cleave.OkAsync("heal");
        await cleave.InAsync("a", $"ping -nc1 -W5 {b}");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task An_established_connection_stalls_and_goes_on_after_heal()
    {
        Tool.Require("python3", "python3");
        const string Server =
            """
            import socket
            s = socket.create_server(("", 7000))
            print("listening", flush=True)
            c, _ = s.accept()
            while data := c.recv(100):
                c.sendall(data)
            """;
        const string Client =
            """
            import socket, sys
            c = socket.create_connection(("b", 7000))
            for line in sys.stdin:
                c.sendall(line.encode())
                print("echo " + c.recv(100).decode(), flush=True)
            """;
        CleaveCommand cleave = NewLab(Lab.Yaml(n => n == "b" ? $"run: [{Tool.Python}, server.py], ready: {{log: listening}}" : "env: {}"));
        cleave.Write("server.py", Server);
        cleave.Write("client.py", Client);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background client = cleave.StartInBackground("exec", "a", "--", Tool.Python, "client.py");
        await SayAsync("one");
        await client.SeesAsync("echo one");

        await cleave.OkAsync("isolate", "b");
        await SayAsync("two");

        // The segment is sent, and sent again, and dropped by the rule that counts it.
        await Wait.UntilAsync(async () => await DroppedAsync(cleave) >= 2, () => "the cut has dropped nothing");
        Assert.DoesNotContain("echo two", client.Output, StringComparison.Ordinal);
        Assert.False(client.Process.HasExited, client.Output);

        await cleave.OkAsync("heal");
        await client.SeesAsync("echo two");
        client.Process.StandardInput.Close();
        Assert.Equal(0, await client.EndsAsync());
        await cleave.OkAsync("down", "--all");

        Task SayAsync(string word)
        {
            client.Process.StandardInput.WriteLine(word);
            return client.Process.StandardInput.FlushAsync();
        }
    }

    [Fact]
    public async Task Mark_and_priority_are_given_back()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync(
            "fabric",
            """
            nft -f - <<'END'
            table bridge watch {
              chain postrouting {
                type filter hook postrouting priority 0
                meta mark != 0 counter comment "marked"
                meta priority != 0:0 counter comment "prioritised"
                icmp type echo-request counter comment "all"
              }
            }
            END
            """);
        await cleave.OkAsync("isolate", "c");
        await cleave.InAsync("a", "ping -nc3 -i0.1 -W5 b");
        IReadOnlyDictionary<string, int> seen = await CountersAsync(cleave, "nft -j list table bridge watch");
        Assert.Equal(3, seen["all"]);
        Assert.Equal(0, seen["marked"]);
        Assert.Equal(0, seen["prioritised"]);

        // Were they not given back, the counters would see it.
        await cleave.InAsync("fabric", "nft add rule bridge cleave forward meta mark set 7 meta priority set 1:2");
        await cleave.InAsync("a", "ping -nc1 -W5 b");
        seen = await CountersAsync(cleave, "nft -j list table bridge watch");
        Assert.Equal((2, 2), (seen["marked"], seen["prioritised"]));
        await cleave.OkAsync("down");
    }

    private static async Task<CleaveCommand.Background> CaptureAsync(CleaveCommand cleave, string node)
    {
        CleaveCommand.Background capture = cleave.StartInBackground("exec", node, "--", "tcpdump", "-Z", "root", "-nli", "eth0", "--immediate-mode", "icmp");
        await capture.SeesAsync("listening on");
        return capture;
    }

    private static async Task<int> DroppedAsync(CleaveCommand cleave)
    {
        using var json = JsonDocument.Parse(await cleave.InAsync("fabric", "nft -j list table bridge cleave"));
        return Counters(json).Sum(c => c.Packets);
    }

    private static async Task<IReadOnlyDictionary<string, int>> CountersAsync(CleaveCommand cleave, string list)
    {
        using var json = JsonDocument.Parse(await cleave.InAsync("fabric", list));
        return Counters(json).ToDictionary(c => c.Comment!, c => c.Packets);
    }

    private static (string? Comment, int Packets)[] Counters(JsonDocument json) =>
    [
        .. from item in json.RootElement.GetProperty("nftables").EnumerateArray()
           where item.TryGetProperty("rule", out _)
           let rule = item.GetProperty("rule")
           from expression in rule.GetProperty("expr").EnumerateArray()
           where expression.TryGetProperty("counter", out _)
           select (
               rule.TryGetProperty("comment", out JsonElement comment) ? comment.GetString() : null,
               expression.GetProperty("counter").GetProperty("packets").GetInt32()),
    ];
}
