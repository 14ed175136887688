using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>up --only NODE --lab ID</c>: programs of a lab that runs, started and ended from another terminal.</summary>
public sealed class JoinTests : KernelTest
{
    // What is printed must not stand in the command lines, which are shown, too.
    private const string Lab =
        """
        cleave: 1
        nodes:
          db: {ip: 172.23.0.1, run: "echo db $((40 + 2)); exec sleep 1000", tags: [back]}
          web:
            ip: 172.23.0.2
            run: "trap 'echo bye $((40 + 2)); exit 0' USR1; echo web $((40 + 2)); while [ ! -e die ]; do sleep 0.05; done; exit 3"
            ready: {log: web 42}
            stop: {signal: USR1, grace: 20s}
            tags: [front]
        """;

    [Theory]
    [InlineData(Posix.SIGINT)]
    [InlineData(Posix.SIGTERM)]
    [InlineData(Posix.SIGHUP)]
    public async Task A_signal_ends_what_has_joined_as_its_node_says_and_leaves_the_lab_as_often_as_one_likes(int signal)
    {
        CleaveCommand cleave = NewLab(Lab);
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--only", "db");
        await up.SeesAsync("all nodes are ready");
        string id = await LabAsync(cleave);
        string db = await cleave.InAsync("db", "pgrep -xf 'sleep 1000'");
        for (int i = 0; i < 2; i++)
        {
            using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web", "--lab", id);
            await join.SeesAsync("web    | web 42");
            await join.SeesAsync("web ready");
            await cleave.OkAsync("exec", "web", "--", "true");
            join.Signal(signal);
            Assert.True(await join.EndsAsync() == 130, join.Output);

            // Of the signal that the node says, within its grace, and shown to the last line.
            Assert.Contains("web    | bye 42", join.Output, StringComparison.Ordinal);
            Assert.Contains("web ended with exit code 0", join.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("db 42", join.Output, StringComparison.Ordinal);
            Assert.Matches(@"(?m)^web +stopped", await cleave.OkAsync("ps"));
            Assert.DoesNotContain(MachineState.MarkedProcesses(Runtime), p => p.Contains("echo bye", StringComparison.Ordinal));
        }

        Assert.Equal(db, await cleave.InAsync("db", "pgrep -xf 'sleep 1000'"));
        await EndAsync(cleave, up);
    }

    [Theory]
    [InlineData("kill -9")]
    [InlineData("closed terminal")]
    public async Task What_has_joined_ends_with_its_command_however_that_ends(string end)
    {
        CleaveCommand cleave = NewLab(Lab);
        string id = (await cleave.OkAsync("up", "-d", "--exclude", "web")).Trim();
        if (end == "kill -9")
        {
            using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web", "--lab", id);
            await join.SeesAsync("web ready");
            join.Process.Kill();
        }
        else
        {
            await using Tmux tmux = await Tmux.StartAsync(cleave, 100, 30);
            await tmux.TypeAsync($"\"$CLEAVE\" up --only web --lab {id}");
            await tmux.SeesAsync("web ready");
        }

        // The next one waits until the program of the one before has ended.
        using CleaveCommand.Background next = cleave.StartInBackground("up", "--only", "web", "--lab", id);
        await next.SeesAsync("web ready");
        string log = await cleave.OkAsync("logs", "web");
        Assert.Equal(
            ["web 42", "bye 42", "web 42"],
            log.Split('\n').Where(l => l.Contains("42", StringComparison.Ordinal)).Select(l => l[(l.IndexOf("| ", StringComparison.Ordinal) + 2)..]));
        next.Process.Kill();
        await WaitForStateAsync(cleave, "web", "stopped");
        Assert.Matches(@"(?m)^db +ready", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_first_to_end_by_itself_ends_the_join_with_its_code_and_the_lab_goes_on()
    {
        CleaveCommand cleave = NewLab(Lab + "\n  third: {ip: 172.23.0.3, run: exec sleep 1000}\n");
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--only", "db");
        await up.SeesAsync("all nodes are ready");
        using CleaveCommand.Background join = cleave.StartInBackground("up", "--exclude", "db", "--lab", await LabAsync(cleave));
        await join.SeesAsync("web ready");

        // Ends that somebody asks for do not count, and what is started again is still joined.
        await cleave.OkAsync("stop", "web");
        await cleave.OkAsync("restart", "third");
        await cleave.OkAsync("start", "web");
        await Wait.UntilAsync(() => join.Output.Split("web ready").Length == 3, () => join.Output);
        Assert.False(join.Process.HasExited, join.Output);
        cleave.Write("die", "");
        Assert.True(await join.EndsAsync() == 3, join.Output);
        Assert.Contains("ending: web ended with exit code 3", join.Output, StringComparison.Ordinal);
        Assert.Contains("third ended with signal 15 (TERM)", join.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^third +stopped", await cleave.OkAsync("ps"));
        Assert.Matches(@"(?m)^db +ready", await cleave.OkAsync("ps"));
        Assert.False(up.Process.HasExited, up.Output);
        await EndAsync(cleave, up);
    }

    [Theory]
    [InlineData("stop-on-failure", "run: exit 0, job: true", "run: 'sleep 0.3; exit 0', job: true", 0)]
    [InlineData("stop-on-failure", "run: exit 0", "run: exec sleep 1000", 0)]
    [InlineData("wait-all-successful", "run: exit 0", "run: 'sleep 0.3; exit 0'", 0)]
    [InlineData("wait-all-successful", "run: exit 0", "run: 'sleep 0.3; exit 7'", 7)]
    [InlineData("stop-on-failure", "run: [no-such-program]", "run: exec sleep 1000", 127)]
    public async Task The_exit_code_follows_the_supervision_of_the_file(string mode, string a, string b, int code)
    {
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            supervise: {{mode}}
            nodes:
              rest: {ip: 172.23.0.1, run: exec sleep 1000}
              a: {ip: 172.23.0.2, {{a}}}
              b: {ip: 172.23.0.3, {{b}}}
            """);
        cleave.Environment["CLEAVE_LAB"] = (await cleave.OkAsync("up", "-d", "--only", "rest")).Trim();
        Outcome join = await cleave.RunAsync("up", "--only", "a,b");
        Assert.True(join.Code == code, join.ToString());
        Assert.Matches(@"(?m)^rest +ready", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task What_runs_already_and_what_does_not_go_together_is_refused_with_who_runs_it_and_what_to_do()
    {
        CleaveCommand cleave = NewLab(Lab + "\n  idle: {ip: 172.23.0.3}\n");
        string id = (await cleave.OkAsync("up", "-d", "--only", "back")).Trim();
        using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web", "--lab", id);
        await join.SeesAsync("web ready");
        await RefusedAsync(2, "db runs already, as part of the lab: cleave restart db", "up", "--only", "db", "--lab", id);
        await RefusedAsync(2, $"web runs already: process {join.Process.Id} has joined with it", "up", "--only", "web", "--lab", id);
        await RefusedAsync(2, "nothing to start: db, web run already", "up", "--exclude", "idle", "--lab", id);
        await RefusedAsync(2, "did you mean 'web'?", "up", "--only", "wen", "--lab", id);
        await RefusedAsync(2, "idle has no program", "up", "--only", "idle", "--lab", id);
        await RefusedAsync(2, "say which programs to start in it, with --only or --exclude", "up", "--lab", id);
        await RefusedAsync(2, "--lab and --file do not go together", "up", "--only", "web", "--lab", id, "-f", ".");
        await RefusedAsync(2, "no lab 'other-1' is running", "up", "--only", "web", "--lab", "other-1");
        await cleave.OkAsync("stop", "db");
        await cleave.OkAsync("pause", "db");
        await RefusedAsync(125, "db is paused; resume it first", "up", "--only", "db", "--lab", id);
        await cleave.OkAsync("resume", "db");
        Assert.False(join.Process.HasExited, join.Output);

        // Chosen by a tag or by leaving others out, what runs is left alone, and that is said.
        using CleaveCommand.Background rest = cleave.StartInBackground("up", "--only", "back,front", "--lab", id);
        await rest.SeesAsync("web runs already and is left alone");
        await rest.SeesAsync("db     | db 42");
        rest.Signal(Posix.SIGINT);
        Assert.Equal(130, await rest.EndsAsync());
        Assert.Matches(@"(?m)^web +ready", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");

        async Task RefusedAsync(int code, string why, params string[] arguments)
        {
            Outcome refused = await cleave.RunAsync(arguments);
            Assert.True(refused.Code == code && refused.Errors.Contains(why, StringComparison.Ordinal), refused.ToString());
        }
    }

    [Theory]
    [InlineData("down", "the lab has ended: ended by cleave down")]
    [InlineData("kill -9", "the lab host was killed, or broke")]
    public async Task The_end_of_the_lab_ends_the_join_and_says_why(string end, string message)
    {
        CleaveCommand cleave = NewLab(Lab);
        string id = (await cleave.OkAsync("up", "-d", "--only", "db")).Trim();
        using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web", "--lab", id);
        await join.SeesAsync("web ready");
        if (end == "down")
        {
            await cleave.OkAsync("down");
        }
        else
        {
            Assert.Equal(0, Posix.Kill(MachineState.LabHost(Runtime), Posix.SIGKILL));
        }

        Assert.True(await join.EndsAsync() == 125, join.Output);
        Assert.Contains(message, join.Output, StringComparison.Ordinal);
        Assert.Equal(end == "down", join.Output.Contains("bye 42", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_the_background_the_programs_become_the_labs_own_when_they_are_ready()
    {
        CleaveCommand cleave = NewLab(Lab);
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--only", "db");
        await up.SeesAsync("all nodes are ready");
        string id = await LabAsync(cleave);
        cleave.Write("cleave.yaml", Lab + "\n  another: {ip: 172.23.0.3}\n");
        Outcome join = await cleave.RunAsync("up", "-d", "--only", "web", "--lab", id);
        Assert.True(join.Code == 0 && join.Output.Trim() == id, join.ToString());
        Assert.Contains("cleave.yaml is not what it was when the lab was started", join.Errors, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^web +ready", await cleave.OkAsync("ps"));
        cleave.Write("die", "");
        Assert.True(await up.EndsAsync() == 3, up.Output);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("up --only late,db")]
    [InlineData("up -d --only late,db")]
    public async Task What_is_not_ready_in_time_ends_the_join(string line)
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              rest: {ip: 172.23.0.1, run: exec sleep 1000}
              db: {ip: 172.23.0.2, run: exec sleep 1000}
              late: {ip: 172.23.0.3, run: exec sleep 1000, after: [db], ready: {log: never, within: 300ms}}
            """);
        cleave.Environment["CLEAVE_LAB"] = (await cleave.OkAsync("up", "-d", "--only", "rest")).Trim();
        Outcome join = await cleave.RunAsync(line.Split(' '));
        Assert.True(join.Code == 1, join.ToString());
        Assert.Contains("late has not logged a line that matches /never/ after 300ms", join.Output + join.Errors, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^db +stopped", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");
    }

    /// <summary>What comes after another waits for that one's start in the same join, not for one of long ago.</summary>
    [Fact]
    public async Task Programs_that_join_together_start_in_the_order_of_the_file()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              rest: {ip: 172.23.0.1, run: exec sleep 1000}
              job: {ip: 172.23.0.2, run: "until [ -e go ]; do sleep 0.05; done; rm go; echo done $((40 + 2))", job: true}
              web: {ip: 172.23.0.3, run: "echo web $((40 + 2)); exec sleep 1000", after: {job: ended}, ready: {log: web}}
            """);
        cleave.Environment["CLEAVE_LAB"] = (await cleave.OkAsync("up", "-d", "--only", "rest")).Trim();
        for (int i = 0; i < 2; i++)
        {
            using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web,job");
            await join.SeesAsync("web waits for job (ended)");
            Assert.DoesNotContain("web 42", join.Output, StringComparison.Ordinal);
            cleave.Write("go", "");
            await join.SeesAsync("web 42");
            Assert.True(join.Output.IndexOf("done 42", StringComparison.Ordinal) < join.Output.IndexOf("web 42", StringComparison.Ordinal), join.Output);
            join.Signal(Posix.SIGINT);
            Assert.Equal(130, await join.EndsAsync());
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_second_signal_kills_what_has_joined()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              rest: {ip: 172.23.0.1, run: exec sleep 1000}
              web: {ip: 172.23.0.2, run: "trap 'echo heard $((40 + 2))' TERM; echo up; while :; do sleep 0.05; done", ready: {log: up}, stop: {grace: 100s}}
            """);
        cleave.Environment["CLEAVE_LAB"] = (await cleave.OkAsync("up", "-d", "--only", "rest")).Trim();
        using CleaveCommand.Background join = cleave.StartInBackground("up", "--only", "web");
        await join.SeesAsync("web ready");
        join.Signal(Posix.SIGINT);
        await join.SeesAsync("heard 42");
        join.Signal(Posix.SIGINT);
        Assert.Equal(130, await join.EndsAsync());
        Assert.Contains("web ended with signal 9 (KILL)", join.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^rest +ready", await cleave.OkAsync("ps"));
        await cleave.OkAsync("down");
    }

    private static async Task<string> LabAsync(CleaveCommand cleave) => (await cleave.OkAsync("ps")).Split(' ', ',')[1];

    private static Task WaitForStateAsync(CleaveCommand cleave, string node, string state) =>
        Wait.UntilAsync(async () => (await cleave.OkAsync("ps")).Split('\n').Any(l => l.StartsWith(node, StringComparison.Ordinal) && l.Contains(state, StringComparison.Ordinal)), () => $"{node} is not {state}");

    private async Task EndAsync(CleaveCommand cleave, CleaveCommand.Background up)
    {
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        AssertNothingIsLeft();
    }
}
