using System.Globalization;
using Cleave.Linux;

namespace Cleave.Registry;

/// <summary>The processes of a lab as the host numbers them.</summary>
public static class HostProcesses
{
    /// <summary>The lab host's process, from whoever listens on the control socket; null if nobody does.</summary>
    public static int? LabHost(LabRecord lab)
    {
        try
        {
            using UnixSocket socket = UnixSocket.Connect(lab.Socket);
            return socket.PeerPid;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>
    /// The processes that outlive all others of the lab: the lab host, whose end the kernel completes with that of everything in its PID namespace,
    /// and the unshare that is its parent and shares the lab's other namespaces, unless somebody has killed that.
    /// </summary>
    internal static IReadOnlyList<int> Last(LabRecord lab) =>
        LabHost(lab) is not { } host ? []
        : Status(host, "PPid:") is [var parent] && State(parent) is { } state && state.StartsWith("(unshare)", StringComparison.Ordinal) ? [host, parent]
        : [host];

    /// <summary>Who says that the lab is alive, by a shared lock on its file (proc_locks(5)): the command that starts it, its lab host.</summary>
    internal static IReadOnlyList<int> Holders(LabRecord lab) =>
        FileOwner.Of(lab.LockFile) is { } file ? Holders(File.ReadAllLines("/proc/locks"), file.Inode) : [];

    /// <summary>The processes of other namespaces, which have no number in ours, left out.</summary>
    internal static IReadOnlyList<int> Holders(IEnumerable<string> locks, ulong inode) =>
    [
        .. locks.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f is [_, "FLOCK", _, "READ", _, var file, ..] && file.EndsWith($":{inode}", StringComparison.Ordinal))
            .Select(f => int.Parse(f[4], CultureInfo.InvariantCulture))
            .Where(pid => pid > 0)
            .Distinct(),
    ];

    /// <summary>
    /// Whether none of these runs any more. One that only waits to be reaped, by a command that is stopped for instance, does not run; but one whose
    /// first thread is a zombie runs while another of its threads does: the last one of a lab host waits for all processes of the lab.
    /// </summary>
    internal static bool AreGone(IEnumerable<int> processes) =>
        processes.All(p => State(p) is not { } state || (state.EndsWith(") Z", StringComparison.Ordinal) && Threads(p) <= 1));

    /// <summary>Returns when the last of these ends, or when that time is over: what else is waited for has no descriptor to wait on.</summary>
    internal static async Task AwaitEndAsync(IReadOnlyList<int> processes, TimeSpan most, CancellationToken cancel)
    {
        if (processes is not [.., var last] || State(last) is null or [.., 'Z'])
        {
            await Task.Delay(most, cancel);
            return;
        }

        await Task.Run(() => AwaitEnd(last, most), cancel);
    }

    private static unsafe void AwaitEnd(int pid, TimeSpan most)
    {
        try
        {
            using var process = Descriptor.OfProcess(pid);
            ulong poll = (uint)process.Fd | (1ul << 32); // struct pollfd: the descriptor, POLLIN
            _ = Libc.poll(&poll, 1, (int)most.TotalMilliseconds);
        }
        catch (LinuxException)
        {
            // It has ended just now.
        }
    }

    private static int Threads(int pid)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Name and state, as in proc_pid_stat(5): "(sleep) S"; null if there is no such process.</summary>
    private static string? State(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.IndexOf('(', StringComparison.Ordinal)..(stat.LastIndexOf(')') + 3)];
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>For each child of the lab host, its number in the lab and on the host.</summary>
    public static IReadOnlyDictionary<int, int> Of(LabRecord lab)
    {
        var numbers = new Dictionary<int, int>();
        foreach (int child in LabHost(lab) is { } host ? Children(host) : [])
        {
            if (Inner(child) is { } inner)
            {
                numbers[inner] = child;
            }
        }

        return numbers;
    }

    /// <summary>The children of a process that each of its threads has started (proc_pid_children(5)); none if it has ended.</summary>
    internal static IReadOnlyList<int> Children(int process)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{process}/task").SelectMany(ChildrenOfThread)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static IEnumerable<int> ChildrenOfThread(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "children"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return []; // it ended while we looked; its children are another thread's now
        }
    }

    /// <summary>The second number of NSpid in proc_pid_status(5): that in the namespace below ours.</summary>
    private static int? Inner(int pid) => Numbers(pid) is [_, var inner, ..] ? inner : null;

    /// <summary>A process's numbers, from our PID namespace inwards (NSpid in proc_pid_status(5)); none if it has ended.</summary>
    internal static int[] Numbers(int pid) => Status(pid, "NSpid:");

    /// <summary>The numbers of one line of proc_pid_status(5); none if the process has ended.</summary>
    private static int[] Status(int pid, string name)
    {
        try
        {
            string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
            return [.. line[name.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // it ended while we looked
        }
    }
}
