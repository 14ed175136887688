using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>An exec ends with whichever side ends first: the user's, the program, the lab.</summary>
public sealed class ExecEndTests : KernelTest
{
    private const string OneNode = "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}}}";

    [Theory]
    [InlineData(Posix.SIGKILL, 137)]
    [InlineData(Posix.SIGINT, 130)]
    [InlineData(Posix.SIGTERM, 143)]
    public async Task Whatever_ends_the_command_ends_the_program_in_the_node(int signal, int code)
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background exec = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "sleep 4321 & echo started; wait");
        await exec.SeesAsync("started");
        exec.Signal(signal);
        Assert.Equal(code, await exec.EndsAsync());
        await NoneRunsAsync("sleep 4321");
        await cleave.OkAsync("down");
    }

    /// <summary>As with a closed terminal on a machine: nohup means it. It is the lab's for all that, and ends with it.</summary>
    [Fact]
    public async Task A_program_that_ignores_HUP_and_TERM_outlives_its_command_and_not_its_lab()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background exec = cleave.StartInBackground(
            "exec", "a", "--", "sh", "-c", "trap '' HUP TERM; echo started; n=0; while :; do n=$((n + 1)); echo line $n; echo $n >count; sleep 0.05; done");
        await exec.SeesAsync("started");
        exec.Signal(Posix.SIGKILL);
        Assert.Equal(137, await exec.EndsAsync());

        // It goes on, and what it prints, which nobody reads any more, does not stop it.
        string file = Path.Combine(cleave.Folder, "count");
        int then = Count();
        await Wait.UntilAsync(() => Count() > then + 20, () => $"it does not go on after {then}");
        await cleave.OkAsync("down");
        Assert.Empty(MachineState.MarkedProcesses(Runtime));

        int Count() => int.TryParse(File.Exists(file) ? File.ReadAllText(file) : "", out int count) ? count : 0;
    }

    /// <summary>Input that nobody takes must not stand before the news that the user has gone.</summary>
    [Fact]
    public async Task The_end_of_a_command_is_noticed_behind_input_that_the_program_does_not_read()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background exec = cleave.StartShell("echo $$; exec \"$CLEAVE\" exec a -- sh -c 'echo started; exec sleep 4321' </dev/zero");
        await exec.SeesAsync("started");

        // Until it has sent all it could: it stands still then.
        string before = "";
        await Wait.UntilAsync(
            async () =>
            {
                string now = File.ReadAllText($"/proc/{exec.Process.Id}/io").Split('\n').First(l => l.StartsWith("rchar", StringComparison.Ordinal));
                bool same = now == before;
                before = now;
                await Task.Delay(300);
                return same;
            },
            () => $"it still reads: {before}");
        exec.Signal(Posix.SIGKILL);
        Assert.Equal(137, await exec.EndsAsync());
        await NoneRunsAsync("sleep 4321");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task An_exec_is_told_when_the_lab_ends()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background trapping = cleave.StartInBackground(
            "exec", "a", "--", "sh", "-c", "trap 'echo goodbye; exit 6' TERM; echo started; while :; do sleep 0.05; done");
        using CleaveCommand.Background plain = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "echo started; exec sleep 4321");
        using CleaveCommand.Background stubborn = cleave.StartInBackground(
            "exec", "a", "--", "sh", "-c", "trap '' TERM; echo started; while :; do sleep 0.05; done");
        await trapping.SeesAsync("started");
        await plain.SeesAsync("started");
        await stubborn.SeesAsync("started");
        await cleave.OkAsync("down");
        Assert.Equal(6, await trapping.EndsAsync());
        Assert.Contains("goodbye", trapping.Output, StringComparison.Ordinal);
        Assert.Equal(143, await plain.EndsAsync());
        Assert.Equal(137, await stubborn.EndsAsync());
    }

    [Fact]
    public async Task A_stopped_exec_does_not_keep_a_killed_lab_alive()
    {
        CleaveCommand cleave = NewLab(OneNode);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background exec = cleave.StartInBackground("exec", "a", "--", "sh", "-c", "echo started; exec sleep 4321");
        await exec.SeesAsync("started");
        exec.Signal(Posix.SIGSTOP);
        string host = Assert.Single(MachineState.MarkedProcesses(Runtime), p => p.Contains(" lab-host", StringComparison.Ordinal)
            && !p.Contains("unshare", StringComparison.Ordinal));
        Assert.Equal(0, Posix.Kill(int.Parse(host.Split(':')[0]), Posix.SIGKILL));

        string own = $"{exec.Process.Id}:";
        await Wait.UntilAsync(
            () => MachineState.MarkedProcesses(Runtime).All(p => p.StartsWith(own, StringComparison.Ordinal)),
            () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
        await cleave.OkAsync("ps", "--all");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")));
        exec.Signal(Posix.SIGCONT);
        Assert.Equal(125, await exec.EndsAsync());
    }

    private Task NoneRunsAsync(string program) => Wait.UntilAsync(
        () => !MachineState.MarkedProcesses(Runtime).Any(p => p.Contains(program, StringComparison.Ordinal)),
        () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
}
