using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.WebSockets;
using Cleave.Control;
using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>
/// What a process holds does not grow with what it has done: one that starts and ends labs, and the host of a lab that lives long.
/// CLEAVE_STEADY_SECONDS and CLEAVE_STEADY_LABS (at a time) in the environment make longer runs, in which small leaks show.
/// </summary>
public sealed class SteadyTests(ITestOutputHelper output) : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: "while :; do echo tick; sleep 0.02; done", ready: {log: tick}}
          b: {ip: 172.23.0.2, run: "sleep 1000 & sleep 1001"}
          c: {ip: 172.23.0.3}
        """;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(Setting("CLEAVE_STEADY_SECONDS", 6));

    [Fact]
    public async Task Labs_started_and_ended_in_a_loop_leave_their_starter_as_it_was()
    {
        CleaveCommand cleave = NewLab(Lab);
        string file = Path.Combine(cleave.Folder, "cleave.yaml");
        LabTopology topology = TopologyReader.Load(file).Topology!;
        var options = new LabOptions([CleaveCommand.Program, "lab-host"]);
        string? before = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        try
        {
            // This process is the long-lived one: the library runs in it, as in a user's test runner.
            Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", Runtime);
            Environment.SetEnvironmentVariable(CleaveCommand.Mark, Runtime);
            int atATime = Setting("CLEAVE_STEADY_LABS", 4);
            int labs = 0;
            await SteadyAsync(Environment.ProcessId, async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, atATime).Select(async _ =>
                {
                    await using Lab lab = await Cleave.Lab.StartAsync(topology, Lab, options, CancellationToken.None);
                    await lab.Client.WaitUntilReadyAsync(CancellationToken.None);
                    Assert.Equal(0, await ExecAsync(lab.Client, "a", false, "true"));
                    await lab.Client.ApplyAsync(FaultOrder.For(new Fault.Isolate(["a"])), isBrief: true, CancellationToken.None);
                    await lab.StopAsync();
                }));
                labs += atATime;
                AssertNothingIsLeft();
                Assert.InRange(Directory.GetDirectories(Path.Combine(cleave.Folder, ".cleave", "labs")).Length, 1, 20);
            });
            output.WriteLine($"{labs} labs");
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", before);
            Environment.SetEnvironmentVariable(CleaveCommand.Mark, null);
        }
    }

    [Fact]
    public async Task A_lab_host_is_after_much_work_as_it_was_before()
    {
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");
        LabRecord record = System.Text.Json.JsonSerializer.Deserialize(
            File.ReadAllText(Directory.GetFiles(Runtime, "lab.json", SearchOption.AllDirectories).Single()), RegistryJson.Default.LabRecord)!;
        int host = HostProcesses.LabHost(record) ?? throw new InvalidOperationException("nobody listens");
        using var client = new LabClient(record);
        int rounds = 0;
        await SteadyAsync(host, async () =>
        {
            rounds++;
            string[] nodes = ["a", "b", "c", "fabric"];
            foreach (string node in nodes)
            {
                Assert.Equal(3, await ExecAsync(client, node, false, "sh", "-c", "echo out; echo err >&2; exit 3"));
                Assert.Equal(4, await ExecAsync(client, node, true, "sh", "-c", "(sleep 0.01 &) ; exit 4"));
                Assert.Equal(127, await ExecAsync(client, node, false, "no-such-program"));
            }

            // One whose user is gone, one that leaves a daemon with its output open, listeners that go away.
            using (WebSocket gone = await StartAsync(client, "b", false, "sh", "-c", "echo here; exec sleep 1000"))
            {
                await gone.ReceiveAsync(new byte[1024], CancellationToken.None);
                gone.Abort();
            }

            Assert.Equal(0, await ExecAsync(client, "c", false, "sh", "-c", "sleep 0.1 &"));
            await foreach (LabEvent _ in client.EventsAsync(CancellationToken.None))
            {
                break;
            }

            Fault[] faults = [new Fault.Isolate(["a"]), new Fault.Split([["a", "b"], ["b", "c"]]), new Fault.Cut(["a"], ["c"], false, null), new Fault.Heal()];
            foreach (Fault fault in faults)
            {
                await client.ApplyAsync(FaultOrder.For(fault), isBrief: true, CancellationToken.None);
                await client.FaultsAsync(CancellationToken.None);
            }

            CheckResult check = await client.CheckAsync(CancellationToken.None);
            Assert.True(check.Agrees);
            await client.StatusAsync(CancellationToken.None);

            // What was left behind has ended: only the programs of the nodes run, and their PIDs 1.
            await Wait.UntilAsync(
                () => !HostProcesses.Children(host).Any(IsZombie) && HostProcesses.Children(host).Count == 2 + 3,
                () => $"children of the lab host:\n{string.Join('\n', MachineState.MarkedProcesses(Runtime))}");
        });
        AssertThreadsAreHome(host);

        // That the runtime's own thread is never started anew shows only after days; that it was told so, now.
        Assert.Contains("DOTNET_TC_CallCountingDelayMs=7FFFFFFF", File.ReadAllText($"/proc/{host}/environ").Split('\0'));
        output.WriteLine($"{rounds} rounds of 13 execs, 4 faults and a check");
        await cleave.OkAsync("down");
    }

    /// <summary>The runtime starts threads by whatever thread is at hand: one started while that is in a node's namespaces would stay there.</summary>
    private static void AssertThreadsAreHome(int process)
    {
        string[] threads = Directory.GetDirectories($"/proc/{process}/task");
        foreach (string kind in (string[])["net", "mnt", "uts", "ipc", "pid_for_children"])
        {
            string? home = new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget;
            Assert.All(threads, t => Assert.Equal(home, new FileInfo(Path.Combine(t, "ns", kind)).LinkTarget));
        }
    }

    /// <summary>Does the work over and over, and compares what the process holds in the second and in the last third: in the first, pools fill.</summary>
    private async Task SteadyAsync(int process, Func<Task> work)
    {
        var samples = new List<Sample>();
        long start = Stopwatch.GetTimestamp();
        while (samples.Count < 6 || Stopwatch.GetElapsedTime(start) < Length)
        {
            await work();
            if (process == Environment.ProcessId)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            samples.Add(Sample.Of(process));
        }

        Sample[] middle = [.. samples.Skip(samples.Count / 3).Take(samples.Count / 3)];
        Sample[] last = [.. samples.TakeLast(samples.Count / 3)];
        string story = string.Join('\n', samples.Where((_, i) => i % Math.Max(1, samples.Count / 20) == 0).Append(samples[^1]));
        output.WriteLine($"{samples.Count} rounds; file descriptors, threads, MB:\n{story}");

        // The least of each third: what a pool or a collection yet to come holds for a while is no leak.
        Assert.True(last.Min(s => s.Descriptors) <= middle.Min(s => s.Descriptors) + 2, story);
        Assert.True(last.Min(s => s.Threads) <= middle.Min(s => s.Threads) + Math.Max(2, last.Length - 1), story); // a busy machine's pool grows, by less than one a round
        Assert.True(last.Min(s => s.Memory) <= (middle.Min(s => s.Memory) * 1.15) + 10, story);
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Task<WebSocket> StartAsync(LabClient client, string node, bool terminal, params ImmutableArray<string> argv) =>
        client.ExecAsync(new ExecOrder(node, argv) { Terminal = terminal ? new ExecTerminal(80, 24, "dumb") : null }, CancellationToken.None);

    /// <summary>Runs a program as cleave exec does, without the cost of starting a command.</summary>
    private static async Task<int> ExecAsync(LabClient client, string node, bool terminal, params ImmutableArray<string> argv)
    {
        using WebSocket socket = await StartAsync(client, node, terminal, argv);
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            Assert.NotEqual(0, got.Count);
            if ((ExecFrame)buffer[0] == ExecFrame.Exit)
            {
                return BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(1));
            }
        }
    }

    private readonly record struct Sample(int Descriptors, int Threads, int Memory)
    {
        public static Sample Of(int process)
        {
            string[] status = File.ReadAllLines($"/proc/{process}/status");
            return new Sample(
                Directory.GetFiles($"/proc/{process}/fd").Count(f => !IsAssembly(f)), Number("Threads:"), Number("VmRSS:") / 1024);

            // The runtime opens one when code that needs it runs for the first time, whenever that is.
            static bool IsAssembly(string descriptor) =>
                new FileInfo(descriptor).LinkTarget?.Contains(".dll", StringComparison.Ordinal) == true;

            int Number(string name) => int.Parse(
                status.First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal),
                System.Globalization.CultureInfo.InvariantCulture);
        }

        public override string ToString() => $"{Descriptors} {Threads} {Memory}";
    }
}
