using System.Text.Json;
using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>When programs start, become ready, are started again, and what their ends mean.</summary>
public sealed class ProgramLifeTests : KernelTest
{
    [Theory]
    [InlineData("exit 0", "exit 0", 0)]
    [InlineData("exit 0", "exit 4", 4)]
    [InlineData("exec sleep 1000", "exit 4", 4)]
    public async Task A_lab_that_waits_for_all_ends_with_the_last_zero_or_the_first_failure(string first, string second, int code)
    {
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            supervise: wait-all-successful
            nodes:
              a: {ip: 172.23.0.1, run: '{{first}}'}
              b: {ip: 172.23.0.2, run: 'until [ -e go ]; do sleep 0.02; done; {{second}}', after: [d]}
              c: {ip: 172.23.0.3, run: exec sleep 1000, start: manual}
              d: {ip: 172.23.0.4}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync(first == "exit 0" ? "ended with exit code 0" : "all nodes are ready");
        Assert.Equal("alive", await cleave.InAsync("b", "echo alive; touch go"));
        Assert.Equal(code, await up.EndsAsync());
    }

    [Fact]
    public async Task An_end_that_somebody_asked_for_never_ends_a_lab_that_waits_for_all()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            supervise: wait-all-successful
            nodes:
              a: {ip: 172.23.0.1, run: 'exec sleep 1000'}
              b: {ip: 172.23.0.2, run: 'until [ -e go ]; do sleep 0.02; done'}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await cleave.OkAsync("kill", "a");
        await cleave.InAsync("b", "touch go");
        await up.SeesAsync("ended with exit code 0");
        Assert.Equal("Stopped Ended", await StatesAsync(cleave));
        cleave.Write("go", "");
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
    }

    [Fact]
    public async Task Programs_start_in_the_order_of_the_file_and_setup_before_all()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web: {ip: 172.23.0.1, run: 'echo web >> order; exec sleep 1000', after: {db: ready, job: ended, disk: started}}
              job: {ip: 172.23.0.2, run: 'echo job >> order; echo done >> order', job: true, after: [db]}
              db: {ip: 172.23.0.3, run: 'echo db >> order; sleep 0.2; echo ready >> order; echo I am ready; exec sleep 1000', ready: {log: I am ready}}
              disk: {ip: 172.23.0.4, setup: ['echo setup >> order; echo of disk', [sh, -c, 'sleep 0.1; echo second $CLEAVE_NODE >> order']]}
            """);
        await cleave.OkAsync("up", "-d");
        await Wait.UntilAsync(() => File.ReadAllText(Path.Combine(cleave.Folder, "order")).Contains("web", StringComparison.Ordinal), () => "web is not started");
        Assert.Equal(
            ["setup", "second disk", "db", "ready", "job", "done", "web"], await File.ReadAllLinesAsync(Path.Combine(cleave.Folder, "order"), TestContext.Current.CancellationToken));
        Assert.Contains("of disk", await cleave.OkAsync("logs", "disk"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_waits_until_it_is_told_not_to()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              late: {ip: 172.23.0.1, run: exec sleep 1000, start: manual}
              web: {ip: 172.23.0.2, run: exec sleep 1000, after: [late]}
              other: {ip: 172.23.0.3, run: exec sleep 1000, after: [late]}
            """);
        await cleave.OkAsync("up", "-d"); // does not wait for those that wait for somebody's hand
        Assert.Equal("Manual Waiting Waiting", await StatesAsync(cleave));
        Assert.Equal("web: started\n", await cleave.OkAsync("start", "web"));
        Assert.Equal("Manual Ready Waiting", await StatesAsync(cleave));
        Assert.Equal("other: stopped\n", await cleave.OkAsync("stop", "other"));
        await cleave.OkAsync("start", "late");
        Assert.Equal("Ready Ready Stopped", await StatesAsync(cleave));
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("setup: ['echo words; exit 3']", "a: setup: `echo words; exit 3` ended with exit code 3", "words")]
    [InlineData("setup: [[no-such-program]]", "a: setup: cannot start no-such-program", "")]
    [InlineData("run: exec sleep 1000, ready: {run: 'echo not yet; exit 7', within: 500ms}",
        "a is not ready by `echo not yet; exit 7` (its last end: exit code 7, not yet) after 500ms", "")]
    [InlineData("run: exec sleep 1000, ready: {http: ':8000/x', within: 500ms}", "a does not answer GET :8000/x with 200 to 299 (the last try: Connection refused", "")]
    [InlineData("run: 'exit 3', restart: on-failure, ready: {tcp: 80, within: 700ms}", "a does not accept connections on port 80 after 700ms", "")]
    [InlineData("run: 'exit 3', restart: {when: on-failure, max: 2, delay: 10ms}, ready: {tcp: 80}", "a ended with exit code 3 before it was ready", "")]
    public async Task What_keeps_a_node_from_being_ready_is_said(string node, string reason, string words)
    {
        CleaveCommand cleave = NewLab($"cleave: 1\nnodes:\n  a: {{ip: 172.23.0.1, {node}}}\n");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.True(up.Code == 1, up.ToString());
        Assert.Contains(reason, up.Errors, StringComparison.Ordinal);
        Assert.Contains(words, up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_is_ready_when_its_web_server_answers_or_its_command_succeeds()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web: {ip: 172.23.0.1, run: 'exec python3 -m http.server 8000', ready: {http: ':8000/cleave.yaml'}}
              gone: {ip: 172.23.0.2, run: 'exec python3 -m http.server 8000', ready: {http: {port: 8000, path: /none, status: 404}}}
              file: {ip: 172.23.0.3, run: 'sleep 0.2; touch $CLEAVE_DATA/made; exec sleep 1000', ready: {run: 'test -e $CLEAVE_DATA/made'}}
            """);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        Assert.Equal("Ready Ready Ready", await StatesAsync(cleave));
        Assert.True(File.Exists(Path.Combine(cleave.Folder, ".cleave", "labs", lab, "data", "file", "made")));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_is_started_again_until_its_restarts_are_used_up_and_only_then_it_has_ended()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: 'echo run; exit 3', restart: {when: on-failure, max: 3, delay: 20ms}}
              b: {ip: 172.23.0.2, run: 'exit 0', restart: {when: always, delay: 10s}}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        Assert.Equal(3, await up.EndsAsync());
        Assert.Equal(4, up.Output.Split('\n').Count(l => l.EndsWith("| run", StringComparison.Ordinal)));
        Assert.Contains("ended with exit code 3; started again in 80ms", up.Output, StringComparison.Ordinal);
        Assert.Contains("ended with exit code 0; started again in 10s", up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_that_is_waited_for_can_be_called_off_or_hurried()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: 'echo run; [ -e stay ] && exec sleep 1000; exit 3', restart: {when: on-failure, delay: 1h}}
            """);
        await cleave.OkAsync("up", "-d");
        await Wait.UntilAsync(async () => await StatesAsync(cleave) == "Restarting", () => "it does not end");
        Assert.Equal("a: stopped\n", await cleave.OkAsync("stop", "a"));
        Assert.Equal("Stopped", await StatesAsync(cleave));
        Assert.Equal("a: started\n", await cleave.OkAsync("start", "a"));
        await Wait.UntilAsync(async () => await StatesAsync(cleave) == "Restarting", () => "it does not end");
        cleave.Write("stay", "");
        Assert.Equal("a: started\n", await cleave.OkAsync("start", "a"));
        Assert.Equal("Ready", await StatesAsync(cleave));
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("Ready Manual Ready Idle", "--only", "web,back")]
    [InlineData("Ready Manual Manual Idle", "--only", "front")]
    [InlineData("Manual Ready Manual Idle", "--exclude", "front", "--exclude", "back")]
    [InlineData("Manual Manual Ready Idle", "--only", "all", "--exclude", "front,db")]
    public async Task Only_the_programs_asked_for_are_started_and_who_comes_after_the_others_does_not_wait(string states, params string[] options)
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web: {ip: 172.23.0.1, run: exec sleep 1000, after: [db], tags: [front]}
              db: {ip: 172.23.0.2, run: exec sleep 1000}
              app: {ip: 172.23.0.3, run: exec sleep 1000, tags: [back]}
              idle: {ip: 172.23.0.4}
            """);
        await cleave.OkAsync(["up", "-d", .. options]);
        Assert.Equal(states, await StatesAsync(cleave));
        await cleave.OkAsync("down");
        Outcome unknown = await cleave.RunAsync("up", "-d", "--only", "frontt");
        Assert.Equal(2, unknown.Code);
        Assert.Contains("did you mean 'front'?", unknown.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> StatesAsync(CleaveCommand cleave) => string.Join(
        ' ', JsonSerializer.Deserialize(await cleave.OkAsync("ps", "--json"), ControlJson.Default.LabStatus)!.Nodes.Select(n => n.State));
}
