using System.Collections.Immutable;
using System.Diagnostics;
using Cleave.Execution;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Bench;

/// <summary>
/// How long a lab's network takes to make, and to be freed by the kernel, beside a C program that does the same with as little as possible.
/// </summary>
internal sealed class CreateBench : IBench
{
    private const double RatioLimit = 1.3;
    private const double GrowthLimit = 2.6;

    private const int MaxRounds = 7;

    private const string Floor = "labc";
    private const string Plan = "cleave";
    private const string Cold = "cold";
    private const string NoNeighbours = "no-neighbours";
    private const string FloorWork = "floor-work";
    private const string Dual = "dual";
    private const string FloorDual = "labc-ipv6";
    private const string ByCommand = "ip";
    private const string ByBatch = "ip-batch";
    private const string Mininet = "mininet";
    private const int RivalRounds = 3;

    private static readonly int[] Sizes = [10, 100, 500, 1000];

    public string Name => "create";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("Creating and tearing down a lab's network (ms, medians)");
        report.Note(
            """
            cleave         the plan's network operations, carried out by the executor in a fresh process that has made and undone a lab of
                           three nodes before, so that just-in-time compilation is not measured
            cold           the same without that first lab: compilation included (what ships is compiled ahead of time)
            no-neighbours  without the permanent neighbour entries that a plan has up to 128 nodes a network: N * N of them, none in labc
            floor-work     without all that labc has not: neighbours, static ports, forwarding entries, the cut table
            labc           the floor: labc N ipv6=2 q1=1
            dual           Cleave with an IPv6 address besides the IPv4 one in every node
            labc-ipv6      the floor with IPv6 left on, so that every node gets a link-local address: ipv6=1
            ip, ip-batch   iproute2, command by command, and batched for each namespace; what an exit is has to delete them by name
            mininet        mininet with a Linux bridge
            freed          from the word to exit until the kernel has freed the last namespace
            """);

        if (!HasMininet)
        {
            report.Note("mininet was not measured: mn or brctl is missing; apt-get install mininet bridge-utils");
        }

        var all = new Dictionary<string, IReadOnlyList<double>>();
        var rows = new List<object?[]>();
        foreach ((int nodes, Dictionary<string, List<Figures>> figures) in Measure(options))
        {
            foreach ((string method, List<Figures> rounds) in figures)
            {
                List<Figures> floor = figures[method is Dual or FloorDual ? FloorDual : Floor];
                all[$"{method} {nodes} create"] = [.. rounds.Select(f => f.Create)];
                all[$"{method} {nodes} freed"] = [.. rounds.Select(f => f.Freed)];
                all[$"{method} {nodes} plan"] = [.. rounds.Select(f => f.Plan)];
                rows.Add(
                [
                    nodes,
                    method,
                    rounds.Select(f => f.Create).Median(),
                    Samples.MedianRatio(rounds.Select(f => f.Create), floor.Select(f => f.Create)),
                    rounds.Select(f => f.Freed).Median(),
                    Samples.MedianRatio(rounds.Select(f => f.Freed), floor.Select(f => f.Freed)),
                    rounds.Select(f => f.Plan).Median(),
                    rounds.Count,
                ]);
            }
        }

        report.Table(["N", "method", "create", "create/labc", "freed", "freed/labc", "planning", "rounds"], rows, all);
        report.Target("create at 500, to labc", Ratio("create"), RatioLimit);
        report.Target("freed at 500, to labc", Ratio("freed"), RatioLimit);
        report.Target("create at 500, dual, to labc with IPv6", Samples.MedianRatio(all[$"{Dual} 500 create"], all[$"{FloorDual} 500 create"]), RatioLimit);
        report.Target("growth of create, 500 to 1000", Growth(Plan, "create"), GrowthLimit);
        report.Target("growth of freed, 500 to 1000", Growth(Plan, "freed"), GrowthLimit);
        report.Note($"growth of labc, 500 to 1000: create {Growth(Floor, "create"):0.00}, freed {Growth(Floor, "freed"):0.00}");

