using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.Names;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>The one place where faults are switched: what is in force, and the kernel's table that says the same.</summary>
internal sealed class FaultSwitch(LabTopology topology, Executor executor, EventHub hub)
{
    private volatile NameFaults _names = NameFaults.None;
    private readonly Lock _lock = new();
    private FaultsInForce _inForce = FaultsInForce.None(topology);
    private readonly EvidenceBook _book = new(topology);
    private CutRuleset _rules = CutRuleset.Healed with { WatchesBridges = topology.HasNoEgress };
    private CounterReading _undecided = CounterReading.Nothing;

    /// <summary>The names that fail.</summary>
    public NameFaults Names => _names;

    /// <summary>Told of every change of them, before anyone learns that it is done.</summary>
    public Action<NameFaults>? NamesChanged { get; set; }

    /// <summary>Told of every fault that has ended, with what was counted while it was in force; in the order they began, before anyone learns that it is done.</summary>
    public Action<WindowEvidence>? Ended { get; set; }

    public FaultsInForce InForce
    {
        get
        {
            lock (_lock)
            {
                return _inForce;
            }
        }
    }

    /// <summary>Puts a fault in force, or heals.</summary>
    public void Apply(Fault fault)
    {
        fault = Draw(fault);
        Switch(now => now.With(fault), FaultText.Describe(fault));
    }

    /// <summary>Puts a fault in force until the scope is disposed of.</summary>
    public Scope Begin(Fault.Loss fault)
    {
        fault = (Fault.Loss)Draw(fault);
        object scope = new();
        Switch(now => now.BeginScope(fault, scope), FaultText.Describe(fault));
        return new Scope(() => Switch(now => now.EndScope(scope), $"end of {FaultText.Describe(fault)}"));
    }

    /// <inheritdoc cref="EvidenceBook.Expect"/>
    public void Expect(int from, int to, bool isRefused)
    {
        lock (_lock)
        {
            _book.Expect(from, to, isRefused);
        }
    }

    /// <summary>What has been counted of the faults in force until now.</summary>
    public ImmutableArray<WindowEvidence> Windows()
    {
        lock (_lock)
        {
            return _rules.IsHealed ? [] : _book.Now(_inForce, _rules, executor.ReadCounters(_rules).Since(_undecided), MonotonicClock.Now);
        }
    }

    /// <summary>What is cut, for <c>cleave status</c>.</summary>
    /// <param name="isBrief">Without the pairs.</param>
    public FaultStatus Status(bool isBrief = false) => isBrief ? FaultReport.Brief(InForce, topology) : FaultReport.Of(InForce, topology);

    /// <summary>What a fault would do now.</summary>
    public FaultPreview Preview(Fault fault)
    {
        lock (_lock)
        {
            return FaultPreview.Of(_inForce, _rules, Draw(fault), topology);
        }
    }

    private static Fault Draw(Fault fault) => fault.Drawn(() => Random.Shared.Next());

    private void Switch(Func<FaultsInForce, FaultsInForce> change, string text)
    {
        lock (_lock)
        {
            FaultsInForce after = change(_inForce);
            CutRuleset rules = CutRuleset.Of(after.Cuts, topology, _rules.Generation + 1) with { WatchesBridges = _rules.WatchesBridges };
            double from = hub.At;
            ImmutableArray<WindowEvidence> ended = Turn(after, rules);
            double to = hub.At;
            NameFaults names = after.Names;
            if (!(names.IsEmpty && _names.IsEmpty))
            {
                _names = names;
                NamesChanged?.Invoke(names);
            }

            hub.Publish(new LabEvent(default, EventKind.Fault, null, $"{text}: {FaultReport.Count(after, topology)}")
            {
                Fault = FaultReport.Mark(text, from, to, after, topology),
            });
            foreach (WindowEvidence window in ended)
            {
                hub.Publish(new LabEvent(default, EventKind.Fault, null, window.Sentence) { Evidence = window });
                Ended?.Invoke(window);
            }
        }
    }

    /// <summary>
    /// Turns the rules over and reads what the old ones have counted. A packet that was past the rules that cut when they turned over is counted behind
    /// them by the new ones; so what passed until the end of the turn is taken off.
    /// </summary>
    private ImmutableArray<WindowEvidence> Turn(FaultsInForce after, CutRuleset rules)
    {
        (Operation.ReplaceCuts done, TurnEdges edges) = executor.Turn(new Operation.ReplaceCuts(_rules, rules));
        rules = done.After;
        CounterReading undecided = executor.ReadPassed(rules);
        edges = edges with { By = MonotonicClock.Now };
        CounterReading counted = executor.ReadCounters(_rules).Since(_undecided);
        executor.CleanUp(done);
        ImmutableArray<WindowEvidence> ended = _book.Turn(_inForce, _rules, counted, after, edges);
        (_inForce, _rules, _undecided) = (after, rules, undecided);
        return ended;
    }

    internal sealed class Scope(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
