using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

public sealed class PsTests : KernelTest
{
    [Fact]
    public async Task The_process_numbers_of_ps_are_the_hosts()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: [sleep, "1111"]}
              b: {ip: 172.23.0.2, run: exec sleep 2222}
              c: {ip: 172.23.0.3}
            """);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        foreach (string settings in (string[])[":", "ulimit -Sn 555"])
        {
            string second = (await cleave.ShellAsync($"{settings}; \"$CLEAVE\" up -d; exit $?")).Output.Trim();
            Outcome ps = await cleave.RunAsync("ps", "--lab", second);
            Dictionary<string, string[]> rows = ps.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .ToDictionary(w => w[0], StringComparer.Ordinal);
            Assert.Equal("sleep\u00001111\0", File.ReadAllText($"/proc/{rows["a"][2]}/cmdline"));
            Assert.Equal("sleep\u00002222\0", File.ReadAllText($"/proc/{rows["b"][2]}/cmdline"));
            Assert.Contains($"CLEAVE_LAB={second}", File.ReadAllText($"/proc/{rows["a"][2]}/environ").Split('\0'));
            Assert.Equal("-", rows["c"][2]);
        }

        Assert.Contains(lab, await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
        await cleave.OkAsync("down", "--all");
    }
}
