using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Probes;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Probes, which ask through the rest of the scenario and judge nothing.</content>
internal sealed partial class ScenarioRunner
{
    // Each waits for its answer for nearly a second, with a socket.
    private const int MostAsked = 400;

    private readonly CancellationTokenSource _probing = new();
    private readonly List<Task> _probes = []; // this and the next: under a lock of it
    private readonly HashSet<Location> _asking = [];

    private void StartProbe(Step.Measure step)
    {
        ImmutableArray<(int From, int To)> pairs = [.. from a in Nodes(step, step.From) from to in Nodes(step, step.To) where a != to select (a, to)];
        Probe by = Try(step, () => Resolve(step.By));
        if (pairs.IsEmpty)
        {
            throw Failed(step, "there is nobody to ask", Now(), []);
        }

        if (pairs.Length / step.Every.TotalSeconds > MostAsked)
        {
            throw Failed(step, $"{pairs.Length} pairs every {Duration.Format(step.Every)} are more than {MostAsked} questions a second, which is the limit", Now(), []);
        }

        lock (_probes)
        {
            if (!_asking.Add(step.At))
            {
                return; // of a step that is repeated the first time is enough
            }

            _probes.AddRange(pairs.Select(p => Task.Run(() => AskOnAsync(step, p.From, p.To, by))));
        }
    }

    /// <summary>No more questions; those that are open get their time, or nobody would know what they have met.</summary>
    private async Task StopProbesAsync()
    {
        await _probing.CancelAsync();
        Task[] probes;
        lock (_probes)
        {
            probes = [.. _probes];
        }

        await Task.WhenAll(probes);
    }

    private async Task AskOnAsync(Step.Measure step, int from, int to, Probe by)
    {
        string pair = $"{Name(from)} to {Name(to)}";
        string name = step.Name is null ? $"{pair} by {CheckSentence.How(by)}" : $"{step.Name}: {pair}";
        var open = new List<Task>();
        using var timer = new PeriodicTimer(step.Every, _lab.Clock);
        try
        {
            do
            {
                open.RemoveAll(o => o.IsCompleted);
                open.Add(AskAndTellAsync(name, from, to, by)); // not waited for: the next question is not late because this one is not answered
            }
            while (await timer.WaitForNextTickAsync(_probing.Token));
        }
        catch (OperationCanceledException)
        {
            // The scenario is over.
        }

        await Task.WhenAll(open);
    }

    private async Task AskAndTellAsync(string name, int from, int to, Probe by)
    {
        double sent = _lab.Hub.At;
        try
        {
            int? status = null;
            Reachability outcome;
            if (by is Probe.Http http)
            {
                HttpMet met = await AskAsync(from, to, http, Patience, _lab.Ending);
                (outcome, status) = (met.Reach, met.Reach == Reachability.Reachable && met.Trouble is null ? met.Status : null);
                outcome = met.Trouble is not null ? Reachability.Unreachable : status >= 400 ? Reachability.Refused : outcome;
            }
            else
            {
                outcome = await ProbeAsync(from, to, by, _lab.Ending);
            }

            double took = _lab.Hub.At - sent;
            _lab.Hub.Publish(new LabEvent(default, EventKind.Probe, null, CheckSentence.Word(outcome))
            {
                Probe = new ProbeSample(name, Name(from), Name(to), Math.Round(sent, 6), outcome, outcome == Reachability.Unreachable ? null : Math.Round(took, 6), status),
            });
        }
        catch (OperationCanceledException)
        {
            // Nobody wants to know any more.
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or Linux.LinuxException)
        {
            _lab.Hub.Publish(new LabEvent(default, EventKind.Lab, Name(from), $"probe {name}: {e.Message}"));
        }
    }
}
