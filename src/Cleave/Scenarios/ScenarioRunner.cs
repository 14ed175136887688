using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Processes;

namespace Cleave.Scenarios;

/// <summary>Runs one scenario in a lab: step by step, healed at the start and at the end, whatever happens between.</summary>
internal sealed partial class ScenarioRunner : IDisposable
{
    private const int MostTails = 5;

    private readonly RunningLab _lab;
    private readonly Scenario _scenario;
    private readonly ConcurrentDictionary<string, string> _saved = new(StringComparer.Ordinal);
    private readonly ImmutableArray<NodeRunner> _nodes;
    private string? _unasked;
    private ImmutableArray<int> _concerned = [];
    private long? _began; // the first step

    private ScenarioRunner(RunningLab lab, Scenario scenario)
    {
        (_lab, _scenario) = (lab, scenario);
        _nodes = lab.Nodes;
    }

    /// <summary>Waits until all nodes are ready, runs the steps, heals.</summary>
    public static async Task<ScenarioResult> RunAsync(RunningLab lab, string name, CancellationToken cancel)
    {
        Scenario scenario = lab.Topology.Scenarios.FirstOrDefault(s => s.Name == name)
            ?? throw new InputException($"there is no scenario '{name}' in {lab.Topology.File}");
        long start = lab.Clock.GetTimestamp();
        using var runner = new ScenarioRunner(lab, scenario);
        var mark = new StepMark(name, scenario.At.ToString(), "scenario", name, null);
        lab.Hub.Publish(EventKind.Step, null, $"scenario {name} begins", mark);
        lab.Faults.Ended = runner.Take;
        (Verdict verdict, string? failure) = await runner.JudgeAsync(cancel);
        lab.Faults.Ended = null;
        lab.StopPackets();
        (verdict, failure) = verdict == Verdict.Passed && runner.Unproven() is { } doubt ? (Verdict.Inconclusive, doubt) : (verdict, failure);
        double seconds = lab.Clock.GetElapsedTime(start).TotalSeconds;
        lab.Hub.Publish(
            EventKind.Step,
            null,
            failure is null ? $"scenario {name}: passed" : $"scenario {name}: {verdict}: {failure}",
            mark with { Seconds = seconds, End = verdict.ToString().ToLowerInvariant() });
        return lab.Secrets.Apply(new ScenarioResult(name, verdict, failure, seconds, runner._saved.ToImmutableSortedDictionary(StringComparer.Ordinal))
        {
            Windows = [.. runner._windows],
            Nodes = runner._concerned.IsEmpty ? null : [.. runner._concerned.Select(runner.Name)],
        });
    }

    public void Dispose()
    {
        _sockets.Dispose();
        _probing.Dispose();
    }

