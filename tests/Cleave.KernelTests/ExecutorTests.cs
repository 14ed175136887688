using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Execution;
using Cleave.KernelTests.Harness;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;
using Microsoft.Win32.SafeHandles;

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
            ["-Urnmuipf", "--kill-child", "--mount-proc", "env", "DOTNET_TC_CallCountingDelayMs=7FFFFFFF", "DOTNET_gcConcurrent=0", self, "-class", typeof(ExecutorInNamespaces).FullName!, "-explicit", "only", "-noColor"],
            null);
        Assert.True(outcome.Code == 0, $"{outcome}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", outcome.Output, StringComparison.Ordinal);
    }
}

/// <summary>Run by <see cref="ExecutorTests"/> in a process whose namespaces are its own.</summary>
public sealed class ExecutorInNamespaces : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;

    private static readonly LabTopology Topology = TopologyReader.Parse(
        "/var/tmp/lab/cleave.yaml", Encoding.UTF8.GetBytes(LabText.Of("a", "b").With("wan", "10.9.8", "b").Yaml())).Topology!;

    private readonly NamespaceThread _thread = new();
    private readonly Children _children = new();
    private readonly Dictionary<string, string> _env = new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };

    [Fact(Explicit = true)]
    public void Every_failing_step_undoes_all_before_it()
    {
        var plan = LabPlan.Of(Topology, new PlanInputs("/var/tmp/lab", "/tmp/cleave-0"));
        ImmutableArray<Operation> operations = [.. plan.Network, .. plan.Rooms];
        string before = Dump();
        int failures = 0;
        for (int i = 0; i <= operations.Length; i++)
        {
            foreach (Operation failing in FailingAt(operations, i))
            {
                ImmutableArray<Operation> broken = operations.Insert(i, failing);
                using (var executor = new Executor(Topology, _thread, _children, _env))
                {
                    var e = Assert.Throws<ExecutionException>(() => executor.Run(broken));
                    Assert.Equal(failing, e.Operation);
                }

                Assert.True(before == Dump(), $"after {failing} at {i}:\n{Dump()}\ninstead of\n{before}");
                failures++;
            }
        }

        AssertNothingIsLeft();

        // And nothing is in the way of the plan itself.
        using (var executor = new Executor(Topology, _thread, _children, _env))
        {
            executor.Run(operations);
            Assert.NotEqual(before, Dump());
        }

        Assert.True(failures > 2 * operations.Length, $"{failures} failures of {operations.Length} operations");
    }

    public void Dispose() => _thread.Dispose();

    /// <summary>Operations that cannot succeed there: each kind that the executor carries out in its own way.</summary>
    private static IEnumerable<Operation> FailingAt(ImmutableArray<Operation> operations, int i)
    {
        ImmutableArray<Operation> done = operations[..i];
        var nothing = new Interface("none", 9999);
        yield return new Operation.SetSysctl(Place.Fabric, "net.ipv4.nothing", "1", Optional: false);
        Place place = done.OfType<Operation.CreateNamespace>().LastOrDefault()?.At ?? Place.Fabric;
        yield return i % 2 == 0 ? new Operation.SetLinkUp(Place.Fabric, nothing) : new Operation.AddNeighbour(place, nothing, new IPAddress([172, 23, 0, 9]), default);

        if (done.LastOrDefault() is Operation.CreateBridge or Operation.CreateVeth or Operation.AddForwarding or Operation.AddAddress or Operation.AddNeighbour)
        {
            yield return done[^1]; // it is there already
        }

        if (done.LastOrDefault(o => o is Operation.EnterRoom or Operation.StartInit) is Operation.EnterRoom room)
        {
            yield return new Operation.MountTmpfs(room.At, "/nowhere/at/all", "1777", null);
        }
    }

    /// <summary>Started like a node's program: no other code of this process may wait for children.</summary>
    private string Dump()
    {
        const string Look =
            """
            for c in 'ip -j -d link' 'ip -j addr' 'ip -j route show table all' 'nft -j list ruleset'; do
                echo "== $c"
                $c
            done
            echo '== other'
            for f in /proc/sys/kernel/hostname /proc/sys/net/ipv6/conf/default/disable_ipv6 /proc/sys/net/bridge/bridge-nf-call-*; do
                [ ! -e "$f" ] || { read -r value <"$f"; echo "\"$f $value\""; }
            done
            sed 's/.*/"&"/' /proc/self/mountinfo
            """;
        (Descriptor said, Descriptor output) = Descriptor.Pipe();
        using (said)
        {
            using (output)
            {
                _thread.Run(() => _children.Start(new SpawnRequest(["sh", "-c", Look], _env, "/") { Output = output }));
            }

            using var reader = new StreamReader(new FileStream(new SafeFileHandle(said.Fd, ownsHandle: false), FileAccess.Read));

            // A link that was up once keeps its queue.
            return string.Join('\n', NetworkDump.Parse(reader.ReadToEnd())).Replace("\"noqueue\"", "\"noop\"", StringComparison.Ordinal);
        }
    }

    /// <summary>The kernel frees namespaces when it gets to it: as soon as one more may be made, ours is the only one left.</summary>
    private static void AssertNothingIsLeft()
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
        Assert.DoesNotContain(Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(CommandLine), c => c.Contains("infinity", StringComparison.Ordinal));
        File.WriteAllText("/proc/sys/user/max_net_namespaces", limit);
    }

    private static string CommandLine(string process)
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

#pragma warning disable SYSLIB1054, CA5392 // One function, and tests need no unsafe code for it.
    [DllImport("libc", SetLastError = true)]
    private static extern int unshare(int flags);
#pragma warning restore SYSLIB1054, CA5392
}
