using System.Text.Json;
using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

public sealed class ManyNodesTests : KernelTest
{
    [Fact]
    public async Task Five_hundred_nodes_come_up_are_split_and_go_down()
    {
        const int Count = 500;
        string[] names = [.. Enumerable.Range(1, Count).Select(n => $"n{n}")];
        IEnumerable<string> nodes = names.Index().Select(n => $"  {n.Item}: {{ip: 10.0.{n.Index / 250}.{(n.Index % 250) + 1}}}");
        CleaveCommand cleave = NewLab($"cleave: 1\nnetworks: {{lan: {{subnet: 10.0.0.0/16}}}}\nnodes:\n{string.Join('\n', nodes)}\n");
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("n1", "ping -nc1 -W5 n500");

        await cleave.OkAsync("split", string.Join(',', names[..250]), string.Join(',', names[250..]));
        FaultStatus status = JsonSerializer.Deserialize(await cleave.OkAsync("status", "--json"), ControlJson.Default.FaultStatus)!;
        NetworkCuts cuts = Assert.Single(status.Networks);
        Assert.Equal(names, cuts.Nodes.AsEnumerable());
        Assert.Equal(2 * 250 * 250, cuts.Cuts.Length);
        Assert.All(cuts.Cuts, c => Assert.NotEqual(Array.IndexOf(names, c[0]) < 250, Array.IndexOf(names, c[1]) < 250));
        Assert.Contains(
            "lan: 500 nodes in 2 groups, each alike in who reaches whom\n  1: n1, n2, … n250, 250 nodes\n  2: n251, n252, … n500, 250 nodes\n   1  2\n1  -  x\n2  x  -\n",
            await cleave.OkAsync("status"), StringComparison.Ordinal);
        Assert.Equal(1, (await cleave.RunAsync("exec", "n250", "--", "ping", "-nc1", "-W1", "n251")).Code);
        await cleave.InAsync("n1", "ping -nc1 -W5 n250");
        await cleave.InAsync("n251", "ping -nc1 -W5 n500");

        await cleave.OkAsync("heal");
        await cleave.InAsync("n250", "ping -nc1 -W5 n251");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Eleven_hundred_nodes_are_on_five_bridges_and_everyone_hears_a_broadcast()
    {
        Tool.Require("python3", "python3");
        const int Count = 1100;
        IEnumerable<string> nodes = Enumerable.Range(0, Count).Select(n => $"  n{n + 1}: {{ip: 10.0.{n / 250}.{(n % 250) + 1}}}");
        CleaveCommand cleave = NewLab($"cleave: 1\nnetworks: {{lan: {{subnet: 10.0.0.0/16}}}}\nnodes:\n{string.Join('\n', nodes)}\n");
        await cleave.OkAsync("up", "-d");
        const string Shout = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.sendto(b'x', ('10.0.255.255', 9))";
        await cleave.OkAsync("exec", "n550", "--", Tool.Python, "-c", Shout);
        await Wait.UntilAsync(
            async () => await ReachedAsync() == Count - 1, () => "the broadcast has not reached every port");

        await cleave.InAsync("n1", "ping -nc1 -W5 n1100");
        await cleave.OkAsync("isolate", "n1100");
        Assert.Equal(1, (await cleave.RunAsync("exec", "n1", "--", "ping", "-nc1", "-W1", "n1100")).Code);
        await cleave.InAsync("n1", "ping -nc1 -W5 n600");
        await cleave.OkAsync("down");

        async Task<int> ReachedAsync() => JsonDocument.Parse(await cleave.InAsync("fabric", "ip -j -s link")).RootElement.EnumerateArray()
            .Count(l => l.GetProperty("ifname").GetString()!.StartsWith('p') && l.GetProperty("stats64").GetProperty("tx").GetProperty("packets").GetInt64() > 0);
    }
}
