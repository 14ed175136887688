using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

public sealed class QuickLabTests : KernelTest
{
    private const string TwoNodes =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: [sleep, "1000"]}
          b: {ip: 172.23.0.2, run: [sleep, "1000"]}
        """;

    [Fact]
    public async Task A_lab_goes_up_is_cut_healed_and_goes_down()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("check");
        await cleave.OkAsync("isolate", "a");
        await cleave.OkAsync("check");
        Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "ping", "-c1", "-W1", "b")).Code);
        await cleave.OkAsync("heal");
        Assert.Contains("1 received", await cleave.InAsync("a", "ping -c1 -W1 b"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }
}
