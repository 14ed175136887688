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
        Assert.Equal(1, (await cleave.RunAsync("exec", "n250", "--", "ping", "-nc1", "-W1", "n251")).Code);
        await cleave.InAsync("n1", "ping -nc1 -W5 n250");
        await cleave.InAsync("n251", "ping -nc1 -W5 n500");

        await cleave.OkAsync("heal");
        await cleave.InAsync("n250", "ping -nc1 -W5 n251");
        await cleave.OkAsync("down");
    }
}
