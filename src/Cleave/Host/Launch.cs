using System.Globalization;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>
/// The program of a node from a start that somebody asked for to its last end: waits for its turn, runs, and runs again as the file says.
/// </summary>
/// <remarks>Waiting → Starting → Ready → (Restarting → Starting …) → Stopped or Ended. Only <see cref="LiveAsync"/> goes from one to the next.</remarks>
internal sealed partial class Launch : IDisposable
{
    private readonly RunningLab _lab;
    private readonly NodeRunner _runner;
    private readonly Join? _join;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private TaskCompletionSource? _hurry; // set while it waits
    private TaskCompletionSource _executed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Child? _child; // this and the rest: under the lock
    private ExitStatus? _exit;
    private NodeState _state = NodeState.Waiting;
    private bool _stopAsked;
    private bool _endAsked;
    private int _signalSent;
    private int _restarts;

    public Launch(RunningLab lab, NodeRunner runner, Join? join)
    {
        (_lab, _runner, _join) = (lab, runner, join);

        // Someone may never ask for it; an unobserved failure is no crash.
        _ = _ready.Task.ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    /// <summary>Completes when it is ready for the first time, fails with a sentence for the user when it will not be.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when the program has ended for good, and its end has been reported.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>The join that its end concerns; null if that is the lab.</summary>
    public Join? Join => _join is { IsKept: false } ? _join : null;

    private Node Node => _runner.Node;

    /// <summary>All that others may know, from one moment.</summary>
    public (NodeState State, Child? Child, ExitStatus? Exit, int Restarts) Now
    {
        get
        {
            lock (_lock)
            {
                return (_state, _exit is null ? _child : null, _exit, _restarts);
            }
        }
    }

    /// <summary>How the program ended if it did so by itself and for good.</summary>
    public ExitStatus? OwnEnd => Now is { State: NodeState.Ended, Exit: { } exit } ? exit : null;

    /// <summary>Starts it, at once if nothing is to be waited for.</summary>
    /// <param name="inOrder">Whether it waits for what the file says it is started after.</param>
    public void Begin(bool inOrder) => Done = LiveAsync(inOrder);

    /// <summary>No longer waits, be it for others or for the next restart; completes when the program has been executed.</summary>
    public Task HurryAsync()
    {
        lock (_lock)
        {
            _hurry?.TrySetResult();
            return _executed.Task;
        }
    }

    /// <summary>From now on its end is one that was asked for, and the last; nothing is started any more.</summary>
    public void ExpectStop()
    {
        lock (_lock)
        {
            _stopAsked = _endAsked = true;
        }

        _stopping.Cancel();
    }

    /// <summary>The next end is one that was asked for if it comes of this signal.</summary>
    public void ExpectEnd(int signal)
    {
        lock (_lock)
        {
            _signalSent = signal;
            _endAsked |= signal is Libc.SIGHUP or Libc.SIGINT or Libc.SIGQUIT or Libc.SIGABRT or Libc.SIGKILL or Libc.SIGTERM;
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task LiveAsync(bool inOrder)
    {
        try
        {
            if (inOrder && !await WaitForOthersAsync())
            {
                return;
            }

            for (int inRow = 0; ; inRow++)
            {
                await _runner.UntilResumedAsync(_stopping.Token);
                long start = _lab.Clock.GetTimestamp();
                (ExitStatus status, bool executed) = await RunOnceAsync();
                if (_lab.Clock.GetElapsedTime(start) >= RestartRule.Settled)
                {
                    inRow = 0;
                }

                if (NextDelay(status, executed, inRow) is not { } delay)
                {
                    Finish(status, executed);
                    return;
                }

                Tell($"ended with {status}; started again in {Duration.Format(delay)}", ProgramEdge.Restarting, status);
                await PauseAsync(Task.Delay(delay, _lab.Clock, _stopping.Token));
            }
        }
        catch (OperationCanceledException)
        {
            SetState(NodeState.Stopped);
            _ready.TrySetException(new CleaveException($"{Node.Name} was ended before it was ready"));
        }
        finally
        {
            _executed.TrySetResult();
        }
    }

    /// <summary>False: what it waits for will not come.</summary>
    private async Task<bool> WaitForOthersAsync()
    {
        Task[] others = [.. _runner.Others(Join)];
        if (Array.TrueForAll(others, o => o.IsCompletedSuccessfully))
        {
            return true;
        }

        _lab.Hub.Publish(EventKind.Node, Node.Name,
            $"waits for {string.Join(", ", Node.After.Select(a => $"{a.Node} ({a.Until.ToString().ToLower(CultureInfo.InvariantCulture)})"))}");
        try
        {
            await PauseAsync(Task.WhenAll(others));
            return true;
        }
        catch (CleaveException e)
        {
            string reason = $"{Node.Name} is not started: {e.Message}";
            _lab.Hub.Publish(EventKind.Node, Node.Name, reason);
            _ready.TrySetException(new CleaveException(reason, e));
            return false;
        }
    }

    /// <summary>Waits for the condition, for somebody in a hurry, or for the order to stop.</summary>
    private async Task PauseAsync(Task condition)
    {
        var hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _hurry = hurry;
            if (_executed.Task.IsCompleted)
            {
                _executed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        await await Task.WhenAny(condition, hurry.Task).WaitAsync(_stopping.Token);
        lock (_lock)
        {
            _hurry = null;
        }
    }

    private async Task<(ExitStatus Status, bool Executed)> RunOnceAsync()
    {
        var readiness = Node.Ready is { } ready ? new Readiness(_lab, _runner, ready, _runner.Log.Count) : null;
        Child child;
        try
        {
            child = Execute();
        }
        catch (LinuxException e)
        {
            _ready.TrySetException(new CleaveException($"{Node.Name}: {e.Message}", e));
            var never = new ExitStatus(e.Errno == Libc.ENOENT ? 127 : 126, 0);
            Tell(e.Message, ProgramEdge.Failed, never);
            return (never, false);
        }

        _executed.TrySetResult();
        Tell($"started: {Node.Run}", ProgramEdge.Started, null);
        _runner.Reach(Milestone.Started);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task watching = WatchReadyAsync(readiness, running.Token); // first: without a condition it is ready now, even if it has ended already
        ExitStatus status = await child.Exit;
        await _lab.Output.CatchUpAsync(); // what it printed last explains its end
        if (readiness?.WasSaid() == true)
        {
            BecomeReady();
        }

        await running.CancelAsync();
        await watching;
        return (status, true);
    }

    private Child Execute()
    {
        (Descriptor output, Descriptor input) = Descriptor.Pipe();
        Child child;
        using (input)
        {
            SpawnRequest request = _lab.ProgramOf(_runner) with { Output = input, Error = input };
            try
            {
                lock (_lock)
                {
                    _stopping.Token.ThrowIfCancellationRequested();
                    _child = child = _lab.Thread.Run(() => _runner.Room.Start(request, _lab.Children));
                    (_state, _exit, _endAsked, _signalSent) = (NodeState.Starting, null, false, 0);
                }
            }
            catch
            {
                output.Dispose();
                throw;
            }
        }

        _runner.Forget(child);
        _lab.Output.Read(output, _runner.Log.Open());
        return child;
    }

    /// <summary>Notes the end and says when it is started again; null: not at all.</summary>
    private TimeSpan? NextDelay(ExitStatus status, bool executed, int inRow)
    {
        lock (_lock)
        {
            _exit = status;
            TimeSpan? delay = _stopAsked || !executed ? null : Node.Restart?.DelayBefore(status.ShellCode, inRow);
            bool asked = _endAsked || (status.Signal != 0 && status.Signal == _signalSent);
            _state = delay is not null ? NodeState.Restarting : asked ? NodeState.Stopped : NodeState.Ended;
            _restarts += delay is null ? 0 : 1;
            return delay;
        }
    }

    private void Finish(ExitStatus status, bool executed)
    {
        if (executed)
        {
            Tell($"ended with {status}", Now.State == NodeState.Ended ? ProgramEdge.Ended : ProgramEdge.Stopped, status);
        }

        _ready.TrySetException(new CleaveException($"{Node.Name} ended with {status} before it was ready{_runner.Tail()}"));
        if (Now.State == NodeState.Ended)
        {
            _runner.ReachEnd(status);
            _lab.NodeEnded(_runner, status);
        }
    }

    private void Tell(string text, ProgramEdge edge, ExitStatus? status)
    {
        int? pid;
        lock (_lock)
        {
            pid = edge == ProgramEdge.Failed ? null : _child?.Pid;
        }

        _lab.Hub.Publish(new LabEvent(default, EventKind.Node, Node.Name, text) { Program = new ProgramMark(edge, pid, status?.ShellCode) });
    }

    private void SetState(NodeState state)
    {
        lock (_lock)
        {
            _state = state;
        }
    }
}
