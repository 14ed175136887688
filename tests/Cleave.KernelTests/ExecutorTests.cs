using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Execution;
using Cleave.KernelTests.Harness;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>A plan that fails half-way leaves nothing, wherever it fails.</summary>
public sealed class ExecutorTests : KernelTest
{
    [Fact]
    public async Task A_plan_that_fails_at_any_step_is_undone()
    {
        // The executor's home is the namespaces of its process, so the process has to have some of its own: the test below, in another process.
        string self = Path.Combine(AppContext.BaseDirectory, "Cleave.KernelTests");
        Outcome outcome = await new CleaveCommand("/", Runtime).RunAsync(
            "unshare",
            ["-Urnmuipf", "--kill-child", "--mount-proc", "env", "DOTNET_TieredCompilation=0", "DOTNET_gcConcurrent=0", self, "-class", typeof(ExecutorInNamespaces).FullName!, "-explicit", "only", "-noColor"],
            null);
        Assert.True(outcome.Code == 0, $"{outcome}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", outcome.Output, StringComparison.Ordinal);
    }
}

/// <summary>Run by <see cref="ExecutorTests"/> in a process whose namespaces are its own.</summary>
public sealed class ExecutorInNamespaces
{
    private const int CLONE_NEWNET = 0x40000000;

    private static readonly LabTopology Topology = TopologyReader.Parse(
        "/var/tmp/lab/cleave.yaml", Encoding.UTF8.GetBytes(LabText.Of("a", "b").With("wan", "10.9.8", "b").Yaml())).Topology!;

    private readonly Dictionary<string, string> _env = new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };

    [Fact(Explicit = true)]
    public void Every_failing_step_undoes_all_before_it()
    {
        var plan = LabPlan.Of(Topology, new PlanInputs("/var/tmp/lab", "/tmp/cleave-0"));
        ImmutableArray<Operation> operations = [.. plan.Network, .. plan.Rooms];
        using var thread = new NamespaceThread();
        var children = new Children();
        string before = Dump();
        int failures = 0;
        for (int i = 0; i <= operations.Length; i++)
        {
            foreach (Operation failing in FailingAt(operations, i))
            {
                ImmutableArray<Operation> broken = operations.Insert(i, failing);
                using (var executor = new Executor(Topology, thread, children, _env))
                {
                    var e = Assert.Throws<ExecutionException>(() => executor.Run(broken));
                    Assert.Equal(failing, e.Operation);
                }

                Assert.True(before == Dump(), $"after {failing} at {i}:\n{Dump()}\ninstead of\n{before}");
                failures++;
            }
        }

        AssertNoNamespaceIsLeft();

        // And nothing is in the way of the plan itself.
        using (var executor = new Executor(Topology, thread, children, _env))
        {
            executor.Run(operations);
            Assert.NotEqual(before, Dump());
        }

        Assert.True(failures > 2 * operations.Length, $"{failures} failures of {operations.Length} operations");
    }

    /// <summary>Operations that cannot succeed there: each kind that the executor carries out in its own way.</summary>
    private static IEnumerable<Operation> FailingAt(ImmutableArray<Operation> operations, int i)
    {
        ImmutableArray<Operation> done = operations[..i];
        var nothing = new Interface("none", 9999);
        yield return new Operation.SetLinkUp(Place.Fabric, nothing);
        yield return new Operation.SetSysctl(Place.Fabric, "net.ipv4.nothing", "1", Optional: false);
        if (done.OfType<Operation.CreateNamespace>().LastOrDefault() is { } node)
        {
            yield return new Operation.AddNeighbour(node.At, nothing, new IPAddress([172, 23, 0, 9]), default);
        }

        if (done.LastOrDefault() is Operation.CreateBridge or Operation.CreateVeth or Operation.AddForwarding or Operation.AddAddress or Operation.AddNeighbour)
        {
            yield return done[^1]; // it is there already
        }

        if (done.LastOrDefault(o => o is Operation.EnterRoom or Operation.StartInit) is Operation.EnterRoom room)
        {
            yield return new Operation.MountTmpfs(room.At, "/nowhere/at/all", "1777", null);
        }
    }

    private static string Dump()
    {
        // A link that was up once keeps its queue.
        string network = string.Join('\n', NetworkDump.Parse(Output("sh", "-c", NetworkDump.Script))).Replace("\"noqueue\"", "\"noop\"", StringComparison.Ordinal);
        return network + "\n" + File.ReadAllText("/proc/self/mountinfo") + Output("hostname")
            + string.Join('\n', Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Where(d => File.Exists(d + "/cmdline") && Command(d).Contains("infinity", StringComparison.Ordinal)));
    }

    private static string Command(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline");
        }
        catch (IOException)
        {
            return ""; // ended while we looked
        }
    }

    /// <summary>The kernel frees namespaces when it gets to it: as soon as one more may be made, ours is the only one left.</summary>
    private static void AssertNoNamespaceIsLeft()
    {
        string limit = File.ReadAllText("/proc/sys/user/max_net_namespaces");
        File.WriteAllText("/proc/sys/user/max_net_namespaces", "2");
        long start = Stopwatch.GetTimestamp();
        bool free = false;
        while (!free && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
        {
            var thread = new Thread(() => free = unshare(CLONE_NEWNET) == 0);
            thread.Start();
            thread.Join();
        }

        Assert.True(free, "a network namespace is left");
        File.WriteAllText("/proc/sys/user/max_net_namespaces", limit);
    }

    /// <summary>Not through its exit code, for which <see cref="Children"/> waits.</summary>
    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return process.StandardOutput.ReadToEnd();
    }

#pragma warning disable SYSLIB1054, CA5392 // One function, and tests need no unsafe code for it.
    [DllImport("libc", SetLastError = true)]
    private static extern int unshare(int flags);
#pragma warning restore SYSLIB1054, CA5392
}
