using Cleave.Control;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Host;

/// <content>When the program counts as ready.</content>
internal sealed partial class Launch
{
    private long _readyBy;

    private async Task WatchReadyAsync(Readiness? readiness, CancellationToken running)
    {
        if (readiness is null)
        {
            BecomeReady();
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(running);
        limit.CancelAfter(Remaining(Node.Ready!.Within));
        try
        {
            await readiness.UntilAsync(limit.Token);
            BecomeReady();
        }
        catch (OperationCanceledException) when (!running.IsCancellationRequested)
        {
            string late = $"{Node.Name} {readiness.Missing} after {Duration.Format(Node.Ready.Within)}{readiness.Why}{_runner.Tail()}";
            if (!_ready.TrySetException(new CleaveException(late)))
            {
                _lab.Hub.Publish(EventKind.Node, Node.Name, late); // it has been ready before it was started again
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended, and that is reported.
        }
    }

    /// <summary>Restarts do not prolong the time in which it must have been ready once.</summary>
    private TimeSpan Remaining(TimeSpan within)
    {
        if (_ready.Task.IsCompleted)
        {
            return within;
        }

        _readyBy = _readyBy == 0 ? _lab.Clock.GetTimestamp() + (long)(within.TotalSeconds * _lab.Clock.TimestampFrequency) : _readyBy;
        TimeSpan left = _lab.Clock.GetElapsedTime(_lab.Clock.GetTimestamp(), _readyBy);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void BecomeReady()
    {
        lock (_lock)
        {
            if (_state != NodeState.Starting)
            {
                return;
            }

            _state = NodeState.Ready;
        }

        _ready.TrySetResult();
        _runner.Reach(Milestone.Ready);
        if (Node.Ready is not null)
        {
            Tell("ready", ProgramEdge.Ready, null);
        }
    }
}
