using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>A process the lab host started.</summary>
internal sealed class Child
{
    private readonly TaskCompletionSource<ExitStatus> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Child(int pid) => Pid = pid;

    /// <summary>As the lab host sees it.</summary>
    public int Pid { get; }

    /// <summary>Completes when the process has ended.</summary>
    public Task<ExitStatus> Exit => _exit.Task;

    public void Ended(ExitStatus status) => _exit.TrySetResult(status);
}

/// <summary>
/// All children of this process: starts them, learns of their ends, and reaps orphans, which is the duty of a PID 1.
/// </summary>
/// <remarks>
/// A PID is signalled only under the lock under which it would be reaped, so that a number that the kernel has given to another process is
/// never hit. No other code of the process may wait for children (System.Diagnostics.Process would).
/// </remarks>
internal sealed class Children
{
    private readonly object _lock = new();
    private readonly Dictionary<int, Child> _children = [];

    public Children() => new Thread(Reap, maxStackSize: 1 << 18) { IsBackground = true, Name = "reaper" }.Start();

    /// <summary>Starts a program in the namespaces of the calling thread.</summary>
    /// <inheritdoc cref="Spawn.Start"/>
    public Child Start(SpawnRequest request, Descriptor? pidNamespace = null)
    {
        lock (_lock)
        {
            var child = new Child(Spawn.Start(request, pidNamespace));
            _children.Add(child.Pid, child);
            Monitor.PulseAll(_lock);
            return child;
        }
    }

    /// <summary>Takes a child that somebody else has started in our PID namespace; null if it has ended.</summary>
    public Child? Adopt(int pid)
    {
        lock (_lock)
        {
            if (Libc.kill(pid, 0) != 0)
            {
                return null;
            }

            var child = new Child(pid);
            _children.Add(pid, child);
            Monitor.PulseAll(_lock);
            return child;
        }
    }

    /// <summary>Sends a signal to the process, or with <paramref name="group"/> to its process group; nothing happens if it has ended.</summary>
    public void Signal(Child child, int signal, bool group = false)
    {
        lock (_lock)
        {
            if (_children.ContainsKey(child.Pid))
            {
                _ = Libc.kill(group ? -child.Pid : child.Pid, signal);
            }
        }
    }

    private unsafe void Reap()
    {
        while (true)
        {
            Libc.SigInfo info = default;
            if (Libc.waitid(Libc.P_ALL, 0, &info, Libc.WEXITED | Libc.WNOWAIT) != 0)
            {
                if (Marshal.GetLastPInvokeError() == Libc.ECHILD)
                {
                    WaitForChild();
                }

                continue;
            }

            Child? child;
            lock (_lock)
            {
                _children.Remove(info.Pid, out child);
                _ = Libc.waitid(Libc.P_PID, info.Pid, &info, Libc.WEXITED | Libc.WNOHANG);
            }

            const int Exited = 1; // CLD_EXITED
            child?.Ended(info.Code == Exited ? new ExitStatus(info.Status, 0) : new ExitStatus(0, info.Status));
        }
    }

    private void WaitForChild()
    {
        lock (_lock)
        {
            while (_children.Count == 0)
            {
                Monitor.Wait(_lock);
            }
        }
    }
}
