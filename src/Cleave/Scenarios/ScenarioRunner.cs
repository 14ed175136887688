using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <summary>Runs one scenario in a lab: step by step, healed at the start and at the end, whatever happens between.</summary>
internal sealed partial class ScenarioRunner
{
    private readonly RunningLab _lab;
    private readonly Scenario _scenario;
    private readonly ConcurrentDictionary<string, string> _saved = new(StringComparer.Ordinal);
    private readonly ImmutableArray<NodeRunner> _nodes;
    private string? _unasked;

    private ScenarioRunner(RunningLab lab, Scenario scenario)
    {
        (_lab, _scenario) = (lab, scenario);
        _nodes = [.. lab.Topology.Nodes.Select(n => lab.Node(n.Name))];
    }

    /// <summary>Waits until all nodes are ready, runs the steps, heals.</summary>
    public static async Task<ScenarioResult> RunAsync(RunningLab lab, string name, CancellationToken cancel)
    {
        Scenario scenario = lab.Topology.Scenarios.FirstOrDefault(s => s.Name == name)
            ?? throw new InputException($"there is no scenario '{name}' in {lab.Topology.File}");
        long start = lab.Clock.GetTimestamp();
        var runner = new ScenarioRunner(lab, scenario);
        (Verdict verdict, string? failure) = await runner.JudgeAsync(cancel);
        lab.Hub.Publish(EventKind.Step, null, failure is null ? $"scenario {name}: passed" : $"scenario {name}: {verdict}: {failure}");
        return new ScenarioResult(
            name, verdict, failure, lab.Clock.GetElapsedTime(start).TotalSeconds, runner._saved.ToImmutableSortedDictionary(StringComparer.Ordinal));
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
            await _lab.WaitUntilReadyAsync(stop.Token);
            _lab.Faults.Apply(new Fault.Heal());

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
            return (Verdict.Failed, _unasked ?? e.Message);
        }
        catch (Exception e) when (e is CleaveException or LinuxException)
        {
            return (Verdict.Failed, e.Message);
        }
        finally
        {
            _lab.Judge = null;
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

    private async Task RunAsync(Step step, long[] logsFrom, CancellationToken cancel)
    {
        if (step.Name is { } name)
        {
            _lab.Hub.Publish(EventKind.Step, null, name);
        }

        switch (step)
        {
            case Step.Apply s:
                Try(s, () => _lab.Faults.Apply(Resolve(s.Fault)));
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
                await ExpectAsync(s, cancel);
                break;
            case Step.WaitLog s:
                await WaitLogAsync(s, logsFrom, cancel);
                break;
            default:
                throw new InvalidOperationException($"nobody runs {step.GetType().Name}");
        }
    }

    private async Task DuringAsync(Step.During step, long[] logsFrom, CancellationToken cancel)
    {
        FaultSwitch.Scope scope = Try(step, () => _lab.Faults.Begin(Resolve(step.Fault)));
        using (scope)
        {
            Task time = step.For is { } length ? Task.Delay(length, cancel) : Task.CompletedTask;
            await RunAllAsync(step.Steps, logsFrom, cancel);
            await time;
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

    private async Task WaitLogAsync(Step.WaitLog step, long[] logsFrom, CancellationToken cancel)
    {
        int number = FaultPairs.Index(step.Node, _lab.Topology);
        var pattern = new Regex(step.Pattern, RegexOptions.CultureInvariant);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(step.Within);
        try
        {
            await _nodes[number].Log.WaitForAsync(pattern.IsMatch, logsFrom[number], limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Failed(step, $"expected a line that matches /{step.Pattern}/ in the log of {step.Node} within {Duration.Format(step.Within)}, saw none{_nodes[number].Tail()}");
        }
    }

    private long[] LogPlaces() => [.. _nodes.Select(n => n.Log.Count)];

    private StepFailedException Failed(Step step, string what)
    {
        string file = Path.GetFileName(_lab.Topology.File);
        return new StepFailedException($"{file}:{step.At}: {(step.Name is null ? "" : $"{step.Name}: ")}{what}");
    }

    /// <summary>Runs something whose failure is the step's.</summary>
    private T Try<T>(Step step, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (CleaveException e) when (e is not StepFailedException)
        {
            throw Failed(step, e.Message);
        }
    }

    private void Try(Step step, Action action) => Try(step, () =>
    {
        action();
        return 0;
    });

    private Fault Resolve(Fault fault) => fault switch
    {
        Fault.Isolate f => new Fault.Isolate(Resolve(f.Nodes)),
        Fault.Split f => new Fault.Split([.. f.Clusters.Select(Resolve)]),
        Fault.Disjoint f => new Fault.Disjoint([.. f.Clusters.Select(Resolve)]),
        Fault.Cut f => f with { From = Resolve(f.From), To = Resolve(f.To) },
        Fault.Mend f => f with { From = Resolve(f.From), To = Resolve(f.To) },
        _ => fault,
    };

    private ImmutableArray<string> Resolve(ImmutableArray<string> names) => [.. names.SelectMany(n => Resolve(n).Split(' ', ',', '\n').Where(p => p.Length > 0))];

    /// <summary>The text with its saved values in place.</summary>
    private string Resolve(string text) => SavedReference().Replace(text, m =>
        _saved.TryGetValue(m.Groups["name"].Value, out string? value)
            ? value.Trim()
            : throw new CleaveException($"{m.Value} is used before a step has saved it"));

    [GeneratedRegex(@"\$\{save\.(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SavedReference();
}
