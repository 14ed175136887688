using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Labs in a control group with too little memory, as in a CI runner's container: the kernel ends what it likes, at any moment.</summary>
public sealed class MemoryLimitTests : KernelTest
{
    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(48)]
    [InlineData(72)]
    [InlineData(96)]
    [InlineData(128)]
    [InlineData(192)]
    public async Task Whether_a_lab_fits_or_not_the_next_command_works_and_nothing_is_left(int mebibytes)
    {
        using var group = MemoryGroup.Make(mebibytes);
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, '1000']}\n  b: {ip: 172.23.0.2}\n");
        Outcome up = await cleave.RunAsync("sh", ["-c", $"echo $$ >{group.Processes} && exec \"$CLEAVE\" up -d"], null);
        Assert.True(up.Code is 0 or 137 || up.Errors.Length > 0, $"{up}"); // killed, or it says why
        await cleave.OkAsync("ps", "--all"); // outside the group: sweeps what a killed lab has left
        if (up.Code == 0)
        {
            await cleave.OkAsync("down", "--all");
        }

        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => string.Join('\n', MachineState.MarkedProcesses(Runtime)));
        await cleave.OkAsync("ps", "--all");
        AssertNothingIsLeft();
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_program_that_takes_all_memory_is_ended_and_the_lab_says_so_and_goes_on()
    {
        Tool.Require("python3", "python3");
        using var group = MemoryGroup.Make(400);
        CleaveCommand cleave = NewLab(
            $"cleave: 1\nnodes:\n  a: {{ip: 172.23.0.1, run: [{Tool.Python}, -c, 'b\"x\" * (1 << 30)']}}\n  b: {{ip: 172.23.0.2}}\n");
        using CleaveCommand.Background up = cleave.StartShell($"echo $$ >{group.Processes} && exec \"$CLEAVE\" up --keep-going");
        await up.SeesAsync("a ended with signal 9 (KILL)");
        Assert.Equal("alive", await cleave.InAsync("b", "echo alive"));
        await cleave.OkAsync("down");
        Assert.Equal(0, await up.EndsAsync());
        AssertNothingIsLeft();
    }

    /// <summary>A control group of this test's, of whichever version the machine has (cgroups(7)).</summary>
    private sealed class MemoryGroup : IDisposable
    {
        private readonly string _folder;

        private MemoryGroup(string folder) => _folder = folder;

        public string Processes => Path.Combine(_folder, "cgroup.procs");

        public static MemoryGroup Make(int mebibytes)
        {
            const string First = "/sys/fs/cgroup/memory";
            const string Second = "/sys/fs/cgroup";
            bool isFirst = File.Exists($"{First}/memory.limit_in_bytes");
            bool isSecond = File.Exists($"{Second}/cgroup.subtree_control") && File.ReadAllText($"{Second}/cgroup.subtree_control").Contains("memory", StringComparison.Ordinal);
            Assert.SkipUnless(Posix.IsRoot && (isFirst || isSecond), "needs root, and the memory controller of control groups");
            string folder = Path.Combine(isFirst ? First : Second, "cleave-test-" + Guid.NewGuid().ToString("N")[..12]);
            Directory.CreateDirectory(folder);
            foreach ((string file, int limit) in isFirst
                ? [("memory.limit_in_bytes", mebibytes), ("memory.memsw.limit_in_bytes", mebibytes)]
                : new (string, int)[] { ("memory.max", mebibytes), ("memory.swap.max", 0) })
            {
                if (File.Exists(Path.Combine(folder, file))) // without swap, there is no limit of it
                {
                    File.WriteAllText(Path.Combine(folder, file), $"{(long)limit << 20}");
                }
            }

            return new MemoryGroup(folder);
        }

        public void Dispose() => Directory.Delete(_folder); // refused while a process is in it
    }
}
