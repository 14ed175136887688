using Cleave.Control;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Runs;

namespace Cleave.Host;

/// <content>What verbs and steps do to a node.</content>
internal sealed partial class NodeRunner
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(1);

    /// <summary>Starts the program now, whatever it would be started after; false if it runs already.</summary>
    public async Task<bool> StartAsync()
    {
        RequireProgram();
        await lab.SetUp;
        return await InTurnAsync(StartInTurnAsync);
    }

    /// <summary>Ends the program and what is left of it; false if nothing runs.</summary>
    public async Task<bool> StopAsync()
    {
        RequireProgram();
        return await InTurnAsync(StopInTurnAsync);
    }

    /// <summary>Stops the program if it runs, and starts it.</summary>
    public async Task<bool> RestartAsync()
    {
        RequireProgram();
        await lab.SetUp;
        return await InTurnAsync(async () =>
        {
            await StopInTurnAsync();
            return await StartInTurnAsync();
        });
    }

    /// <summary>KILL to all that runs in the node, or another signal to the program.</summary>
    public Task<bool> KillAsync(int signal) => InTurnAsync(async () =>
    {
        Child? child = Launch?.Now.Child;
        if (signal != Libc.SIGKILL)
        {
            if (child is not null)
            {
                Launch!.ExpectEnd(signal);
                lab.Children.Signal(child, signal);
            }

            return child is not null;
        }

        bool any = Processes().Count > 0;
        Launch?.ExpectEnd(signal);
        await SignalEveryoneAsync(Libc.SIGKILL);

        // The program itself may have been started again by then.
        await UntilAsync(() => (child is null || Launch!.Now.Child != child) && Processes(child).Count == 0, KillLimit);
        NoLongerPaused();
        return any;
    });

    /// <summary>Stops every process in one instant: the kernel sends the signal to all of a PID namespace while none can fork.</summary>
    public Task<bool> PauseAsync() => InTurnAsync(async () =>
    {
        if (IsPaused)
        {
            return false;
        }

        Volatile.Write(ref _paused, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await SignalEveryoneAsync(Libc.SIGSTOP);
        }
        catch
        {
            NoLongerPaused();
            throw;
        }

        lab.Children.Signal(Room.Init!, Libc.SIGSTOP);

        // One that has used vfork(2) sleeps in the kernel until its child, which is stopped, goes on.
        await UntilAsync(() => Processes().All(p => p.IsStopped || p.State == 'D'), PauseLimit);
        lab.Hub.Publish(new LabEvent(default, EventKind.Node, Node.Name, "paused") { Program = new ProgramMark(ProgramEdge.Paused, Launch?.Now.Child?.Pid, null) });
        return true;
    });

    /// <summary>Lets the processes of a paused node go on; false if it is not paused.</summary>
    public Task<bool> ResumeAsync() => InTurnAsync(async () =>
    {
        if (!IsPaused)
        {
            return false;
        }

        await ResumeInTurnAsync();
        lab.Hub.Publish(new LabEvent(default, EventKind.Node, Node.Name, "resumed") { Program = new ProgramMark(ProgramEdge.Resumed, Launch?.Now.Child?.Pid, null) });
        return true;
    });

    private async Task<bool> StartInTurnAsync()
    {
        if (IsPaused)
        {
            throw new CleaveException($"{Node.Name} is paused; resume it first");
        }

        if (Launch is { Done.IsCompleted: false } launch)
        {
            bool waits = launch.Now.State is NodeState.Waiting or NodeState.Restarting;
            await launch.HurryAsync();
            return waits;
        }

        Begin(inOrder: false);
        return true;
    }

    private async Task<bool> StopInTurnAsync()
    {
        Launch? launch = Launch;
        IReadOnlyList<LabProcess> processes = ProgramProcesses();
        bool changed = processes.Count > 0 || launch?.Done.IsCompleted == false;
        launch?.ExpectStop();
        foreach (LabProcess process in processes)
        {
            _ = Libc.kill(process.Pid, Node.Stop.Signal);
        }

        if (IsPaused)
        {
            await ResumeInTurnAsync(); // a stopped process does not take its signal
        }

        if (!await UntilAsync(IsGone, Node.Stop.Grace))
        {
            await UntilAsync(
                () =>
                {
                    foreach (LabProcess process in ProgramProcesses())
                    {
                        _ = Libc.kill(process.Pid, Libc.SIGKILL);
                    }

                    return IsGone();
                },
                KillLimit);
        }

        return changed;

        bool IsGone() => launch?.Done.IsCompleted != false && ProgramProcesses().Count == 0;
    }

    private async Task ResumeInTurnAsync()
    {
        await SignalEveryoneAsync(Libc.SIGCONT);
        NoLongerPaused();
    }

    private void NoLongerPaused()
    {
        lab.Children.Signal(Room.Init!, Libc.SIGCONT);
        Interlocked.Exchange(ref _paused, null)?.TrySetResult();
    }

    /// <summary>kill(2) with -1, from inside: to all of the node's PID namespace but its PID 1 and the caller.</summary>
    private async Task SignalEveryoneAsync(int signal)
    {
        try
        {
            Child killer = lab.StartAs(null, Node.Name, r => r with { FileLimit = default }, ["sh", "-c", $"kill -{signal} -1"], "/");
            await killer.Exit;
        }
        catch (LinuxException e)
        {
            throw new CleaveException($"{Node.Name}: {e.Message}", e);
        }
    }

    private async Task<bool> UntilAsync(Func<bool> condition, TimeSpan limit)
    {
        long start = lab.Clock.GetTimestamp();
        while (!condition())
        {
            if (lab.Clock.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(10);
        }

        return true;
    }

    /// <exception cref="InputException">It has none.</exception>
    public void RequireProgram()
    {
        if (Node.Run is null)
        {
            throw new InputException($"{Node.Name} has no program (no 'run' in the lab file)");
        }
    }

    private async Task<bool> InTurnAsync(Func<Task<bool>> act)
    {
        await _turn.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _turn.Release();
        }
    }
}
