using System.Diagnostics;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>How programs end: by TERM, after a grace by KILL, and always with everything they have started.</summary>
public sealed class ProcessEndTests : KernelTest
{
    [Fact]
    public async Task Term_ends_a_program_as_on_a_machine_and_ps_shows_how()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: 'echo $$ >$CLEAVE_DATA/pid; exec sleep 1000'}
              b: {ip: 172.23.0.2, run: "trap 'exit 0' TERM; echo $$ >$CLEAVE_DATA/pid; while :; do sleep 0.05; done"}
              c: {ip: 172.23.0.3, run: 'echo $$ >$CLEAVE_DATA/pid; exec sleep 1000'}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--keep-going");
        await up.SeesAsync("all nodes are ready");
        foreach ((string node, string signal) in new[] { ("a", "TERM"), ("b", "TERM"), ("c", "KILL") })
        {
            await cleave.InAsync(node, $"until [ -s $CLEAVE_DATA/pid ]; do sleep 0.05; done; kill -{signal} $(cat $CLEAVE_DATA/pid)");
        }

        await up.SeesAsync("a ended with signal 15 (TERM)");
        await up.SeesAsync("b ended with exit code 0");
        await up.SeesAsync("c ended with signal 9 (KILL)");
        string json = await cleave.OkAsync("ps", "--json");
        Assert.Contains("\"exit_code\":143", json, StringComparison.Ordinal);
        Assert.Contains("\"exit_code\":0", json, StringComparison.Ordinal);
        Assert.Contains("\"exit_code\":137", json, StringComparison.Ordinal);
        Assert.Contains("ended (signal 15 (TERM))", await cleave.OkAsync("ps"), StringComparison.Ordinal);
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
    }

    [Fact]
    public async Task The_end_of_a_lab_is_told_to_every_program_and_reported_as_each_takes_it()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: exec sleep 1000}
              b: {ip: 172.23.0.2, run: "trap 'echo goodbye; exit 0' TERM; echo up; while :; do sleep 0.05; done", ready: {log: up}}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        Assert.Contains("a ended with signal 15 (TERM)", up.Output, StringComparison.Ordinal);
        Assert.Contains("b ended with exit code 0", up.Output, StringComparison.Ordinal);
        Assert.Contains("goodbye", up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ignores_term_or_hides_in_a_session_of_its_own_is_killed_after_the_grace()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              stubborn: {ip: 172.23.0.1, run: "trap '' TERM HUP INT; while :; do sleep 0.1; done"}
              daemons:
                ip: 172.23.0.2
                run: |
                  trap '' TERM HUP
                  setsid -f sleep 4321
                  (setsid sh -c '(sleep 4322 & ); sleep 4323' &)
                  setsid -f setsid -f setsid -f sleep 4324
                  until [ $(cat /proc/[0-9]*/cmdline | tr -d '\0' | grep -o sleep432 | wc -l) -ge 4 ]; do sleep 0.05; done
                  echo daemons run
                ready: {log: daemons run}
                job: true
            """);
        await cleave.OkAsync("up", "-d");
        Assert.InRange(MachineState.MarkedProcesses(Runtime).Count(p => p.Contains("sleep 432", StringComparison.Ordinal)), 4, 9);

        long start = Stopwatch.GetTimestamp();
        await cleave.OkAsync("down");
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 2, 60);
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("fabric")]
    public async Task An_orphan_is_reaped_when_it_ends(string place)
    {
        CleaveCommand cleave = NewLab("cleave: 1\nnodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}\n");
        await cleave.OkAsync("up", "-d");

        // Each sleeps on after its parent has ended, and then has the place's PID 1 for a parent.
        string orphans = await cleave.InAsync(place, "for i in 1 2 3; do setsid -f sh -c 'echo $$; exec sleep 1000' </dev/null 2>/dev/null; done");
        string[] numbers = orphans.Split('\n');
        Assert.Equal(3, numbers.Length);
        string states = $"cat {string.Join(' ', numbers.Select(n => $"/proc/{n}/stat"))} 2>/dev/null | awk '{{print $3, $4}}'; :";
        Assert.Equal("S 1\nS 1\nS 1", await cleave.InAsync(place, states));

        // One that nobody waits for would stay as Z.
        await cleave.InAsync(place, $"kill {string.Join(' ', numbers)}");
        string last = "";
        await Wait.UntilAsync(async () => (last = await cleave.InAsync(place, states)).Length == 0, () => $"these are left:\n{last}");
        Assert.DoesNotContain(") Z ", await cleave.InAsync("fabric", "cat /proc/[0-9]*/stat"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }
}