    private async Task<(Verdict Verdict, string? Failure)> JudgeAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, _lab.Ending);
        _lab.Judge = Condemn;
        foreach (NodeRunner node in _nodes)
        {
            if (node.UnaskedEnd is { } status)
            {
                Condemn(node, status); // it ended before anyone judged
            }
        }

        try
        {
            WatchLogs(_scenario.Steps);
            await _lab.WaitUntilReadyAsync(stop.Token);
            _lab.Faults.Apply(new Fault.Heal());
            _began = _lab.Clock.GetTimestamp();

            // What the nodes logged while they started belongs to the first step: whether it came before or after they were ready is chance.
            await RunAllAsync(_scenario.Steps, new long[_nodes.Length], stop.Token);
            return _unasked is null ? (Verdict.Passed, null) : (Verdict.Failed, _unasked);
        }
        catch (OperationCanceledException)
        {
            return _unasked is null ? (Verdict.Error, "it was interrupted") : (Verdict.Failed, _unasked);
        }
        catch (StepFailedException e)
        {
            _concerned = _unasked is null ? e.Nodes : _concerned;
            return (Verdict.Failed, _unasked ?? e.Message);
        }
        catch (Exception e) when (e is CleaveException or LinuxException)
        {
            return (Verdict.Failed, e.Message);
        }
        finally
        {
            _lab.Judge = null;
            UnwatchLogs();
            await StopProbesAsync();
            _lab.Faults.Apply(new Fault.Heal());
        }

        void Condemn(NodeRunner node, ExitStatus status)
        {
            Interlocked.CompareExchange(
                ref _unasked, $"{node.Node.Name} ended with {status}, and nobody had asked it to{node.Tail()}", null);
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The scenario is over.
            }
        }
    }

    /// <param name="steps">In order.</param>
    /// <param name="before">Where each node's log stood when the step before began: what a wait for a log line may look back to.</param>
    /// <param name="cancel">Stops between and in steps.</param>
    private async Task RunAllAsync(ImmutableArray<Step> steps, long[] before, CancellationToken cancel)
    {
        foreach (Step step in steps)
        {
            cancel.ThrowIfCancellationRequested();
            long[] now = LogPlaces();
            await RunAsync(step, before, cancel);
            before = now;
        }
    }

    /// <summary>Runs a step and publishes its beginning and its end.</summary>
    private async Task RunAsync(Step step, long[] logsFrom, CancellationToken cancel)
    {
        var mark = new StepMark(_scenario.Name, step.At.ToString(), Verb(step), step.Name, null);
        string text = step.Name ?? $"{mark.Verb} ({step.At})";
        long start = _lab.Clock.GetTimestamp();
        _lab.Hub.Publish(EventKind.Step, null, text, mark);
        string end = "failed";
        try
        {
            await CarryOutAsync(step, logsFrom, cancel);
            end = "done";
        }
        catch (OperationCanceledException)
        {
            end = "stopped";
            throw;
        }
        finally
        {
            double seconds = _lab.Clock.GetElapsedTime(start).TotalSeconds;
            _lab.Hub.Publish(EventKind.Step, null, $"{text}: {end} after {seconds:0.0} s", mark with { Seconds = seconds, End = end });
        }
    }

    private static string Verb(Step step) => step switch
    {
        Step.Apply s => FaultOrder.For(s.Fault.Drawn(static () => 0)).Kind, // whatever is drawn later
        Step.Always { IsNever: true } => "never",
        NodeStep s => s.Verb.ToString().ToLowerInvariant(),
        Step.Measure => "probe",
        Step.WaitLog or Step.WaitReady or Step.WaitRun => "wait",
        _ => step.GetType().Name.ToLowerInvariant(),
    };

    private async Task CarryOutAsync(Step step, long[] logsFrom, CancellationToken cancel)
    {
        switch (step)
        {
            case Step.Apply s:
                Try(s, () => _lab.Faults.Apply(Draw(s, Resolve(s.Fault))));
                break;
            case Step.During s:
                await DuringAsync(s, logsFrom, cancel);
                break;
            case Step.Repeat s:
                for (int i = 0; i < s.Times; i++)
                {
                    await RunAllAsync(s.Steps, i == 0 ? logsFrom : LogPlaces(), cancel);
                }

                break;
            case Step.Parallel s:
                await ParallelAsync(s, logsFrom, cancel);
                break;
            case Step.Sleep s:
                await Task.Delay(s.Time, cancel);
                break;
            case Step.Run s:
                await RunCommandAsync(s, cancel);
                break;
            case Step.Expect s:
                await ExpectAsync(s, logsFrom, cancel);
                break;
            case Step.Always s:
                await AlwaysAsync(s, logsFrom, cancel);
                break;
            case Step.WaitReady s:
                await WaitReadyAsync(s, cancel);
                break;
            case Step.WaitRun s:
                await WaitRunAsync(s, logsFrom, cancel);
                break;
            case Step.WaitLog s:
                await WaitLogAsync(s, logsFrom, cancel);
                break;
            case Step.Measure s:
                StartProbe(s);
                break;
            case NodeStep s:
                await OrderNodesAsync(s);
                break;
            default:
                throw new InvalidOperationException($"nobody runs {step.GetType().Name}");
        }
    }

    private async Task DuringAsync(Step.During step, long[] logsFrom, CancellationToken cancel)
    {
        FaultSwitch.Scope scope = Try(step, () => _lab.Faults.Begin((Fault.Loss)Draw(step, Resolve(step.Fault))));
        using (scope)
        {
            await MeanwhileAsync(step.Steps, step.For, logsFrom, cancel);
        }
    }

    private async Task ParallelAsync(Step.Parallel step, long[] logsFrom, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        List<Task> running = [.. step.Branches.Select(b => Task.Run(() => RunAllAsync(b, logsFrom, stop.Token), CancellationToken.None))];
        Task all = Task.WhenAll(running);
        Exception? first = null;
        while (running.Count > 0)
        {
            Task done = await Task.WhenAny(running);
            running.Remove(done);
            if (done.Exception?.InnerException is { } failure && first is null)
            {
                first = failure;
                await stop.CancelAsync();
            }
        }

        _ = all.Exception; // seen, one by one
        cancel.ThrowIfCancellationRequested();
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }

    private long[] LogPlaces() => [.. _nodes.Select(n => n.Log.Count)];

    private Moment Now() => new(_began is { } began ? _lab.Clock.GetElapsedTime(began) : TimeSpan.Zero, _lab.Clock.GetUtcNow());

    private StepFailedException Failed(Step step, string what, Look look) => Failed(step, what, look.At, look.Concerned);

    /// <summary>What a step that failed says: where it stands, what went wrong and when, the last log lines of the nodes concerned.</summary>
    private StepFailedException Failed(Step step, string what, Moment at, ImmutableArray<int> nodes)
    {
        string file = Path.GetFileName(_lab.Topology.File);
        string name = step.Name is null ? "" : $"{step.Name}: ";
        return new StepFailedException($"{file}:{step.At}: {name}{what}\n({at}){Tails(nodes)}", nodes);
    }

    /// <summary>The last lines of the nodes that have a program; not of too many.</summary>
    private string Tails(ImmutableArray<int> nodes)
    {
        int[] telling = [.. nodes.Where(n => _nodes[n].Node.Run is not null)];
        string more = telling.Length > MostTails ? $"\nand {telling.Length - MostTails} nodes more: see cleave logs" : "";
        return string.Concat(telling.Take(MostTails).Select(n => "\n" + Name(n) + Tail(_nodes[n].Log.LastLines()))) + more;
    }

    private static string Tail(IReadOnlyList<string> lines) =>
        lines.Count == 0 ? " has logged nothing" : $"'s last lines:\n{string.Join('\n', lines.Select(l => "    " + l))}";

    /// <summary>Runs something whose failure is the step's.</summary>
    private T Try<T>(Step step, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (CleaveException e) when (e is not StepFailedException)
        {
            throw Failed(step, e.Message, Now(), []);
        }
    }

    private void Try(Step step, Action action) => Try(step, () =>
    {
        action();
        return 0;
    });
}
