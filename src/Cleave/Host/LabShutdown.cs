using Cleave.Linux;

namespace Cleave.Host;

/// <summary>
/// The end of all that runs in a lab, as of a machine that shuts down: every program gets the signal that its node says, everything else TERM, and
/// what has not ended after the grace, KILL.
/// </summary>
internal static class LabShutdown
{
    private const int Everyone = -1; // all but PID 1, which we are
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns when all has ended, its output has been handed on, and every end is known; or when even KILL has not helped for 2 s.</summary>
    public static async Task RunAsync(RunningLab lab)
    {
        foreach (NodeRunner node in lab.Nodes)
        {
            node.Launch?.ExpectStop();
        }

        long start = lab.Clock.GetTimestamp();
        NodeRunner[] special = [.. lab.Nodes.Where(n => n.Node.Stop != Topology.StopRule.Default)];
        Ask(special);
        Task removed = Task.Run(() => NodeFolders.RemoveEmptyAsync(lab)); // done when every program's end is known
        await UntilEndedAsync(lab, special, start);
        await Task.WhenAny(removed, Task.Delay(Grace));
        await lab.Output.CatchUpAsync();
    }

    private static void Ask(NodeRunner[] special)
    {
        var own = new HashSet<int>();
        foreach (NodeRunner node in special)
        {
            foreach (LabProcess process in node.ProgramProcesses())
            {
                own.Add(process.Pid);
                _ = Libc.kill(process.Pid, node.Node.Stop.Signal);
            }
        }

        if (own.Count == 0)
        {
            _ = Libc.kill(Everyone, Libc.SIGTERM);
        }
        else
        {
            KillAll(Libc.SIGTERM, own);
        }

        _ = Libc.kill(Everyone, Libc.SIGCONT); // a paused process takes no other signal
    }

    private static async Task UntilEndedAsync(RunningLab lab, NodeRunner[] special, long start)
    {
        TimeSpan last = special.Select(n => n.Node.Stop.Grace).Append(Grace).Max();
        Task programs = Task.WhenAll(lab.Nodes.Select(n => n.Ended));
        await Task.WhenAny(programs, Task.Delay(Often)); // mostly that is all, and sooner
        while (OthersRun(lab))
        {
            TimeSpan elapsed = lab.Clock.GetElapsedTime(start);
            if (elapsed > last + Grace)
            {
                return;
            }

            if (elapsed > last)
            {
                _ = Libc.kill(Everyone, Libc.SIGKILL);
            }
            else if (special.Length > 0 && elapsed > Grace)
            {
                KillLate(lab, special, elapsed);
            }

            await Task.Delay(Often);
        }
    }

    /// <summary>KILL to all whose time is over, while others have more.</summary>
    private static void KillLate(RunningLab lab, NodeRunner[] special, TimeSpan elapsed)
    {
        HashSet<int> spared = [.. Inits(lab), .. special.Where(n => n.Node.Stop.Grace >= elapsed).SelectMany(n => n.ProgramProcesses()).Select(p => p.Pid)];
        KillAll(Libc.SIGKILL, spared);
    }

    private static void KillAll(int signal, HashSet<int> spared)
    {
        foreach (LabProcess process in NodeProcesses.All())
        {
            if (process.Pid != Environment.ProcessId && !spared.Contains(process.Pid))
            {
                _ = Libc.kill(process.Pid, signal);
            }
        }
    }

    /// <summary>Whether a process is left besides this one and the nodes' PIDs 1, which ignore TERM.</summary>
    private static bool OthersRun(RunningLab lab)
    {
        HashSet<int> ours = [Environment.ProcessId, .. Inits(lab)];
        return Directory.EnumerateDirectories("/proc")
            .Any(d => int.TryParse(Path.GetFileName(d.AsSpan()), out int pid) && !ours.Contains(pid));
    }

    /// <summary>With its PID 1 a node's other processes would end, too.</summary>
    private static IEnumerable<int> Inits(RunningLab lab) => lab.Nodes.Select(n => n.Room.Init?.Pid ?? 0);
}
