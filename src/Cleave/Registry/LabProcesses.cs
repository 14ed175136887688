using System.Collections.Immutable;
using Cleave.Control;

namespace Cleave.Registry;

/// <summary>A process of a lab.</summary>
/// <param name="Node">The node whose network it has, "fabric", or null if it has made one of its own.</param>
/// <param name="HostPid">Its number on the host.</param>
/// <param name="Pid">Its number in the lab, which the fabric and net-exec see.</param>
/// <param name="NodePid">Its number in its node; null if it runs in none.</param>
/// <param name="Command">Its command line; of a process that has ended and waits to be reaped, its name in brackets.</param>
public sealed record LabProcess(string? Node, int HostPid, int Pid, int? NodePid, ImmutableArray<string> Command);

/// <summary>Finds every process of a lab, for debuggers.</summary>
public static class LabProcesses
{
    /// <summary>All of them, the lab host first, by node in the file's order and then by number.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="status">What it says of itself.</param>
    public static ImmutableArray<LabProcess> Of(LabRecord lab, LabStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (HostProcesses.LabHost(lab) is not { } host)
        {
            return [];
        }

        int[] all = [.. Below(host).Distinct()];
        var places = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (Network(host) is { } fabric)
        {
            places[fabric] = "fabric";
        }

        IReadOnlyDictionary<int, int> children = HostProcesses.Of(lab);
        foreach (NodeStatus node in status.Nodes)
        {
            if (node.Init is { } init && children.TryGetValue(init, out int pid) && Network(pid) is { } network)
            {
                places[network] = node.Name;
            }
        }

        string?[] order = ["fabric", .. status.Nodes.Select(n => n.Name), null];
        return
        [
            .. all.Select(pid => Describe(pid, places)).OfType<LabProcess>()
                .OrderBy(p => Array.IndexOf(order, p.Node)).ThenBy(p => p.Pid),
        ];
    }

    private static IEnumerable<int> Below(int process) => HostProcesses.Children(process).SelectMany(Below).Prepend(process);

    private static LabProcess? Describe(int pid, Dictionary<string, string?> places)
    {
        int[] numbers = HostProcesses.Numbers(pid);
        if (numbers.Length < 2)
        {
            return null; // it ended while we looked
        }

        string? place = Network(pid) is { } network ? places.GetValueOrDefault(network) : null;
        return new LabProcess(place, pid, numbers[1], numbers.Length > 2 ? numbers[2] : null, CommandLine(pid));
    }

    /// <summary>The network namespace of a process, as in proc_pid_ns(5); null if it has ended, or may not be looked at.</summary>
    private static string? Network(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/net").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ImmutableArray<string> CommandLine(int pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/cmdline");
            return text.Length == 0 ? [$"[{File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n')}]"] : [.. text.TrimEnd('\0').Split('\0')];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
