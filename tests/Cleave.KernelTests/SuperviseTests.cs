using System.Diagnostics;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What ends a lab, and with which exit code.</summary>
public sealed class SuperviseTests : KernelTest
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -KILL $$", 137)]
    public async Task The_first_program_that_ends_by_itself_ends_the_lab_and_gives_its_exit_code(string run, int code)
    {
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: exec sleep 1000}
              b: {ip: 172.23.0.2, run: 'echo last words; {{run}}'}
            """);
        Outcome up = await cleave.RunAsync("up");
        Assert.True(up.Code == code, up.ToString());
        Assert.Matches(@"(?m)^b +\| last words$", up.Output);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("[no-such-program, x]", 127)]
    [InlineData("[./no-such-file]", 127)]
    [InlineData("[./cleave.yaml]", 126)]
    [InlineData("no-such-program x", 127)]
    public async Task A_program_that_cannot_be_executed_is_named_with_its_node(string run, int code)
    {
        CleaveCommand cleave = NewLab($"{{cleave: 1, nodes: {{b: {{ip: 172.23.0.2, run: {run}}}}}}}");
        Outcome up = await cleave.RunAsync("up");
        Assert.True(up.Code == code, up.ToString());
        string program = run.Trim('[', ']').Split(' ', ',')[0];
        Assert.Contains(up.Output.Split('\n'), l => l.Contains('b', StringComparison.Ordinal) && l.Contains(program, StringComparison.Ordinal));
        AssertNothingIsLeft();

        // With a shell in between the program has been executed, and is ready before it fails: that is the shell's.
        if (run.StartsWith('['))
        {
            Outcome detached = await cleave.RunAsync("up", "-d");
            Assert.True(detached.Code == 1, detached.ToString());
            Assert.Contains(detached.Errors.Split('\n'), l => l.Contains("b: ", StringComparison.Ordinal) && l.Contains(program, StringComparison.Ordinal));
            AssertNothingIsLeft();
        }
    }

    [Fact]
    public async Task A_job_may_end_with_zero_and_only_with_zero()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              good: {ip: 172.23.0.1, run: 'true', job: true}
              bad: {ip: 172.23.0.2, run: 'until [ -e go ]; do sleep 0.05; done; exit 5', job: true}
            """);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("good ended with exit code 0");
        Assert.Equal("alive", await cleave.InAsync("good", "echo alive; touch go"));
        Assert.Equal(5, await up.EndsAsync());
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Keep_going_keeps_the_lab_whatever_ends()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exit 3}, b: {ip: 172.23.0.2, run: [no-such-program]}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up", "--keep-going");
        await up.SeesAsync("a ended with exit code 3");
        await up.SeesAsync("no-such-program");
        Assert.Equal("alive", await cleave.InAsync("a", "echo alive"));
        Assert.Equal("alive", await cleave.InAsync("b", "echo alive"));
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_node_that_is_not_ready_in_time_fails_up_with_the_last_it_logged()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, run: exec sleep 1000}
              b: {ip: 172.23.0.2, run: 'seq 300; echo these are the last words; exec sleep 1000', ready: {tcp: 4711, within: 1s}}
            """);
        long start = Stopwatch.GetTimestamp();
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.True(up.Code == 1, up.ToString());
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1, 60);
        Assert.Contains("b does not accept connections on port 4711 after 1s", up.Errors, StringComparison.Ordinal);
        Assert.Contains("these are the last words", up.Errors, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_program_that_ends_before_it_is_ready_is_shown_with_the_last_it_logged()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {b: {ip: 172.23.0.2, run: 'seq 3000; echo these are the last words; exit 3', ready: {tcp: 4711}}}}");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.True(up.Code == 1, up.ToString());
        Assert.Contains("b ended with exit code 3 before it was ready", up.Errors, StringComparison.Ordinal);
        Assert.Contains("    these are the last words", up.Errors, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(Posix.SIGINT)]
    [InlineData(Posix.SIGTERM)]
    [InlineData(Posix.SIGHUP)]
    public async Task A_signal_to_up_ends_the_lab(int signal)
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(signal);
        Assert.Equal(130, await up.EndsAsync());
        Assert.Contains("a ended with signal 15 (TERM)", up.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(Posix.SIGINT)]
    [InlineData(Posix.SIGTERM)]
    [InlineData(Posix.SIGHUP)]
    public async Task A_second_signal_kills_the_lab_without_waiting_for_its_programs(int signal)
    {
        // What it prints must not stand in its command line, which up shows, too: two signals sent at once are one to the kernel.
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: \"trap 'echo heard $((6 * 7))' TERM; echo up; while :; do sleep 0.05; done\", ready: {log: up}}}}");
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await up.SeesAsync("all nodes are ready");
        up.Signal(signal);
        await up.SeesAsync("heard 42");
        up.Signal(signal);
        Assert.Equal(130, await up.EndsAsync());
        Assert.DoesNotContain("a ended with", up.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_file_with_mistakes_creates_nothing()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, rum: sleep}}}");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.True(up.Code == 2, up.ToString());
        Assert.Contains("rum", up.Errors, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(cleave.Folder, "cleave.yaml")], Directory.GetFileSystemEntries(cleave.Folder));
        Assert.Empty(Directory.GetFileSystemEntries(Runtime));
    }
}
