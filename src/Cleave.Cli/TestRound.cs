using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Cli;

/// <summary>Runs scenarios, each in a lab of its own, some at once.</summary>
internal sealed class TestRound(LabTopology topology, string text, TestCommand.Options options, Terminal terminal, UserSignals signals)
{
    private static readonly TimeSpan ShowLimit = TimeSpan.FromSeconds(2);

    private readonly ConcurrentBag<(PlannedRun Run, ScenarioResult Result)> _done = [];
    private readonly Lock _lock = new();
    private volatile bool _stopped;

    /// <summary>Until there are no more, one does not pass and that is to be the last, or the user ends it.</summary>
    /// <returns>Those that have an end, in the order in which they were planned.</returns>
    public async Task<ImmutableArray<(PlannedRun Run, ScenarioResult Result)>> RunAsync(IEnumerable<PlannedRun> planned)
    {
        using IEnumerator<PlannedRun> runs = planned.GetEnumerator();
        await Task.WhenAll(Enumerable.Range(0, options.Jobs).Select(_ => Task.Run(() => WorkAsync(runs))));
        return [.. _done.OrderBy(d => d.Run.Number)];
    }

    private async Task WorkAsync(IEnumerator<PlannedRun> runs)
    {
        while (Next(runs) is { } run)
        {
            try
            {
                ScenarioResult result = await RunOneAsync(run);
                _done.Add((run, result));
                _stopped |= options.StopsAtFailure && result.Verdict != Verdict.Passed;
                SayEnd(run, result);
            }
            catch (Exception e) when (e is CleaveException or OperationCanceledException && signals.Received)
            {
                return; // the lab was killed before we had spoken to it
            }
            catch
            {
                _stopped = true;
                throw;
            }
        }
    }

    private PlannedRun? Next(IEnumerator<PlannedRun> runs)
    {
        lock (_lock)
        {
            return !_stopped && !signals.Received && runs.MoveNext() ? runs.Current : null;
        }
    }

    private void SayEnd(PlannedRun run, ScenarioResult result)
    {
        if (options.Quiet || (options.Jobs == 1 && !options.Repeats))
        {
            return;
        }

        int missed = _done.Count(d => d.Result.Verdict != Verdict.Passed);
        string seconds = result.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
        string which = options.Repeats ? $"{run.Scenario.Name}, run {run.Repetition}" : run.Scenario.Name;
        terminal.Say($"{which}: {result.Verdict.ToString().ToLowerInvariant()} after {seconds} s; of {_done.Count} so far {(missed == 0 ? "all passed" : $"{missed} did not pass")}");
    }

    private async Task<ScenarioResult> RunOneAsync(PlannedRun planned)
    {
        RunFolder? run = null;
        DateTimeOffset started = DateTimeOffset.UtcNow;
        try
        {
            ScenarioResult result = (await RunInLabAsync(planned, () => (run = TryBegin(planned))?.Order)) with { Seed = planned.Seed, Started = started };
            return run is null ? SecretMask.Of(topology, OwnEnvironment.Read()).Apply(result) : TryFinish(run, result);
        }
        catch (CleaveException e) when (e is InputException or MachineException)
        {
            run?.Discard();
            throw;
        }
        finally
        {
            run?.Dispose();
        }
    }

    private PacketsKept Packets() => options.Packets && topology.Packets == PacketsKept.Never ? PacketsKept.OnFailure : topology.Packets;

    /// <summary>A scenario can run where nothing can be written.</summary>
    private RunFolder? TryBegin(PlannedRun planned)
    {
        try
        {
            return RunFolder.Begin(topology, planned.Scenario, planned.Seed, OwnEnvironment.Read(), TimeProvider.System, Packets());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"warning: nothing is recorded of this run: {e.Message}");
            return null;
        }
    }

    private static ScenarioResult TryFinish(RunFolder run, ScenarioResult result)
    {
        try
        {
            return run.Finish(result);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            Console.Error.WriteLine($"warning: the end of this run is not recorded: {e.Message}");
            return run.Shown(result);
        }
    }

    private async Task<ScenarioResult> RunInLabAsync(PlannedRun planned, Func<RunOrder?> run)
    {
        // A program's end is the scenario's to judge here.
        var start = new LabOptions(UpCommand.HostCommand()) { Supervise = false, Gateway = options.Gateway, Run = run };
        Lab started;
        try
        {
            started = await Lab.StartAsync(topology, text, start, signals.First);
        }
        catch (CleaveException e) when (e is not (InputException or MachineException))
        {
            return Broken(planned, e);
        }

        await using Lab lab = started;
        using IDisposable watched = signals.Watch(lab);
        if (options.ShowsEvents)
        {
            terminal.Say($"scenario {planned.Scenario.Name}, lab {lab.Record.Id}");
            UpCommand.SayUplink(lab.Uplink, terminal);
        }

        using var stopShowing = new CancellationTokenSource();
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task showing = options.ShowsEvents ? ShowAsync(lab, shown, stopShowing.Token) : Task.CompletedTask;
        ScenarioResult result;
        try
        {
            result = await lab.Client.TestAsync(planned.Scenario.Name, CancellationToken.None);
        }
        catch (CleaveException e) when (e is not (InputException or MachineException))
        {
            result = Broken(planned, e);
        }

        if (options.Keep && result.Verdict is (Verdict.Failed or Verdict.Inconclusive) && !signals.Received)
        {
            await lab.DetachAsync(CancellationToken.None);
            result = result with { Lab = lab.Record.Id };
            await Task.WhenAny(showing, shown.Task, Task.Delay(ShowLimit));
            await stopShowing.CancelAsync();
        }
        else
        {
            await lab.StopAsync();
        }

        await showing;
        return result;
    }

    private static ScenarioResult Broken(PlannedRun planned, CleaveException e) =>
        new(planned.Scenario.Name, Verdict.Error, e.Message, 0, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Until the lab ends, or it is cancelled.</summary>
    /// <param name="lab">What happens there is shown.</param>
    /// <param name="shown">Completed when the end of the scenario has been shown.</param>
    /// <param name="cancel">Ends it.</param>
    private async Task ShowAsync(Lab lab, TaskCompletionSource shown, CancellationToken cancel)
    {
        try
        {
            await foreach (LabEvent happened in lab.Client.EventsAsync(cancel))
            {
                terminal.Write(happened);
                if (happened.Step is { Verb: "scenario", Seconds: not null })
                {
                    shown.TrySetResult();
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The lab lives on.
        }
    }
}
