using System.Collections.Immutable;
using System.Globalization;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Evidence;

/// <summary>What the counters of a fault prove, in numbers and in a sentence.</summary>
internal static class Judgement
{
    /// <summary>Of so many pairs all are listed, of more those that something was counted of.</summary>
    public const int MostPairs = 256;

    private const int MostNamed = 4;

    /// <summary>Judges a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="topology">The lab.</param>
    /// <param name="now">The time, for one that lasts.</param>
    public static WindowEvidence Of(OpenWindow window, LabTopology topology, long now)
    {
        (int From, int To)[] cut = [.. PairsOf(window.Pairs), .. OutsidePairsOf(window.OutsidePairs)];
        var counted = cut.Where(window.Counted.ContainsKey).ToDictionary(p => p, p => Evidence(p, window.Counted[p], window.IsOpen, topology));
        Tally lost = Sum(counted.Values.Select(p => p.Lost)), leaked = Sum(counted.Values.Select(p => p.Leaked));
        bool IsProven((int From, int To) pair) =>
            counted.TryGetValue(pair, out PairEvidence? seen) && (seen.Attempted.Packets > 0 || (seen.Probes > 0 && window.IsExpected(pair)));
        EvidenceVerdict verdict = window switch
        {
            _ when leaked.Packets > 0 => EvidenceVerdict.Leaked,
            { IsGone: true } => EvidenceVerdict.Unknown,
            { Fault.Demand: TrafficDemand.EveryPair } => cut.All(IsProven) ? EvidenceVerdict.Proven : EvidenceVerdict.Silent,
            _ when cut.Any(IsProven) => EvidenceVerdict.Proven,
            { Fault.Demand: TrafficDemand.None } => EvidenceVerdict.NotAsked,
            _ => EvidenceVerdict.Silent,
        };
        long end = window.End?.By ?? now;
        double seconds = (end - window.Begin.By) / 1e9;
        ImmutableArray<PairEvidence> pairs =
        [
            .. cut.Length > MostPairs
                ? counted.OrderBy(p => p.Key).Select(p => p.Value)
                : cut.Select(p => counted.TryGetValue(p, out PairEvidence? seen) ? seen : Evidence(p, OpenWindow.Counts.None, isOpen: false, topology)),
        ];
        var evidence = new WindowEvidence(
            FaultText.Describe(window.Fault), verdict, "", new(window.Begin.After, window.Begin.By, window.End?.After, window.End?.By), seconds,
            lost.Plus(leaked), lost, leaked, cut.Length, pairs)
        {
            Probes = counted.Values.Sum(p => p.Probes),
            ToMany = window.ToMany,
            Incomplete = window.IsIncomplete,
        };
        return evidence with { Sentence = Say(evidence, [.. cut.Where(p => !IsProven(p))], window, topology) };
    }

    private static PairEvidence Evidence((int From, int To) pair, OpenWindow.Counts counts, bool isOpen, LabTopology topology)
    {
        Tally leaked = counts.AllLeaked, lost = isOpen ? counts.Lost.Minus(leaked) : counts.Lost;
        return new(Name(topology, pair.From), Name(topology, pair.To), lost.Plus(leaked), lost, leaked) { Probes = counts.Probes };
    }

    private static Tally Sum(IEnumerable<Tally> tallies) => tallies.Aggregate(Tally.None, (a, b) => a.Plus(b));

    private static string Say(WindowEvidence seen, (int From, int To)[] silent, OpenWindow window, LabTopology topology)
    {
        string time = $"in {seen.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
        string least = seen.Incomplete ? "at least " : "";
        string more = seen.Incomplete ? "; the count is incomplete: more pairs spoke than there are counters" : "";
        switch (seen.Verdict)
        {
            case EvidenceVerdict.Leaked:
                PairEvidence[] leaking = [.. seen.Pairs.Where(p => p.Leaked.Packets > 0)];
                return $"{seen.Fault}: {least}{Packets(seen.Leaked.Packets)} of {seen.Attempted.Packets} passed although cut, {time}: "
                    + $"{List([.. leaking.Select(p => $"{p.From} -> {p.To} {p.Leaked.Packets} of {p.Attempted.Packets}")])}; "
                    + $"was a rule changed in the fabric, or is there another way between them?{more}";
            case EvidenceVerdict.Unknown:
                return $"{seen.Fault}: its counters were taken away while it was in force, so that nobody knows what passed; "
                    + $"did somebody change the tables {Planning.CutSwitch.Table} and {Planning.EvidenceRules.Table} in the fabric?";
            case EvidenceVerdict.Silent:
                return $"{seen.Fault}: {Silence(seen, silent, topology)} {time}; {Reason(seen, silent, window, topology)}{more}";
            default:
                string probes = seen.Probes == 0 ? "" : $", beside {seen.Probes} of Cleave's own probes";
                string told = seen.Verdict == EvidenceVerdict.NotAsked ? ", as `traffic: none` allows" : "";
                int active = seen.Pairs.Count(p => p.Attempted.Packets > 0);
                return $"{seen.Fault}: {least}{Packets(seen.Attempted.Packets)} attempted over {active} of {seen.PairCount} {(seen.PairCount == 1 ? "pair" : "pairs")}, "
                    + $"{seen.Lost.Packets} lost, {seen.Leaked.Packets} leaked, {time}{probes}{told}{more}";
        }
    }

