using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>How many of something there can be.</summary>
internal static class LimitChecks
{
    // BR_MAX_PORTS of net/bridge/br_private.h is 1024, and port 0 is not used.
    private const int PortsOfABridge = 1023;
    private const int UsualSoftFiles = 1024;
    private const string Neighbours = "net.ipv4.neigh.default.gc_thresh3";

    public static ImmutableArray<Check> All { get; } =
    [
        new("files", Area.Limits, "open files", "the lab host has some for itself and for each node; it may have as many as the hard limit", Files),
        new("processes", Area.Limits, "processes", "PID 1 of each node, and what runs in it", Processes),
        new("bridge-ports", Area.Limits, "ports of a bridge", "one for each node of a network", Ports),
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
            ("kernel.pid_max", f.Number("kernel.pid_max") ?? long.MaxValue, $"sudo sysctl -w kernel.pid_max={Generous(needs.Processes * 4)}"),
            ("kernel.threads-max", f.Number("kernel.threads-max") ?? long.MaxValue, $"sudo sysctl -w kernel.threads-max={Generous(needs.Processes * 4)}"),
        ];
        (string name, long limit, string remedy) = limits.MinBy(l => l.Limit);
        return limit < needs.Processes
            ? Verdict.Missing($"{name}: {limit}, and about {needs.Processes} are needed", $"no lab of {needs.Nodes} nodes can run", remedy)
            : Verdict.Ok(limit == long.MaxValue ? "no limit" : $"{name}: {limit}; about {needs.Processes} are needed");
    }

    private static Verdict Ports(Findings f, Needs needs) => needs.LargestNetwork > PortsOfABridge
        ? Verdict.Missing(
            $"{PortsOfABridge}, and {needs.LargestNetworkName} has {needs.LargestNetwork} nodes",
            "this lab cannot run",
            $"no more than {PortsOfABridge} nodes on one network; the kernel's number cannot be changed (BR_MAX_PORTS)")
        : Verdict.Ok(needs.Lab is null ? $"{PortsOfABridge}, on every kernel" : $"{PortsOfABridge}; {needs.LargestNetworkName} has {needs.LargestNetwork} nodes");

    private static Verdict LearntNeighbours(Findings f, Needs needs)
    {
        long entries = (long)needs.LearningNodes * needs.LearningNodes;
        long? limit = f.Number(Neighbours);
        string seen = limit is null ? "the limit cannot be read here (it is the host's)" : $"{Neighbours} = {limit}";
        if (entries == 0)
        {
            return Verdict.Ok($"{seen}; {(needs.Lab is null ? "smaller networks need none" : "this lab needs none")}");
        }

        return entries <= limit
            ? Verdict.Ok($"{seen}; up to {entries} are needed")
            : Verdict.Limited(
                $"{seen}, and up to {entries} are needed if all speak to all",
                "past the limit packets go nowhere, in other labs and on the host, too",
                [$"no more than {Planning.LabPlan.MaxNodesWithPermanentNeighbours} nodes on a network, or:", .. Remedies.Sysctl(f, Neighbours, entries * 2)]);
    }
}
