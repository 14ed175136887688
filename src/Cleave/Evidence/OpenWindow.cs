using Cleave.Faults;
using Cleave.Planning;

namespace Cleave.Evidence;

/// <summary>A fault in force, and what has been counted of it so far.</summary>
internal sealed class OpenWindow(Fault.Loss fault, PairSet pairs, PairSet outside, TurnEdges begin)
{
    private readonly Dictionary<(int From, int To), Counts> _counts = [];
    private readonly HashSet<(int From, int To)> _expected = [];

    public Fault.Loss Fault => fault;

    /// <summary>All that it has ever cut.</summary>
    public PairSet Pairs { get; private set; } = pairs;

    /// <summary>The same between nodes and the outside.</summary>
    public PairSet OutsidePairs { get; private set; } = outside;

    public TurnEdges Begin => begin;

    /// <summary>When it was last in force no more; null: it is.</summary>
    public TurnEdges? End { get; set; }

    public IReadOnlyDictionary<(int From, int To), Counts> Counted => _counts;

    public long ToMany { get; private set; }

    public bool IsIncomplete { get; private set; }

    public bool IsGone { get; private set; }

    /// <summary>Whether packets that were counted as lost may have leaked.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the scenario expects that this pair cannot speak.</summary>
    public bool IsExpected((int From, int To) pair) => _expected.Contains(pair);

    public void Expect(int from, int to) => _ = _expected.Add((from, to)) && _expected.Add((to, from));

    public OpenWindow Copy()
    {
        var copy = new OpenWindow(fault, Pairs, OutsidePairs, begin) { End = End, ToMany = ToMany, IsIncomplete = IsIncomplete, IsGone = IsGone, IsOpen = IsOpen };
        foreach (((int, int) pair, Counts counts) in _counts)
        {
            copy._counts.Add(pair, counts);
        }

        copy._expected.UnionWith(_expected);
        return copy;
    }

    /// <summary>Adds what was counted while the rules were in force.</summary>
    /// <param name="layer">What the fault cut then.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="reading">Their counters.</param>
    /// <param name="ends">Who speaks to whom.</param>
    public void Add(FaultsInForce.Layer layer, CutRuleset rules, CounterReading reading, PacketEnds ends)
    {
        Pairs = Pairs.Union(layer.Pairs);
        OutsidePairs = OutsidePairs.Union(layer.Outside);
        ToMany += reading.ToMany;
        IsIncomplete |= reading.Missed > 0;
        IsGone |= reading.IsGone;
        IsOpen |= reading.IsOpen;
        foreach (FlowCount flow in reading.Flows)
        {
            (Traffic? traffic, CutPartKind kind) = (rules.Parts[flow.Part].Traffic, rules.Parts[flow.Part].Kind);
            if (flow.What == Planning.Counted.Passed ? Equals(traffic, fault.Manner.Traffic) : Overlap(traffic, fault.Manner.Traffic))
            {
                Add(layer, flow, ends, kind);
            }
        }
    }

    private void Add(FaultsInForce.Layer layer, FlowCount flow, PacketEnds ends, CutPartKind kind)
    {
        if (ends.OfOutside(flow, kind) is not ({ } pair, { } plane))
        {
            Add(layer.Pairs, flow, ends.Of(flow));
        }
        else if (layer.Outside.Contains(plane, Math.Min(pair.From, layer.Outside.Nodes - 1), Math.Min(pair.To, layer.Outside.Nodes - 1)))
        {
            Count(pair, c => flow.What switch
            {
                Planning.Counted.Lost => c with { Lost = c.Lost.Plus(flow.Count) },
                Planning.Counted.Passed => c with { Leaked = c.Leaked.Plus(flow.Count) },
                _ => c with { Probes = c.Probes + flow.Count.Packets },
            });
        }
    }

    private void Add(PairSet now, FlowCount flow, PacketEnds.Ends ends)
    {
        bool isOnNetwork = ends is { Network: { } network, Near: { } near, Far: { } far } && now.Contains(network, near, far);
        if (flow.What != Planning.Counted.Passed)
        {
            // It was lost: that no pair of this fault fits means that another fault lost it.
            foreach ((int From, int To) pair in ends.Pairs.Where(p => Cuts(now, ends.Network, p)).Take(1))
            {
                Count(pair, c => flow.What == Planning.Counted.Probes ? c with { Probes = c.Probes + flow.Count.Packets }
                    : c with { Lost = c.Lost.Plus(flow.Count), LostLate = ends.IsPassedOn ? c.LostLate.Plus(flow.Count) : c.LostLate });
            }
        }
        else if (isOnNetwork)
        {
            Count(ends.Pairs.First(p => Cuts(now, ends.Network, p)), c => c with { Leaked = c.Leaked.Plus(flow.Count) });
        }
        else if (ends is { Origin: { } from, Target: { } to } && from != to && IsRouted(now, from, to))
        {
            // Seen at the first router, or where it arrives, or at both.
            if (ends.Far == to)
            {
                Count((from, to), c => c with { Arrived = c.Arrived.Plus(flow.Count) });
            }
            else if (!ends.IsPassedOn)
            {
                Count((from, to), c => c with { Left = c.Left.Plus(flow.Count) });
            }
        }
    }

    private static bool Cuts(PairSet pairs, int? network, (int From, int To) pair) =>
        (network is { } on && pairs.Contains(on, pair.From, pair.To)) || IsRouted(pairs, pair.From, pair.To);

    private static bool IsRouted(PairSet pairs, int from, int to)
    {
        int routed = pairs.Networks - 1;
        return pairs.HasRouted && pairs.Contains(routed, from, to);
    }

    private void Count((int From, int To) pair, Func<Counts, Counts> change) => _counts[pair] = change(_counts.GetValueOrDefault(pair, Counts.None));

    /// <summary>Whether a packet can be of both.</summary>
    private static bool Overlap(Traffic? a, Traffic? b) => a is null || b is null || a.Classes.Any(x => b.Classes.Any(y =>
        x.Protocol == y.Protocol
        && (x.Ports.IsEmpty || y.Ports.IsEmpty || x.Ports.Any(p => y.Ports.Any(q => p.First <= q.Last && q.First <= p.Last)))));

    /// <summary>What was counted of a pair.</summary>
    /// <param name="Lost">Lost, wherever.</param>
    /// <param name="LostLate">Of these, those that a router had passed on.</param>
    /// <param name="Leaked">Passed between the two.</param>
    /// <param name="Left">Passed at the first router between the two.</param>
    /// <param name="Arrived">Passed behind the last router between the two.</param>
    /// <param name="Probes">Cleave's own that were lost.</param>
    internal sealed record Counts(Tally Lost, Tally LostLate, Tally Leaked, Tally Left, Tally Arrived, long Probes)
    {
        public static Counts None { get; } = new(Tally.None, Tally.None, Tally.None, Tally.None, Tally.None, 0);

        /// <summary>A packet that left by the first router and was lost behind it has not leaked; one that arrived has.</summary>
        public Tally AllLeaked
        {
            get
            {
                Tally left = Left.Minus(LostLate);
                return Leaked.Plus(left.Packets > Arrived.Packets ? left : Arrived);
            }
        }
    }
}
