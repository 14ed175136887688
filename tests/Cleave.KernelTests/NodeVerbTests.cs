using System.Text.Json;
using Cleave.Cli;
using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>start, stop, kill, pause, resume and restart, as verbs.</summary>
public sealed class NodeVerbTests : KernelTest
{
    // Says what it is sent; its child, a daemon in a session of its own, is a part of it, too.
    private const string Talker =
        "trap 'echo got TERM; exit 0' TERM; trap 'echo got USR1' USR1; setsid sleep 1000 & echo up; while :; do sleep 0.02; done";

    [Fact]
    public async Task A_program_is_stopped_started_and_restarted_while_the_others_run_on()
    {
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "{{Talker}}", tags: [pair]}
              b: {ip: 172.23.0.2, run: "{{Talker}}", tags: [pair]}
              c: {ip: 172.23.0.3, run: exec sleep 1000, start: manual}
              d: {ip: 172.23.0.4}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await LabStateAsync(cleave, "Ready Ready Manual Idle");
        int? b = (await NodeAsync(cleave, "b")).Pid;

        // What exec runs there is no part of the program.
        using CleaveCommand.Background visitor = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "echo here; exec sleep 1000");
        await visitor.SeesAsync("here");
        Assert.Equal("a: stopped\n", await cleave.OkAsync("stop", "a"));
        await LabStateAsync(cleave, "Stopped Ready Manual Idle");
        Assert.Equal(1, await SleepersAsync(cleave)); // the visitor; the daemon is gone
        Assert.Equal("a: does not run\n", await cleave.OkAsync("stop", "a"));
        Assert.False(visitor.Process.HasExited);

        Assert.Equal("a: started\nb: runs already\n", await cleave.OkAsync("start", "pair"));
        Assert.Equal("c: started\n", await cleave.OkAsync("start", "c"));
        await LabStateAsync(cleave, "Ready Ready Ready Idle");
        Assert.Equal(b, (await NodeAsync(cleave, "b")).Pid);
        Assert.Equal("a: restarted\nb: restarted\nc: restarted\n", await cleave.OkAsync("restart", "all"));
        Assert.NotEqual(b, (await NodeAsync(cleave, "b")).Pid);
        await LabStateAsync(cleave, "Ready Ready Ready Idle");

        Outcome unknown = await cleave.RunAsync("stop", "a", "pairr");
        Assert.Equal(2, unknown.Code);
        Assert.Contains("there is no node and no tag 'pairr'", unknown.Errors, StringComparison.Ordinal);
        Assert.Contains("did you mean 'pair'?", unknown.Errors, StringComparison.Ordinal);
        Outcome idle = await cleave.RunAsync("start", "d");
        Assert.Equal(2, idle.Code);
        Assert.Contains("d has no program", idle.Errors, StringComparison.Ordinal);
        Assert.False(up.Process.HasExited);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_signal_reaches_the_program_and_kill_everything_in_the_node()
    {
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "{{Talker}}"}
              b: {ip: 172.23.0.2, run: exec sleep 1000, restart: on-failure}
            """);
        await cleave.OkAsync("up", "-d");
        await LogsAsync(cleave, "a", "up");
        Assert.Equal("a: was sent USR1\n", await cleave.OkAsync("kill", "-s", "usr1", "a"));
        await LogsAsync(cleave, "a", "got USR1");
        Assert.Equal(2, (await cleave.RunAsync("kill", "-s", "NOSUCH", "a")).Code);

        using CleaveCommand.Background visitor = cleave.StartInBackground("exec", "a", "--", "sleep", "1000");
        await Wait.UntilAsync(async () => await SleepersAsync(cleave) == 2, () => "no visitor");
        Assert.Equal("a: killed\nb: killed\n", await cleave.OkAsync("kill", "all"));
        Assert.Equal(137, await visitor.EndsAsync());
        NodeStatus a = await NodeAsync(cleave, "a");
        Assert.Equal((NodeState.Stopped, 137), (a.State, a.ExitCode));
        Assert.Equal(0, await SleepersAsync(cleave));
        Assert.Equal("a: nothing runs there\n", await cleave.OkAsync("kill", "a"));

        // A crash is what restart is for.
        await Wait.UntilAsync(async () => await NodeAsync(cleave, "b") is { State: NodeState.Ready, Restarts: 1 }, () => "b is not started again");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_paused_node_stands_still_as_a_whole_and_goes_on_where_it_was()
    {
        // Processes that fork without end: one that was missed would go on counting.
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "echo 0 > $CLEAVE_DATA/n; for w in 1 2 3 4; do (while :; do /bin/true; echo x >> $CLEAVE_DATA/n; done) & done; wait", ready: {log: never, within: 1h}, start: manual}
              b: {ip: 172.23.0.2, run: exec sleep 1000}
            """);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        await cleave.OkAsync("start", "a");
        var counter = new FileInfo(Path.Combine(cleave.Folder, ".cleave", "labs", lab, "data", "a", "n"));
        for (int round = 0; round < 3; round++)
        {
            await Wait.UntilAsync(() => Grown(counter, 20), () => "it does not count");
            Assert.Equal("a: paused\n", await cleave.OkAsync("pause", "a"));
            long still = Length(counter);
            Assert.Equal(NodeState.Paused, (await NodeAsync(cleave, "a")).State);

            // PID 1 among them; all but what looks, and what is dead and waits for a parent that stands still.
            string states = await cleave.InAsync("a", "exec ps -eo stat=,comm=");
            string[] live = [.. states.Split('\n').Where(l => !l.EndsWith(" ps", StringComparison.Ordinal) && !l.StartsWith('Z'))];
            Assert.True(live.Length >= 6, states);
            Assert.All(live, l => Assert.True(l[0] is 'T' or 'D', states)); // D: in vfork, until its stopped child goes on
            Assert.Equal("a: is paused already\n", await cleave.OkAsync("pause", "a"));
            Assert.Equal(still, Length(counter));
            Assert.Equal("a: resumed\n", await cleave.OkAsync("resume", "a"));
        }

        await Wait.UntilAsync(() => Grown(counter, 5), () => "it does not go on");
        Assert.Equal("a: is not paused\n", await cleave.OkAsync("resume", "a"));

        // A paused program can be stopped, killed, and ended with the lab; it cannot be started.
        await cleave.OkAsync("pause", "all");
        Assert.Equal("b: stopped\n", await cleave.OkAsync("stop", "b"));
        Assert.Equal(NodeState.Stopped, (await NodeAsync(cleave, "b")).State);
        await cleave.OkAsync("pause", "b");
        Outcome start = await cleave.RunAsync("start", "b");
        Assert.Equal(1, start.Code);
        Assert.Contains("b is paused; resume it first", start.Errors, StringComparison.Ordinal);
        await cleave.OkAsync("kill", "b");
        Assert.Equal("b: started\n", await cleave.OkAsync("start", "b"));
        await cleave.OkAsync("pause", "b");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_that_does_not_heed_its_signal_is_killed_after_its_grace()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              deaf: {ip: 172.23.0.1, run: "trap '' QUIT TERM; echo up; while :; do sleep 0.02; done", ready: {log: up}, stop: {signal: QUIT, grace: 300ms}}
              slow: {ip: 172.23.0.2, run: "trap 'sleep 3; echo done in time; exit 0' INT; echo up; while :; do sleep 0.02; done", ready: {log: up}, stop: {signal: INT, grace: 20s}}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await cleave.OkAsync("stop", "deaf");
        NodeStatus deaf = await NodeAsync(cleave, "deaf");
        Assert.Equal((NodeState.Stopped, 137), (deaf.State, deaf.ExitCode));

        // The lab's own end keeps to the file, too: longer than the usual two seconds.
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        Assert.Contains("done in time", up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_do_what_the_verbs_do_and_no_end_that_they_bring_about_fails_the_scenario()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              n1: {ip: 172.23.0.1, run: "exec python3 -m http.server 8000 --bind 172.23.0.1", ready: {tcp: 8000}, tags: [web]}
              n2: {ip: 172.23.0.2, run: "exec sleep 1000"}
            scenarios:
              s:
                - stop: web
                - expect: {from: n2, to: n1, tcp: 8000, is: refused}
                - start: n1
                - expect: {from: n2, to: n1, tcp: 8000, is: reachable}
                  within: 10s
                - kill: [n1, n2]
                - expect: {from: n2, to: n1, tcp: 8000, is: refused}
                - run: echo n1
                  save: who
                - restart: "${save.who}"
                - expect: {from: n2, to: n1, tcp: 8000, is: reachable}
                  within: 10s
                - start: all
                - pause: n1
                - run: "! timeout 1 python3 -c 'import urllib.request as u; u.urlopen(\"http://n1:8000/\").read()'"
                  node: n2
                - resume: n1
                - run: "python3 -c 'import urllib.request as u; u.urlopen(\"http://n1:8000/\").read()'"
                  node: n2
                  within: 10s
                - kill: n2
                  signal: TERM
              wrong:
                - pause: n2
                - start: n2
            """);
        Outcome test = await cleave.RunAsync("test", "--json");
        ScenarioResult[] results = [.. JsonSerializer.Deserialize(test.Output, CliJson.Default.TestReport)!.Scenarios];
        Assert.True(results[0].Verdict == Verdict.Passed, results[0].Failure);
        Assert.Equal(Verdict.Failed, results[1].Verdict);
        Assert.StartsWith("cleave.yaml:31:7: n2 is paused; resume it first", results[1].Failure, StringComparison.Ordinal);
    }

    private static async Task<NodeStatus> NodeAsync(CleaveCommand cleave, string name) => (await StatusAsync(cleave)).Nodes.Single(n => n.Name == name);

    private static async Task<LabStatus> StatusAsync(CleaveCommand cleave) =>
        JsonSerializer.Deserialize(await cleave.OkAsync("ps", "--json"), ControlJson.Default.LabStatus)!;

    private static async Task LabStateAsync(CleaveCommand cleave, string states) =>
        Assert.Equal(states, string.Join(' ', (await StatusAsync(cleave)).Nodes.Select(n => n.State)));

    private static async Task<int> SleepersAsync(CleaveCommand cleave) =>
        (await cleave.InAsync("a", "exec ps -eo args=")).Split('\n').Count(l => l == "sleep 1000");

    private static Task LogsAsync(CleaveCommand cleave, string node, string words) => Wait.UntilAsync(
        async () => (await cleave.OkAsync("logs", node)).Contains(words, StringComparison.Ordinal), () => $"{node} does not say '{words}'");

    private static long Length(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : 0;
    }

    private static bool Grown(FileInfo file, int by)
    {
        long before = Length(file);
        return System.Threading.SpinWait.SpinUntil(() => Length(file) >= before + by, TimeSpan.FromSeconds(10));
    }
}
