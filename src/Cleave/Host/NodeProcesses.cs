using System.Globalization;

namespace Cleave.Host;

/// <summary>A process of the lab as proc_pid_stat(5) shows it; numbers are the lab host's.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="State">R, S, D, T, t, Z and so on.</param>
/// <param name="Parent">Its parent's number.</param>
/// <param name="Session">The number of its session's leader, which may have ended.</param>
internal readonly record struct LabProcess(int Pid, char State, int Parent, int Session)
{
    /// <summary>Whether it only waits to be reaped.</summary>
    public bool IsDead => State is 'Z' or 'X';

    /// <summary>Whether a signal has stopped it.</summary>
    public bool IsStopped => State is 'T' or 't';

    /// <summary>The line of proc_pid_stat(5); null if it is none.</summary>
    public static LabProcess? Parse(string stat)
    {
        // pid (name) state ppid pgrp session …, and the name may hold anything.
        int begin = stat.IndexOf(' ', StringComparison.Ordinal);
        int end = stat.LastIndexOf(')');
        if (begin < 0 || end < begin || !int.TryParse(stat.AsSpan(0, begin), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
        {
            return null;
        }

        string[] fields = stat[(end + 1)..].Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
        return fields is [[var state], var parent, _, var session, ..]
            && int.TryParse(parent, CultureInfo.InvariantCulture, out int p) && int.TryParse(session, CultureInfo.InvariantCulture, out int s)
            ? new LabProcess(pid, state, p, s)
            : null;
    }
}

/// <summary>Which processes belong to a node, and which of them to its program.</summary>
internal static class NodeProcesses
{
    /// <summary>All processes of the lab, dead ones left out.</summary>
    public static IReadOnlyList<LabProcess> All()
    {
        var all = new List<LabProcess>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && Read(folder) is { IsDead: false } process)
            {
                all.Add(process);
            }
        }

        return all;
    }

    /// <summary>
    /// Of these processes, those of a node: what its PID 1 has adopted and what was started there, with all below; PID 1 itself is not among them.
    /// </summary>
    /// <param name="all">All processes of the lab.</param>
    /// <param name="init">PID 1 of the node.</param>
    /// <param name="started">What was started in the node directly.</param>
    public static IReadOnlyList<LabProcess> OfNode(IReadOnlyList<LabProcess> all, int init, IReadOnlySet<int> started)
    {
        Dictionary<int, int> parents = all.ToDictionary(p => p.Pid, p => p.Parent);
        return [.. all.Where(p => p.Pid != init && IsBelow(p.Pid))];

        bool IsBelow(int pid)
        {
            for (int steps = 0; steps <= all.Count; steps++)
            {
                if (pid == init || started.Contains(pid))
                {
                    return true;
                }

                if (!parents.TryGetValue(pid, out pid))
                {
                    return false;
                }
            }

            return false;
        }
    }

    /// <summary>
    /// Of a node's processes, those of its program: all but the sessions that others, <c>cleave exec</c> for instance, have begun there and what is
    /// below them. A daemon that such a session has left behind, in a session of its own, counts as the program's.
    /// </summary>
    public static IReadOnlyList<LabProcess> OfProgram(IReadOnlyList<LabProcess> node, IReadOnlySet<int> visitors)
    {
        Dictionary<int, LabProcess> byPid = node.ToDictionary(p => p.Pid);
        return [.. node.Where(p => !IsVisitor(p))];

        bool IsVisitor(LabProcess process)
        {
            for (int steps = 0; steps <= byPid.Count; steps++)
            {
                if (visitors.Contains(process.Session) || visitors.Contains(process.Pid))
                {
                    return true;
                }

                if (!byPid.TryGetValue(process.Parent, out process))
                {
                    return false;
                }
            }

            return false;
        }
    }

    private static LabProcess? Read(string folder)
    {
        try
        {
            return LabProcess.Parse(File.ReadAllText(Path.Combine(folder, "stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it ended while we looked
        }
    }
}
