using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>What a set of counters counts.</summary>
internal enum Counted
{
    /// <summary>Packets that a part of the cut table has lost.</summary>
    Lost,

    /// <summary>Those of them that were Cleave's own probes.</summary>
    Probes,

    /// <summary>Packets that came out behind all rules.</summary>
    Passed,
}

/// <summary>A set of counters, filled by the packets themselves.</summary>
/// <param name="What">What it counts.</param>
/// <param name="Part">The number of the part; of what has passed: of the first part with this traffic.</param>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Kind">What its keys are.</param>
/// <param name="Name">Its name.</param>
internal sealed record CounterSet(Counted What, int Part, TableFamily Family, string Table, CutSetKind Kind, string Name);

/// <summary>
/// What counts the packets that a cut loses. Each part loses them in a chain of its own, which counts them by both ports and both addresses, and in the rule
/// behind that loses them, so that a full set opens nothing. All sets are new with every switch.
/// </summary>
internal static class EvidenceRules
{
    public const string Table = "cleave-evidence";

    /// <summary>Most elements of a set, which is what the kernel gives a set that rules fill and that says nothing.</summary>
    public const int MostCounters = 65_535;

    /// <summary>
    /// The code point that Cleave's own probes have in the field DS of their packets (RFC 2474), by which they are told from what programs send: of the pool for
    /// local use.
    /// </summary>
    public const byte ProbeCodePoint = 0x2b;

    /// <summary>All sets of a state of the table.</summary>
    public static IEnumerable<CounterSet> SetsOf(CutRuleset rules) => [.. rules.Parts.SelectMany(p => LossSetsOf(rules, p)), .. EvidenceExits.SetsOf(rules)];

    /// <summary>The requests that make those of what is lost.</summary>
    public static IEnumerable<TableChange.AddSet> Make(CutRuleset rules) => rules.Parts.SelectMany(p => LossSetsOf(rules, p)).Select(Make);

    public static TableChange.AddSet Make(CounterSet set) => new(set.Family, set.Kind, set.Name, 0, []) { Table = set.Table };

    /// <summary>The chain in which a part's packets end: those that programs sent are counted by pair, what else there is by itself.</summary>
    /// <param name="rules">The state of the table.</param>
    /// <param name="part">The part.</param>
    /// <param name="end">What becomes of a packet at last; it counts, too.</param>
    public static IEnumerable<TableChange> LossChain(CutRuleset rules, CutPart part, CutRule end)
    {
        TableFamily family = FamilyOf(part);
        string lost = LostChain(rules, part), probes = ProbeChain(rules, part);
        ILookup<Counted, CounterSet> sets = LossSetsOf(rules, part).ToLookup(s => s.What);
        CutRule[] first = part.Kind switch
        {
            CutPartKind.Frames => [new CutRule.DropOther(), new CutRule.DropDiscovery(), new CutRule.DropToMany()],
            CutPartKind.Packets => [new CutRule.AcceptOther(), new CutRule.AcceptDiscovery(), new CutRule.DropToMany()],
            _ => [],
        };
        if (sets[Counted.Probes].Any())
        {
            first = [.. first, .. rules.Families.Select(v6 => new CutRule.GotoOfProbe(v6, probes))];
            yield return new TableChange.AddChain(family, probes);
            foreach (CutRule rule in (CutRule[])[.. Counts(sets[Counted.Probes]), end])
            {
                yield return new TableChange.AddRule(family, probes, rule);
            }
        }

        yield return new TableChange.AddChain(family, lost);
        foreach (CutRule rule in (CutRule[])[.. first, .. Counts(sets[Counted.Lost]), end])
        {
            yield return new TableChange.AddRule(family, lost, rule);
        }

        static IEnumerable<CutRule> Counts(IEnumerable<CounterSet> sets) => sets.Select(s => new CutRule.Count(s.Name, s.Kind));
    }

    /// <summary>Whether a set of counters is of IPv6 packets.</summary>
    public static bool IsIPv6(CutSetKind kind) => kind is CutSetKind.IPv6Flows or CutSetKind.IPv6FlowsAtPort or CutSetKind.IPv6Arrivals or CutSetKind.IPv6Ends;

    /// <summary>The chains of a part, before its sets go.</summary>
    public static IEnumerable<string> ChainsOf(CutRuleset rules, CutPart part) => OutsideCut.IsOne(part) ? [LostChain(rules, part)] : [LostChain(rules, part), ProbeChain(rules, part)];

    /// <summary>The chain whose rules fill a set.</summary>
    public static string ChainOf(CutRuleset rules, CutPart part, Counted what) => what switch
    {
        Counted.Lost => LostChain(rules, part),
        Counted.Probes => ProbeChain(rules, part),
        _ => EvidenceExits.Chain(rules, part),
    };

    public static string LostChain(CutRuleset rules, CutPart part) => $"lost{rules.Suffix(part)}";

    private static string ProbeChain(CutRuleset rules, CutPart part) => $"probes{rules.Suffix(part)}";

    private static IEnumerable<CounterSet> LossSetsOf(CutRuleset rules, CutPart part)
    {
        foreach (bool isIPv6 in rules.Families)
        {
            CutSetKind kind = part.Kind switch
            {
                CutPartKind.Answers => isIPv6 ? CutSetKind.IPv6FlowsAtPort : CutSetKind.IPv4FlowsAtPort,
                CutPartKind.Host or CutPartKind.Internet => isIPv6 ? CutSetKind.IPv6Ends : CutSetKind.IPv4Ends,
                _ => isIPv6 ? CutSetKind.IPv6Flows : CutSetKind.IPv4Flows,
            };
            string suffix = $"{(isIPv6 ? 6 : 4)}-{rules.Suffix(part)}";
            string table = CutSwitch.TableOf(FamilyOf(part));
            yield return new(Counted.Lost, part.Number, FamilyOf(part), table, kind, $"lost{suffix}");
            if (!OutsideCut.IsOne(part))
            {
                yield return new(Counted.Probes, part.Number, FamilyOf(part), table, kind, $"probes{suffix}");
            }
        }
    }

    private static TableFamily FamilyOf(CutPart part) =>
        part.Kind == CutPartKind.Answers ? TableFamily.Netdev : OutsideCut.IsOne(part) ? OutsideCut.Family(part) : TableFamily.Bridge;
}
