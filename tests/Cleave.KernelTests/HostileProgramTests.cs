using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Programs that do not want to end, or leave others behind: the lab ends all the same, and soon.</summary>
public sealed class HostileProgramTests : KernelTest
{
    [Fact]
    public async Task A_node_that_ignores_TERM_is_killed_after_the_grace()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: \"trap '' TERM HUP INT; echo up; while :; do sleep 0.05; done\", ready: {log: up}}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
        Assert.Contains("a ended with signal 9 (KILL)", up.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    /// <summary>Daemons leave their session and their parent, close their files and ignore what they can: the PID namespace holds them.</summary>
    [Theory]
    [InlineData("down")]
    [InlineData("kill -9")]
    public async Task Daemons_end_with_their_lab(string end)
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                run: |
                  for i in $(seq 50); do
                    setsid sh -c "trap '' TERM HUP INT; (while :; do sleep 7.$i; done) </dev/null >/dev/null 2>&1 &"
                  done
                  echo forked
                  exec sleep 1000
                ready: {log: forked}
            """);
        await cleave.OkAsync("up", "-d");
        Assert.True(MachineState.MarkedProcesses(Runtime).Count >= 100, "the daemons and their sleeps do not run");

        // Who has lost a parent is reaped: 50 shells have ended, and none is left as a zombie.
        Assert.Equal("0", await cleave.InAsync("a", "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l"));
        if (end == "down")
        {
            await cleave.OkAsync("down");
            AssertNothingIsLeft();
            return;
        }

        Assert.Equal(0, Posix.Kill(MachineState.LabHost(Runtime), Posix.SIGKILL));
        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
    }

    /// <summary>It is never without a child that has just been started: signals one by one would never catch all.</summary>
    [Fact]
    public async Task A_program_that_forks_without_end_and_ignores_TERM_ends_with_its_lab()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: "trap '' TERM; echo up; f() { (sleep 0.01; f) & }; f; f; f; f; sleep 1000", ready: {log: up}}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(Posix.SIGTERM);
        Assert.Equal(130, await up.EndsAsync());
        AssertNothingIsLeft();
    }

    /// <summary>A process that is stopped takes no TERM; KILL it takes.</summary>
    [Fact]
    public async Task A_stopped_program_ends_with_its_lab()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: 'echo up; kill -STOP $$; sleep 1000', ready: {log: up}}}}");
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("down");
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_node_whose_PID_1_is_killed_ends_and_the_lab_says_so()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}, b: {ip: 172.23.0.2}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--keep-going");
        await up.SeesAsync("all nodes are ready");
        string init = MachineState.MarkedProcesses(Runtime).First(p => p.Contains("cleave-init", StringComparison.Ordinal));
        Assert.Equal(0, Posix.Kill(int.Parse(init.Split(':')[0]), Posix.SIGKILL));
        await up.SeesAsync("a ended with signal 9 (KILL)");
        Outcome exec = await cleave.RunAsync("exec", "a", "--", "true");
        Assert.True(exec.Code == 125, exec.ToString());
        Assert.Equal("alive", await cleave.InAsync("b", "echo alive"));
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        AssertNothingIsLeft();
    }
}
