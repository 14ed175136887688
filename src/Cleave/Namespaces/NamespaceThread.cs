using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Namespaces;

/// <summary>
/// The one thread that changes namespaces. Work given to it may unshare or join namespaces (network, mount, PID, UTS, IPC);
/// it goes home before it takes the next work and before anyone learns of the result.
/// </summary>
/// <remarks>
/// A thread made while its maker is abroad would stay abroad for ever (and cannot be made at all after joining a PID namespace), so
/// work must not start threads or tasks: system calls only. The lab host runs with a tiered compilation that never ends its first thread and without
/// background collection for that reason: the runtime would start its own threads from whichever thread is at hand.
/// </remarks>
internal sealed class NamespaceThread : IDisposable
{
    private const int All = Libc.CLONE_NEWNET | Libc.CLONE_NEWNS | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWPID;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public NamespaceThread()
    {
        _thread = new Thread(Loop, maxStackSize: 1 << 20) { IsBackground = true, Name = "namespaces" };
        _thread.Start();
    }

    /// <summary>What the runtime of a process with such a thread has to be told before it starts.</summary>
    public static void PrepareRuntime(IDictionary<string, string?> env)
    {
        // It compiles again what has run often, on a thread that it starts when it first thinks of that, and anew when that has ended: by whatever
        // thread is at hand. With a delay of 24 days the first, started long before there are namespaces, does not end. (Without tiers there is
        // none, but all that is compiled while a lab starts is compiled with great care: 60 ms more.)
        env["DOTNET_TieredCompilation"] = "1";
        env["DOTNET_TC_CallCountingDelayMs"] = "7FFFFFFF"; // hexadecimal
        env["DOTNET_TieredPGO"] = "0";
        env["DOTNET_gcConcurrent"] = "0";

        // Its debugger's pipes and socket would stay in /tmp when it is killed.
        env["DOTNET_EnableDiagnostics"] = "0";
    }

    /// <summary>Runs the work on the thread and waits for it.</summary>
    public T Run<T>(Func<T> work)
    {
        if (Thread.CurrentThread == _thread)
        {
            return work();
        }

        T result = default!;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? error = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                error = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                GoHome();
                done.Set();
            }
        });
        done.Wait();
        error?.Throw();
        return result;
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action work) => Run(() =>
    {
        work();
        return 0;
    });

    /// <summary>Joins namespaces that a process is in (setns(2) with a pidfd, Linux 5.8). Only inside <see cref="Run{T}"/>.</summary>
    public static void Join(Descriptor process, int kinds) =>
        LinuxException.Check(Libc.setns(process.Fd, kinds), "join the node's namespaces");

    /// <summary>Joins a network namespace. Only inside <see cref="Run{T}"/>.</summary>
    public static void JoinNetwork(Descriptor network) =>
        LinuxException.Check(Libc.setns(network.Fd, Libc.CLONE_NEWNET), "join the node's network namespace");

    /// <summary>Moves the thread into new namespaces. Only inside <see cref="Run{T}"/>.</summary>
    public static void Unshare(int kinds, string what)
    {
        if (Libc.unshare(kinds) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new LinuxException(
                errno == Libc.ENOSPC ? $"make {what} (the limits are in /proc/sys/user/max_*_namespaces)" : $"make {what}", errno);
        }
    }

    /// <summary>Back to the lab host's own namespaces, in the middle of work. Only inside <see cref="Run{T}"/>.</summary>
    public static void GoHome()
    {
        using Descriptor self = Descriptor.OfProcess(Libc.getpid());
        if (Libc.setns(self.Fd, All) != 0)
        {
            // Nothing that runs on this thread from now on would be where it believes to be.
            Environment.FailFast($"the namespace thread cannot return home: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Loop()
    {
        InheritableCapabilities.Drop(); // every program of the lab is started from here

        // A mount namespace can be changed only by a thread that shares its working directory and root with no other.
        LinuxException.Check(Libc.unshare(Libc.CLONE_FS), "give the namespace thread a working directory of its own");
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
