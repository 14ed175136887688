using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What a node may use: open files, and room for its log.</summary>
public sealed class LimitsTests : KernelTest
{
    [Fact]
    public async Task Open_files_are_limited_for_all_that_runs_in_the_node()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                limits: {nofile: 123}
                setup: ['echo setup $(ulimit -Sn) $(ulimit -Hn)']
                run: 'echo run $(ulimit -Sn) $(ulimit -Hn); exec sleep 1000'
                ready: {log: ^run}
              b: {ip: 172.23.0.2, limits: {nofile: {soft: 100, hard: 456}}}
              c: {ip: 172.23.0.3}
            """);
        await cleave.OkAsync("up", "-d");
        string logs = await cleave.OkAsync("logs", "a");
        Assert.Contains("setup 123 123", logs, StringComparison.Ordinal);
        Assert.Contains("run 123 123", logs, StringComparison.Ordinal);
        Assert.Equal("123 123", await cleave.InAsync("a", "echo $(ulimit -Sn) $(ulimit -Hn)"));
        Assert.Equal("100 456", await cleave.InAsync("b", "echo $(ulimit -Sn) $(ulimit -Hn)"));
        Assert.Equal((await cleave.ShellAsync("echo $(ulimit -Sn) $(ulimit -Hn)")).Output.Trim(), await cleave.InAsync("c", "echo $(ulimit -Sn) $(ulimit -Hn)"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task More_open_files_than_the_machine_gives_are_refused_with_the_remedy_and_nothing_is_made()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, limits: {nofile: 3001}}}, scenarios: {s: [heal]}}");
        foreach ((string verb, int code) in ((string, int)[])[("up -d", 125), ("test", 4)])
        {
            Outcome outcome = await cleave.ShellAsync($"ulimit -n 3000; exec \"$CLEAVE\" {verb}");
            Assert.Equal(code, outcome.Code);
            Assert.Contains("hard limit 3000, and node a asks for 3001 (limits: nofile)", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("sudo prlimit --pid $$ --nofile=1024:4096", outcome.Errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(Path.Combine(cleave.Folder, ".cleave", "labs")));
        Outcome enough = await cleave.ShellAsync("ulimit -n 3001; \"$CLEAVE\" up -d && \"$CLEAVE\" down");
        Assert.True(enough.Code == 0, enough.ToString());
    }

    [Fact]
    public async Task A_log_takes_no_more_room_than_it_may_and_its_newest_lines_are_all_there()
    {
        const int Lines = 200_000; // more than 6 MB with their times
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, limits: {log: 1M}, run: "echo begin; until [ -e go ]; do sleep 0.02; done; seq {{Lines}}; sleep 0.2; echo the end; exec sleep 1000"}
            """);
        await cleave.OkAsync("up", "-d");
        string logs = Path.Combine(Directory.GetDirectories(Path.Combine(cleave.Folder, ".cleave", "labs")).Single(), "logs");
        using CleaveCommand.Background follower = cleave.StartInBackground("logs", "-f");
        await follower.SeesAsync("| begin");
        cleave.Write("go", "");
        long most = 0;
        await Wait.UntilAsync(
            () =>
            {
                most = Math.Max(most, Directory.GetFiles(logs, "a.log*").Sum(f => File.Exists(f) ? new FileInfo(f).Length : 0));
                return follower.Output.Contains("| the end", StringComparison.Ordinal);
            },
            () => follower.Output[^Math.Min(follower.Output.Length, 1000)..]);
        Assert.InRange(most, 400_000, 1 << 20);

        int[] kept = Numbers(await cleave.OkAsync("logs"));
        Assert.InRange(kept.Length, 10_000, 40_000);
        Assert.Equal(Enumerable.Range(Lines - kept.Length + 1, kept.Length), kept);
        Assert.Equal(kept[^10_000..], Numbers(await cleave.OkAsync("logs", "--tail", "10001")));
        Assert.Equal(kept, Numbers(await cleave.OkAsync("logs", "--since", "1h")));

        // Whoever follows has seen every line, or was told how many it has not.
        int next = 0;
        foreach (string line in follower.Output.Split('\n').Where(l => l.Contains("| ", StringComparison.Ordinal)).Select(l => l[(l.IndexOf("| ", StringComparison.Ordinal) + 2)..]).Where(l => l is not ("begin" or "the end")))
        {
            next += line.StartsWith("[cleave: ", StringComparison.Ordinal) ? int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) : 1;
            Assert.True(line.StartsWith("[cleave: ", StringComparison.Ordinal) || line == $"{next}", $"{line} where {next} was expected");
        }

        Assert.Equal(Lines, next);
        await cleave.OkAsync("down");
        Assert.Equal(0, await follower.EndsAsync());
    }

    private static int[] Numbers(string logs) =>
        [.. logs.Split('\n').Select(l => l[(l.LastIndexOf(' ') + 1)..]).Where(w => w.Length > 0 && char.IsAsciiDigit(w[0])).Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
}
