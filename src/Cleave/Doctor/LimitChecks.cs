using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>How many of something there can be.</summary>
internal static class LimitChecks
{
    private const int UsualSoftFiles = 1024;
    private const string Neighbours = "net.ipv4.neigh.default.gc_thresh3";
    private const string Backlog = "net.core.netdev_max_backlog";
    private const long UsualBacklog = 1000;
    private const long PlentyOfNeighbours = 1 << 20;

    public static ImmutableArray<Check> All { get; } =
    [
        new("files", Area.Limits, "open files", "the lab host has some for itself and for each node; it may have as many as the hard limit", Files),
        new("processes", Area.Limits, "processes", "PID 1 of each node, and what runs in it", Processes),
        new("memory", Area.Limits, "memory", "the kernel's share of each node, and PID 1 of each", Memory),
        new("broadcasts", Area.Limits, "broadcasts", "every node of a network gets them, ARP requests among them", Broadcasts),
        new("neighbours", Area.Limits, "learnt neighbours", $"on networks of more than {Planning.LabPlan.MaxNodesWithPermanentNeighbours} nodes; one table for all namespaces of the machine", LearntNeighbours),
    ];

    public static ImmutableArray<string> MoreFiles(Needs needs) => MoreFiles(needs.Files);

    private static ImmutableArray<string> MoreFiles(int files) =>
    [
        $"in this shell: sudo prlimit --pid $$ --nofile=1024:{Generous(files)}",
        $"for good: echo '* hard nofile {Generous(files)}' | sudo tee /etc/security/limits.d/60-cleave.conf, and log in again",
        $"in a container: docker run --ulimit nofile=1024:{Generous(files)}",
    ];

    private static int Generous(int number) => Math.Max(4096, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)number));

    private static Verdict Files(Findings f, Needs needs)
    {
        if (f.HardFiles < needs.LeastFiles)
        {
            return Verdict.Missing(
                $"hard limit {f.HardFiles}, and at least {needs.LeastFiles} are needed", $"no lab of {needs.Nodes} nodes can run", MoreFiles(needs));
        }

        if (needs.Programs is var (node, asked) && f.HardFiles < asked)
        {
            return Verdict.Missing(
                $"hard limit {f.HardFiles}, and node {node} asks for {asked} (limits: nofile)", "this lab cannot run", [.. MoreFiles(asked), "or less in the lab file"]);
        }

        if (f.HardFiles < needs.Files)
        {
            return Verdict.Limited(
                $"hard limit {f.HardFiles}, and {needs.Files} would be safe", "many exec and many probes at once may fail", MoreFiles(needs));
        }

        return f.SoftFiles < UsualSoftFiles
            ? Verdict.Limited(
                $"soft limit {f.SoftFiles}, hard limit {f.HardFiles}", "programs in nodes start with that soft limit, and many need more", $"ulimit -Sn {UsualSoftFiles}")
            : Verdict.Ok($"soft limit {f.SoftFiles}, hard limit {f.HardFiles}; {needs.Files} are enough");
    }

    private static Verdict Processes(Findings f, Needs needs)
    {
        (string Name, long Limit, string Remedy)[] limits =
        [
            ("ulimit -u", f.UserProcesses, $"echo '* hard nproc {Generous(needs.Processes)}' | sudo tee /etc/security/limits.d/60-cleave.conf, and log in again"),
            ("left in this control group (pids.max)", f.GroupProcesses,
                "docker run --pids-limit -1, podman run --pids-limit -1; under systemd TasksMax=infinity for the unit (sudo systemctl set-property UNIT TasksMax=infinity)"),
            Left("kernel.pid_max"),
            Left("kernel.threads-max"),
        ];
        (string name, long limit, string remedy) = limits.MinBy(l => l.Limit);
        return limit < needs.LeastProcesses
            ? Verdict.Missing($"{name}: {limit}, and at least {needs.LeastProcesses} are needed", $"no lab of {needs.Nodes} nodes can run", remedy)
            : limit < needs.Processes
            ? Verdict.Limited($"{name}: {limit}, and about {needs.Processes} would be safe", "programs with many processes or threads may fail to start them", remedy)
            : Verdict.Ok(limit == long.MaxValue ? "no limit" : $"{name}: {limit}; about {needs.Processes} are enough");

        // A process number is the whole machine's, and others have some already.
        (string Name, long Limit, string Remedy) Left(string sysctl) => f.Number(sysctl) is { } most
            ? ($"{sysctl} = {most}, of which are free", Math.Max(0, most - f.RunningTasks), $"sudo sysctl -w {sysctl}={Generous(needs.Processes * 4)}")
            : (sysctl, long.MaxValue, "");
    }

    private static Verdict Memory(Findings f, Needs needs)
    {
        string free = f.FreeMemory == long.MaxValue ? "unknown" : $"{f.FreeMemory >> 20} MiB free";
        const string Remedy = "less memory in use, more swap space, or fewer nodes";
        return f.FreeMemory < needs.LeastMemory
            ? Verdict.Missing($"{free}, and at least {needs.LeastMemory >> 20} MiB are needed", $"no lab of {needs.Nodes} nodes can run", Remedy)
            : f.FreeMemory < needs.Memory
            ? Verdict.Limited($"{free}, and {needs.Memory >> 20} MiB would be safe, without the nodes' programs", "the kernel may kill programs, or the lab", Remedy)
            : Verdict.Ok($"{free}; about {needs.Memory >> 20} MiB are enough, without the nodes' programs");
    }

    /// <summary>A bridge hands a broadcast to all its ports at once, and the kernel throws away what does not fit where packets wait for a processor.</summary>
    private static Verdict Broadcasts(Findings f, Needs needs)
    {
        long? limit = f.Number(Backlog);
        (string network, int ports) = needs.Broadcast;
        string seen = limit is null ? $"{Backlog} cannot be read here (it is the host's)" : $"{Backlog} = {limit}";
        return limit < ports
            ? Verdict.Limited(
                $"{seen}, and a broadcast on {network} is handed to {ports} ports at once",
                "some nodes do not get it, nor ARP requests where addresses are learnt", Remedies.Sysctl(f, Backlog, Math.Max(UsualBacklog, 2 * ports)))
            : Verdict.Ok(needs.Lab is null ? seen : $"{seen}; on {network} {ports} ports get one at once");
    }

    private static Verdict LearntNeighbours(Findings f, Needs needs)
    {
        long entries = (long)needs.LearningNodes * needs.LearningNodes;
        long? limit = f.Number(Neighbours);
        string seen = limit is null ? "the limit cannot be read here (it is the host's)" : $"{Neighbours} = {limit}";
        if (entries == 0)
        {
            return Verdict.Ok($"{seen}; {(needs.Lab is null ? "smaller networks need none" : "this lab needs none")}");
        }

        return limit >= Math.Min(entries, PlentyOfNeighbours)
            ? Verdict.Ok($"{seen}; up to {entries} are needed")
            : Verdict.Limited(
                $"{seen}, and up to {entries} are needed if all speak to all; one for each other node that a node has spoken to in the last seconds",
                "past the limit packets go nowhere, in other labs and on the host, too",
                [
                    $"no more than {Planning.LabPlan.MaxNodesWithPermanentNeighbours} nodes on a network, or:",
                    .. Remedies.Sysctl(f, Neighbours, Math.Min(entries * 2, PlentyOfNeighbours)),
                ]);
    }
}
