using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// Ctrl-C in every phase of every verb that starts or enters a lab: the exit code is 130 and nothing is left, whatever the phase.
/// CLEAVE_INTERRUPTS and CLEAVE_SEED in the environment make more interrupts at random moments, and the same ones again.
/// </summary>
public sealed class InterruptTests(ITestOutputHelper output) : KernelTest
{
    private static readonly string ManyNodes =
        $"cleave: 1\nnodes:\n{string.Concat(Enumerable.Range(1, 200).Select(n => $"  n{n}: {{ip: 172.23.0.{n}, run: [sleep, \"1000\"]}}\n"))}scenarios: {{s: [{{sleep: 1000s}}]}}\n";

    private const string OneNode = "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}, scenarios: {s: [{sleep: 1s}]}}";

    [Theory]
    [InlineData("up")]
    [InlineData("up -d")]
    [InlineData("test")]
    public async Task Ctrl_C_while_the_lab_is_made(string verb)
    {
        CleaveCommand cleave = NewLab(ManyNodes);
        using CleaveCommand.Background command = cleave.StartInBackground(verb.Split(' '));

        // PIDs 1 of nodes: they are made one after the other, before any program starts.
        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count(p => p.Contains("cleave-init", StringComparison.Ordinal)) >= 5, () => command.Output);
        command.Signal(Posix.SIGINT);
        Assert.True(await command.EndsAsync() == 130, command.Output);
        Assert.DoesNotContain("started: sleep 1000", command.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("up")]
    [InlineData("up -d")]
    [InlineData("test")]
    public async Task Ctrl_C_while_nodes_get_ready(string verb)
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes: {a: {ip: 172.23.0.1, run: touch here; exec sleep 1000, ready: {log: never, within: 1000s}}}
            scenarios: {s: [{sleep: 1s}]}
            """);
        using CleaveCommand.Background command = cleave.StartInBackground(verb.Split(' '));
        await Wait.UntilAsync(() => File.Exists(Path.Combine(cleave.Folder, "here")), () => command.Output);
        command.Signal(Posix.SIGINT);
        Assert.True(await command.EndsAsync() == 130, command.Output);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Ctrl_C_while_a_scenario_runs()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}, scenarios: {s: [{run: 'touch here; sleep 1000', node: a}], second: [{sleep: 1s}]}}");
        using CleaveCommand.Background test = cleave.StartInBackground("test");
        await Wait.UntilAsync(() => File.Exists(Path.Combine(cleave.Folder, "here")), () => test.Output);
        test.Signal(Posix.SIGINT);
        Assert.True(await test.EndsAsync() == 130, test.Output);
        Assert.DoesNotContain("scenario second", test.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    /// <summary>A node that ignores TERM keeps the lab two seconds: long enough to be impatient.</summary>
    [Fact]
    public async Task Ctrl_C_while_a_test_tears_its_lab_down_and_once_more()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes: {a: {ip: 172.23.0.1, run: "trap 'echo heard $((6 * 7))' TERM; echo up; while :; do sleep 0.05; done", ready: {log: up}}}
            scenarios: {s: [{sleep: 10ms}], second: [{sleep: 1s}]}
            """);
        using CleaveCommand.Background test = cleave.StartInBackground("test");
        await test.SeesAsync("heard 42");
        test.Signal(Posix.SIGINT);
        test.Signal(Posix.SIGTERM); // another number: two of one that come at once are one
        Assert.True(await test.EndsAsync() == 130, test.Output);
        Assert.DoesNotContain("a ended with", test.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("scenario second", test.Output, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Ctrl_C_while_down_waits_ends_the_waiting_and_not_the_end_of_the_lab()
    {
        CleaveCommand cleave = NewLab(
            "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: \"trap 'echo heard >here' TERM; echo up; while :; do sleep 0.05; done\", ready: {log: up}}}}");
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background down = cleave.StartInBackground("down");
        await Wait.UntilAsync(() => File.Exists(Path.Combine(cleave.Folder, "here")), () => down.Output);
        down.Signal(Posix.SIGINT);
        Assert.Equal(130, await down.EndsAsync());
        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
    }

    /// <summary>Nobody listens yet, and nobody is to be killed for that: what is asked too early must be asked again.</summary>
    [Fact]
    public async Task Down_while_the_lab_is_made_ends_it_as_soon_as_it_listens()
    {
        CleaveCommand cleave = NewLab(OneNode);
        string bin = Directory.CreateDirectory(Path.Combine(cleave.Folder, "bin")).FullName;
        string slow = Path.Combine(bin, "unshare");
        File.WriteAllText(slow, $"#!/bin/sh\nsleep 1\nPATH={Environment.GetEnvironmentVariable("PATH")}\nexec unshare \"$@\"\n");
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        cleave.Environment["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await Wait.UntilAsync(() => Directory.GetFiles(Runtime, "lab.json", SearchOption.AllDirectories).Length > 0, () => up.Output);
        Assert.Empty(Directory.GetFiles(Runtime, "control", SearchOption.AllDirectories));
        Assert.Contains(" ended; its logs", await cleave.OkAsync("down"), StringComparison.Ordinal);
        Assert.True(await up.EndsAsync() == 0, up.Output);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Ctrl_C_to_an_exec_that_waits_for_its_lab_to_be_made_leaves_the_lab_alone()
    {
        CleaveCommand cleave = NewLab(ManyNodes);
        using CleaveCommand.Background up = cleave.StartInBackground("up");
        await Wait.UntilAsync(() => Directory.GetFiles(Runtime, "control", SearchOption.AllDirectories).Length > 0, () => up.Output);
        using CleaveCommand.Background exec = cleave.StartInBackground("exec", "n1", "--", "sh", "-c", "echo inside; exec sleep 4321");
        await Wait.UntilAsync(() => exec.Process.HasExited || exec.Output.Length > 0 || Connected(exec.Process.Id), () => exec.Output);
        exec.Signal(Posix.SIGINT);
        Assert.Equal(130, await exec.EndsAsync());
        await up.SeesAsync("all nodes are ready");
        Assert.Equal("alive", await cleave.InAsync("n200", "echo alive"));
        await Wait.UntilAsync(
            () => !MachineState.MarkedProcesses(Runtime).Any(p => p.Contains("sleep 4321", StringComparison.Ordinal)),
            () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
        up.Signal(Posix.SIGINT);
        Assert.Equal(130, await up.EndsAsync());
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Ctrl_C_at_random_moments()
    {
        int interrupts = Setting("CLEAVE_INTERRUPTS", 8);
        int seed = Setting("CLEAVE_SEED", Random.Shared.Next());
        output.WriteLine($"CLEAVE_SEED={seed}");
        var random = new Random(seed);
        CleaveCommand cleave = NewLab(OneNode);
        string[] verbs = ["up", "up -d", "test"];
        for (int i = 0; i < interrupts; i++)
        {
            string verb = verbs[random.Next(verbs.Length)];
            int after = random.Next(1200);
            int presses = random.Next(1, 3);
            string story = $"seed {seed}, number {i}: {verb}, {presses} times after {after} ms";
            using CleaveCommand.Background command = cleave.StartInBackground(verb.Split(' '));
            await Task.Delay(after, TestContext.Current.CancellationToken); // the random moment itself
            for (int press = 0; press < presses && !command.Process.HasExited; press++)
            {
                _ = Posix.Kill(command.Process.Id, Posix.SIGINT);
                await Task.Delay(random.Next(100), TestContext.Current.CancellationToken);
            }

            int code = await command.EndsAsync();
            if (code == 0 && verb == "up -d")
            {
                await cleave.OkAsync("down"); // it was done, and the press came to nobody
            }

            Assert.True(code is 130 || (code == 0 && verb != "up"), $"{story}: exit code {code}\n{command.Output}");
            await Wait.UntilAsync(
                () => MachineState.MarkedProcesses(Runtime).Count == 0,
                () => $"{story}; left:\n{string.Join('\n', MachineState.MarkedProcesses(Runtime))}\nit said:\n{command.Output}");
            string[] entries = Directory.Exists(Path.Combine(Runtime, "cleave")) ? Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")) : [];
            Assert.True(entries.Length == 0, $"{story}; left: {string.Join(", ", entries)}");
        }
    }

    private static bool Connected(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/net/unix").Length > 0
                && Directory.GetFiles($"/proc/{pid}/fd").Any(f => new FileInfo(f).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
