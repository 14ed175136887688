using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Cleave.Registry;

namespace Cleave.Bench;

/// <summary>
/// How long <c>cleave up -d</c> and <c>cleave down</c> take with a program in every node, beside a C program that makes the same namespaces and
/// starts the same programs.
/// </summary>
internal sealed class UpBench : IBench
{
    private const double RatioLimit = 1.5;
    private const string Cleave = "cleave";
    private const string Floor = "rooms";
    private const string Kind = "native";

    // Of docs/json.md; those that take less than a millisecond are left out.
    private static readonly string[] Phases = ["command", "machine", "user-namespace", "lab-host", "plan", "network", "rooms", "programs"];

    private static readonly (int Nodes, int Rounds)[] Sizes = [(3, 7), (100, 5), (500, 3), (1000, 1)];

    public string Name => "up";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("A whole lab, up and down, with a program in every node (ms, medians)");
        report.Note(
            """
            cleave   the published program (native): `cleave up -d`, then `cleave down`
            rooms    the floor, bench/floor/rooms.c: the same namespaces, mounts and programs
            up, down from the command's start to its end, as the shell times it; up cpu: processor time of the command, without the lab host's
            freed    from the start of down until the kernel has freed the last network namespace
            command to programs: where the lab says that the time of its start went (StartupPhase of docs/json.md)
            host     resident memory of the lab host, and its share of it (proportional), when all is ready; MB
            nodes    proportional memory of all other processes of the lab, two a node: PID 1 and `sleep infinity`; kB a node
            kernel   what Slab, KernelStack, PageTables and Percpu of /proc/meminfo grew by; kB a node; others on the machine count, too
            """);
        string program = Path.Combine(options.Published, Kind, "cleave");
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"{program} does not exist; ./build.sh publish makes it");
        }

        var all = new Dictionary<string, IReadOnlyList<double>>();
        var times = new List<object?[]>();
        var memory = new List<object?[]>();
        var startup = new List<object?[]>();
        foreach ((int nodes, int rounds) in Sizes)
        {
            var figures = new Dictionary<string, List<Dictionary<string, double>>> { [Cleave] = [], [Floor] = [] };
            for (int round = 0; round < (options.Rounds ?? rounds); round++)
            {
                figures[Cleave].Add(Measure(nodes, Cleave, program));
                figures[Floor].Add(Measure(nodes, Floor, Path.Combine(options.Floor, Floor)));
            }

            foreach ((string method, List<Dictionary<string, double>> measured) in figures)
            {
                foreach (string what in measured[0].Keys)
                {
                    all[$"{method} {nodes} {what}"] = [.. measured.Select(f => f[what])];
                }

                times.Add([nodes, method, Median("up"), Ratio("up"), Median("upcpu"), Median("down"), Ratio("down"), Median("freed"), Ratio("freed"), measured.Count]);
                double Median(string what) => measured.Select(f => f[what]).Median();
                double Ratio(string what) => Samples.MedianRatio(measured.Select(f => f[what]), figures[Floor].Select(f => f[what]));
            }

            double[] MemoryOf(string what) => [.. figures[Cleave].Select(f => f[what])];
            startup.Add([nodes, .. Phases.Select(p => (object?)MemoryOf(p).Median())]);
            memory.Add([nodes, .. LabMemory.Parts.Select(p => (object?)MemoryOf(p).Median())]);
        }

        report.Table(["N", "method", "up", "to rooms", "up cpu", "down", "to rooms", "freed", "to rooms", "rounds"], times, all);
        report.Table(["N", .. Phases], startup, new Dictionary<string, IReadOnlyList<double>>());
        report.Table(["N", .. LabMemory.Parts], memory, new Dictionary<string, IReadOnlyList<double>>());
        foreach (string what in (string[])["up", "down", "freed"])
        {
            report.Target($"{what} at 500, to rooms", Samples.MedianRatio(all[$"{Cleave} 500 {what}"], all[$"{Floor} 500 {what}"]), RatioLimit);
        }
    }

    public int RunChild(string[] order)
    {
        (int nodes, string method, string program, string scratch) = (int.Parse(order[0], CultureInfo.InvariantCulture), order[1], order[2], order[3]);
        string lab = Path.Combine(scratch, "lab");
        string runtime = Path.Combine(scratch, "run");
        Directory.CreateDirectory(lab);
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(
            Path.Combine(lab, "cleave.yaml"),
            "cleave: 1\nnetworks:\n  lan: {subnet: 10.77.0.0/16}\nnodes:\n" +
            string.Concat(Enumerable.Range(1, nodes).Select(i => $"  n{i}: {{ip: 10.77.{i >> 8}.{i & 255}, run: [sleep, infinity]}}\n")));

        long kernel = LabMemory.OfKernel();
        (double up, double cpu) = Do("up");
        Dictionary<string, double> memory = method == Cleave ? LabMemory.Measure(runtime, nodes, kernel) : [];
        if (method == Cleave)
        {
            foreach ((string phase, double ms) in StartupOf(program, lab, runtime))
            {
                memory[phase.Replace(' ', '-')] = ms;
            }
        }

        long start = Stopwatch.GetTimestamp();
        (double down, _) = Do("down");
        NamespaceCount.AwaitAtMost(1); // our own
        double freed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Console.WriteLine(string.Join(
            ' ',
            new Dictionary<string, double>(memory) { ["up"] = up, ["upcpu"] = cpu, ["down"] = down, ["freed"] = freed }
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key}={f.Value:0.0}"))));
        return 0;

        (double Wall, double Cpu) Do(string verb) => TimedCommand.Run(
            program, method == Floor ? [verb, $"{nodes}", runtime] : verb == "up" ? ["up", "-d"] : ["down"], lab, runtime);
    }

    /// <summary>Where the lab says that the time of its start went.</summary>
    private static IEnumerable<(string Phase, double Ms)> StartupOf(string program, string lab, string runtime)
    {
        var start = new ProcessStartInfo(program, ["ps", "--json"]) { WorkingDirectory = lab, UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["XDG_RUNTIME_DIR"] = runtime;
        using Process ps = Process.Start(start)!;
        using var status = JsonDocument.Parse(ps.StandardOutput.ReadToEnd());
        ps.WaitForExit();
        return [.. status.RootElement.GetProperty("startup").EnumerateArray().Select(p => (p.GetProperty("phase").GetString()!, p.GetProperty("ms").GetDouble()))];
    }

    /// <summary>In a user namespace of its own, which counts the network namespaces of all below it.</summary>
    private Dictionary<string, double> Measure(int nodes, string method, string program)
    {
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("cleave-bench-");
        try
        {
            using Process supervisor = Subprocess.StartSelf(["unshare", "-Urmn"], Name, $"{nodes}", method, program, scratch.FullName);
            return Subprocess.Finish(supervisor, "the supervisor").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
                .Select(w => w.Split('='))
                .ToDictionary(w => w[0], w => double.Parse(w[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            LabRegistry.RemoveTree(scratch.FullName);
        }
    }
}