        double Ratio(string what) => Samples.MedianRatio(all[$"{Plan} 500 {what}"], all[$"{Floor} 500 {what}"]);
        double Growth(string method, string what) => Samples.MedianRatio(all[$"{method} 1000 {what}"], all[$"{method} 500 {what}"]);
    }

    public int RunChild(string[] order) => order switch
    {
        ["supervise", var nodes, var method] => Supervise(nodes, method),
        ["make", var nodes, var method] => Make(int.Parse(nodes), method),
        _ => 2,
    };

    private Dictionary<int, Dictionary<string, List<Figures>>> Measure(BenchOptions options)
    {
        Dictionary<int, Dictionary<string, List<Figures>>> all = Sizes.ToDictionary(n => n, n => Methods(n).ToDictionary(m => m, _ => new List<Figures>()));

        // Everything in turn, sizes too: growth is a ratio like the others.
        for (int round = 0; round < (options.Rounds ?? MaxRounds); round++)
        {
            foreach ((int nodes, Dictionary<string, List<Figures>> figures) in all)
            {
                foreach ((string method, List<Figures> rounds) in figures)
                {
                    if (round < (options.Rounds ?? RoundsOf(method, nodes)))
                    {
                        rounds.Add(RunRival(options.Floor, nodes, method) ?? RunOurs(nodes, method));
                    }
                }
            }
        }

        return all;
    }

    private static int RoundsOf(string method, int nodes) => method switch
    {
        Cold or Dual or FloorDual or ByCommand or ByBatch or Mininet => RivalRounds,
        _ => nodes < 500 ? MaxRounds : 5,
    };

    /// <summary>The slow ones only as far as a bench can wait for them.</summary>
    private static string[] Methods(int nodes) =>
    [
        Plan, Floor, FloorWork, Cold, Dual, FloorDual,
        .. nodes <= LabPlan.MaxNodesWithPermanentNeighbours ? (string[])[NoNeighbours, ByCommand] : [],
        .. nodes <= 500 ? (string[])[ByBatch] : [],
        .. nodes <= 100 && HasMininet ? (string[])[Mininet] : [],
    ];

    private static bool HasMininet { get; } = IsInPath("mn") && IsInPath("brctl");

    private static bool IsInPath(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(f => File.Exists(Path.Combine(f, program)));

    /// <summary>Null if it is not a rival, but ours.</summary>
    private static Figures? RunRival(string folder, int nodes, string method)
    {
        string[]? command = method switch
        {
            Floor => [Path.Combine(folder, "labc"), $"{nodes}", "ipv6=2", "q1=1"],
            FloorDual => [Path.Combine(folder, "labc"), $"{nodes}", "ipv6=1", "q1=1"],
            ByCommand => ["env", $"FLOOR={folder}", "bash", Path.Combine(folder, "lab_ip.sh"), $"{nodes}"],
            ByBatch => ["env", $"FLOOR={folder}", "bash", Path.Combine(folder, "lab_batch.sh"), $"{nodes}"],

            // Debian's mininet belongs to Debian's python3, whichever the user has.
            Mininet => ["env", $"FLOOR={folder}", "sh", "-c", "mount -t tmpfs none /run && exec /usr/bin/python3 \"$@\"", "sh", Path.Combine(folder, "lab_mn.py"), $"{nodes}"],
            _ => null,
        };
        return command is null ? null : Figures.Parse(Subprocess.Run(["unshare", "-Urmn", .. command]));
    }

    private Figures RunOurs(int nodes, string method)
    {
        using Process supervisor = Subprocess.StartSelf(["unshare", "-Urmn"], Name, "supervise", $"{nodes}", method);
        return Figures.Parse(Subprocess.Finish(supervisor, "the supervisor"));
    }

    /// <summary>In the same user namespace as the lab, as labc's parent process is: sees it end, and its namespaces go.</summary>
    private int Supervise(string nodes, string method)
    {
        using Process lab = Subprocess.StartSelf(["unshare", "-nuip", "--fork"], Name, "make", nodes, method);
        if (lab.StandardOutput.ReadLine() is not { } made)
        {
            return 1;
        }

        long start = Stopwatch.GetTimestamp();
        lab.StandardInput.Write("exit\n");
        lab.StandardInput.Flush();
        lab.WaitForExit();
        double exit = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        NamespaceCount.AwaitAtMost(1); // our own
        double freed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Console.WriteLine($"{made} exit={exit:0.00} freed={freed:0.00}");
        return 0;
    }

    /// <summary>In the fabric: makes the lab, says how long it took, and ends when told to.</summary>
    private static int Make(int nodes, string method)
    {
        using var thread = new NamespaceThread();
        var children = new Children();
        if (method != Cold)
        {
            FailingLab.WarmUp(thread, children, others: 2); // the supervisor's and the fabric
        }

        LabTopology topology = BenchLab.Of(nodes, dual: method == Dual);
        LabPlan plan = null!;
        double planning = Samples.Time(() => plan = BenchLab.Plan(topology));
        Operation[] operations = [.. plan.Network.Where(o => Wanted(o, method))];
        var executor = new Executor(topology, thread, children, ImmutableDictionary<string, string>.Empty);
        double create = Samples.Time(() => executor.Run(operations));
        Console.WriteLine($"create={create:0.00} plan={planning:0.00}");
        _ = Console.ReadLine();
        Environment.Exit(0); // the kernel takes everything back at once, as when a lab host ends
        return 0;
    }

    private static bool Wanted(Operation operation, string method) => method switch
    {
        NoNeighbours => operation is not Operation.AddNeighbour,
        FloorWork => operation is not (Operation.AddNeighbour or Operation.MakePortStatic or Operation.AddForwarding or Operation.CreateCutTable),
        _ => true,
    };

    private sealed record Figures(double Create, double Freed, double Plan)
    {
        /// <summary>Reads "create=1.23 … freed=4.56".</summary>
        public static Figures Parse(string line)
        {
            Dictionary<string, double> values = line.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
                .Select(w => w.Split('='))
                .ToDictionary(w => w[0], w => double.Parse(w[1]));
            return new Figures(values["create"], values["freed"], values.GetValueOrDefault("plan", double.NaN));
        }
    }
}