    private static string Silence(WindowEvidence seen, (int From, int To)[] silent, LabTopology topology)
    {
        string of = silent.Length == seen.PairCount ? "" : $" {silent.Length} of";
        return silent switch
        {
            [var only] => $"{Name(topology, only.From)} sent nothing to {Name(topology, only.To)}",
            [var one, var other] when one == (other.To, other.From) => $"{Name(topology, one.From)} and {Name(topology, one.To)} sent each other nothing",
            _ => $"nothing was sent over{of} its {seen.PairCount} pairs ({List([.. silent.Select(p => $"{Name(topology, p.From)} -> {Name(topology, p.To)}")])})",
        };
    }

    /// <summary>Why it may have been silent, the likeliest first.</summary>
    private static string Reason(WindowEvidence seen, (int From, int To)[] silent, OpenWindow window, LabTopology topology)
    {
        Node[] nodes = [.. new[] { silent[0].From, silent[0].To }.Where(n => n < topology.Nodes.Length).Select(n => topology.Nodes[n])];
        string[] shared = nodes is [var a, var b] ? [.. a.Attachments.Select(x => x.Network).Intersect(b.Attachments.Select(x => x.Network))] : [];
        string likely = seen.Probes > 0 ? "only Cleave's own probes were lost, which prove it where the scenario expects `unreachable` between the two."
            : window.Fault is Fault.Cut { Network: { } only } && shared.Length > 1 ? $"do they talk over {Quote.Choices([.. shared.Where(n => n != only)])}?"
            : window.Fault.Manner.Traffic is { } traffic ? $"does it send {traffic} at all?"
            : seen.ToMany > 0 ? "only broadcasts and multicasts were lost, which are for no single node."
            : nodes is [{ Run: null } idle, ..] && idle.Ports.IsEmpty ? $"{idle.Name} has no program: does anything run in it?"
            : "is it running? does it talk over another network?";
        return $"{likely} Where silence is meant, say `traffic: none`";
    }

    private static string List(string[] items) => items.Length <= MostNamed
        ? string.Join(", ", items)
        : $"{string.Join(", ", items[..(MostNamed - 1)])} and {items.Length - MostNamed + 1} more";

    private static string Packets(long count) => count == 1 ? "1 packet" : $"{count} packets";

    private static string Name(LabTopology topology, int end) => end < topology.Nodes.Length ? topology.Nodes[end].Name : OutsideEnds.All[end - topology.Nodes.Length];

    private static IEnumerable<(int From, int To)> OutsidePairsOf(PairSet pairs)
    {
        int outside = pairs.Nodes - 1;
        for (int end = 0; end < pairs.Networks; end++)
        {
            for (int node = 0; node < outside; node++)
            {
                if (pairs.Contains(end, outside, node))
                {
                    yield return (outside + end, node);
                }

                if (pairs.Contains(end, node, outside))
                {
                    yield return (node, outside + end);
                }
            }
        }
    }

    private static IEnumerable<(int From, int To)> PairsOf(PairSet pairs)
    {
        for (int from = 0; from < pairs.Nodes; from++)
        {
            ulong[] row = new ulong[(pairs.Nodes + 63) / 64];
            for (int network = 0; network < pairs.Networks; network++)
            {
                ReadOnlySpan<ulong> more = pairs.Row(network, from);
                for (int i = 0; i < row.Length; i++)
                {
                    row[i] |= more[i];
                }
            }

            for (int to = 0; to < pairs.Nodes; to++)
            {
                if ((row[to / 64] >> (to % 64) & 1) != 0)
                {
                    yield return (from, to);
                }
            }
        }
    }
}
