using System.Reflection;
using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What docs/supervision.md promises those who come from vagga, row by row: the trait of a test is the first cell of its row.</summary>
public sealed partial class VaggaTests : KernelTest
{
    private const string Trait = "vagga";

    private const string Three =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: 'echo "$CLEAVE_NODE starts" >>started; exec sleep 1000', tags: [front]}
          b: {ip: 172.23.0.2, run: 'echo "$CLEAVE_NODE starts" >>started; exec sleep 1000', tags: [back]}
          c: {ip: 172.23.0.3, run: 'echo "$CLEAVE_NODE starts" >>started; exec sleep 1000', tags: [back]}
        scenarios:
          bridge:
            - run: 'ip -o link show type bridge >from-bridge; ping -c 1 -W 5 172.23.0.2'
            - isolate: b
            - expect: {from: a, to: b, is: unreachable}
        """;

    [Fact]
    public void Every_row_of_the_table_has_a_test_and_every_test_a_row()
    {
        string page = File.ReadAllText(Path.Combine(CleaveCommand.Repository, "docs", "supervision.md"));
        string[] rows = [.. Row().Matches(page[page.IndexOf("| vagga | Cleave |", StringComparison.Ordinal)..]).Select(m => m.Groups["vagga"].Value).Skip(2)];
        string[] tested = [.. typeof(VaggaTests).GetMethods().SelectMany(m => m.GetCustomAttributes<TraitAttribute>()).Where(t => t.Name == Trait).Select(t => t.Value)];
        Assert.Equal(rows.Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
        Assert.True(rows.Length >= 8, page);
    }

    [Fact]
    [Trait(Trait, "`!Supervise`, `mode: stop-on-failure`")]
    public async Task Stop_on_failure()
    {
        CleaveCommand cleave = NewLab(Lab("supervise: stop-on-failure", "exec sleep 1000", "sleep 0.2; exit 3"));
        Outcome up = await cleave.RunAsync("up");
        Assert.True(up.Code == 3 && up.Output.Contains("ending: b ended with exit code 3", StringComparison.Ordinal), up.ToString());
        AssertNothingIsLeft();
    }

    [Fact]
    [Trait(Trait, "`mode: wait-all-successful`")]
    public async Task Wait_all_successful()
    {
        CleaveCommand cleave = NewLab(Lab("supervise: wait-all-successful", "exit 0", "sleep 0.2; touch late; exit 0"));
        Outcome good = await cleave.RunAsync("up");
        Assert.True(good.Code == 0 && File.Exists(Path.Combine(cleave.Folder, "late")), good.ToString());
        cleave.Write("cleave.yaml", Lab("supervise: wait-all-successful", "exec sleep 1000", "sleep 0.2; exit 3"));
        Outcome bad = await cleave.RunAsync("up");
        Assert.True(bad.Code == 3, bad.ToString());
        AssertNothingIsLeft();
    }

    [Fact]
    [Trait(Trait, "`kill-unresponsive-after: 2`")]
    public async Task Kill_unresponsive_after()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: \"trap '' TERM; echo up; while :; do sleep 0.05; done\", ready: {log: up}, stop: {grace: 300ms}}}}");
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("stop", "a");
        Assert.Matches("a +stopped .*KILL", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");
    }

    [Fact]
    [Trait(Trait, "`tags:`, `--only`, `--exclude`")]
    public async Task Tags_only_and_exclude()
    {
        CleaveCommand cleave = NewLab(Three);
        await StartsAsync(["b", "c"], "--only", "back");
        await StartsAsync(["a"], "--exclude", "back");
        await StartsAsync(["c"], "--only", "back", "--exclude", "b");
        await StartsAsync(["a", "c"], "--only", "a,c");

        async Task StartsAsync(string[] nodes, params string[] options)
        {
            await cleave.OkAsync(["up", "-d", .. options]);
            string[] started() => File.ReadAllLines(Path.Combine(cleave.Folder, "started"));
            await Wait.UntilAsync(() => File.Exists(Path.Combine(cleave.Folder, "started")) && started().Length >= nodes.Length, () => string.Join(", ", options));
            await cleave.OkAsync("down");
            Assert.Equal([.. nodes.Select(n => n + " starts")], started().Order(StringComparer.Ordinal));
            File.Delete(Path.Combine(cleave.Folder, "started"));
        }
    }

    [Fact]
    [Trait(Trait, "`!BridgeCommand`")]
    public async Task Bridge_command()
    {
        CleaveCommand cleave = NewLab(Three);
        await cleave.OkAsync("test");
        Assert.Contains("br1", File.ReadAllText(Path.Combine(cleave.Folder, "from-bridge")), StringComparison.Ordinal);
        await cleave.OkAsync("up", "-d");
        Assert.Contains("br1", await cleave.InAsync("fabric", "ip -o link show type bridge; ping -c 1 -W 5 172.23.0.2"), StringComparison.Ordinal);

        // As vagga's bridge commands do, it may break the network: with cleave, since the fabric has the control socket.
        await cleave.InAsync("fabric", "\"$CLEAVE\" isolate b");
        Assert.Equal("- x -\nx - x\n- x -\n", Cuts(await cleave.OkAsync("status")));
        await cleave.OkAsync("down");
    }

    [Fact]
    [Trait(Trait, "`_network isolate`, `split`, `disjoint`")]
    public async Task Network_isolate_split_and_disjoint()
    {
        CleaveCommand cleave = NewLab(Three);
        await cleave.OkAsync("up", "-d");
        await BreaksAsync("- - -\n- - -\n- - -\n", "heal");
        await BreaksAsync("- x x\nx - -\nx - -\n", "isolate", "a");
        await BreaksAsync("- - x\n- - -\nx - -\n", "split", "a,b", "b,c");
        await BreaksAsync("- - x\n- - x\nx x -\n", "disjoint", "a,b", "c");
        await cleave.OkAsync("down");

        async Task BreaksAsync(string cuts, params string[] verb)
        {
            await cleave.OkAsync(verb);
            Assert.Equal(cuts, Cuts(await cleave.OkAsync("status")));
            await cleave.OkAsync("check"); // and in fact
        }
    }

    [Fact]
    [Trait(Trait, "`_network fullmesh`")]
    public async Task Network_fullmesh()
    {
        CleaveCommand cleave = NewLab(Three);
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("isolate", "a,b,c");
        Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "--", "ping", "-c", "1", "-W", "1", "b")).Code);
        await cleave.OkAsync("heal");
        await cleave.OkAsync("exec", "a", "--", "ping", "-c", "1", "-W", "5", "b");
        await cleave.OkAsync("check");
        await cleave.OkAsync("down");
    }

    [Fact]
    [Trait(Trait, "`_network run`")]
    public async Task Network_run()
    {
        CleaveCommand cleave = NewLab(Three);
        await cleave.OkAsync("up", "-d");
        string own = await cleave.OkAsync("net-exec", "a", "--", "sh", "-c", "ip -o -4 addr show eth0; hostname");
        Assert.Contains("172.23.0.1/24", own, StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName, own.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        await cleave.OkAsync("net-exec", "a", "--", "ping", "-c", "1", "-W", "5", "172.23.0.2");
        await cleave.OkAsync("down");
    }

    private static string Lab(string mode, string a, string b) =>
        $$"""
        cleave: 1
        {{mode}}
        nodes:
          a: {ip: 172.23.0.1, run: '{{a}}'}
          b: {ip: 172.23.0.2, run: '{{b}}'}
        """;

    /// <summary>Of a matrix the cells alone: x for what is cut.</summary>
    private static string Cuts(string status) => string.Concat(status.Split('\n')
        .Where(l => Cell().IsMatch(l))
        .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(c => c == "x" ? "x" : "-")) + "\n"));

    [GeneratedRegex(@"^\| (?<vagga>[^|]+) \| [^|]+ \|$", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^[abc] ")]
    private static partial Regex Cell();
}
