using System.Collections.Immutable;
using Cleave.Faults;
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
/// What counts while a cut is in force. Each part loses its packets in a chain of its own, which counts them by both ports and both addresses, and in the
/// rule behind that loses them, so that a full set opens nothing. What leaves the fabric for a receiver of a cut is counted in a table of its own behind all
/// rules, whatever it is and by no knowledge of who is cut from whom: which of it should have been lost is found out by who reads it. It stands at the
/// receivers' ports, so that a packet to others meets none of it. All sets are new with every switch.
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

    private const string Passed = "passed";

    /// <summary>All sets of a state of the table.</summary>
    public static IEnumerable<CounterSet> SetsOf(CutRuleset rules)
    {
        foreach (CutPart part in rules.Parts.Where(p => !OutsideCut.IsOne(p)))
        {
            TableFamily family = FamilyOf(part);
            foreach (bool isIPv6 in rules.Families)
            {
                CutSetKind kind = (part.Kind == CutPartKind.Answers, isIPv6) switch
                {
                    (false, false) => CutSetKind.IPv4Flows,
                    (false, true) => CutSetKind.IPv6Flows,
                    (true, false) => CutSetKind.IPv4FlowsAtPort,
                    (true, true) => CutSetKind.IPv6FlowsAtPort,
                };
                yield return new(Counted.Lost, part.Number, family, CutSwitch.Table, kind, $"lost{(isIPv6 ? 6 : 4)}-{rules.Suffix(part)}");
                yield return new(Counted.Probes, part.Number, family, CutSwitch.Table, kind, $"probes{(isIPv6 ? 6 : 4)}-{rules.Suffix(part)}");
            }
        }

        foreach (CutPart part in Watched(rules))
        {
            foreach (bool isIPv6 in rules.Families)
            {
                yield return new(
                    Counted.Passed, part.Number, TableFamily.Netdev, Table, isIPv6 ? CutSetKind.IPv6Arrivals : CutSetKind.IPv4Arrivals,
                    $"{Passed}{(isIPv6 ? 6 : 4)}-{rules.Suffix(part)}");
            }
        }
    }

    /// <summary>The requests that make them.</summary>
    public static IEnumerable<TableChange.AddSet> Make(CutRuleset rules) =>
        SetsOf(rules).Select(s => new TableChange.AddSet(s.Family, s.Kind, s.Name, 0, []) { Table = s.Table });

    /// <summary>What has to be there before the sets.</summary>
    public static IEnumerable<TableChange> Tables(CutRuleset before, CutRuleset after) =>
        Watched(after).Any() && !Watched(before).Any() ? [new TableChange.AddTable(TableFamily.Netdev) { Table = Table }] : [];

    /// <summary>The chain in which a part's packets end: those that programs sent are counted by pair, what else there is by itself.</summary>
    /// <param name="rules">The state of the table.</param>
    /// <param name="part">The part.</param>
    /// <param name="end">What becomes of a packet at last; it counts, too.</param>
    public static IEnumerable<TableChange> LossChain(CutRuleset rules, CutPart part, CutRule end)
    {
        TableFamily family = FamilyOf(part);
        string lost = LostChain(rules, part);
        string probes = ProbeChain(rules, part);
        ILookup<Counted, CounterSet> sets = SetsOf(rules).Where(s => s.Part == part.Number).ToLookup(s => s.What);
        List<(string Chain, CutRule Rule)> steps =
        [
            .. sets[Counted.Probes].Select(s => (probes, (CutRule)new CutRule.Count(s.Name, s.Kind))),
            (probes, end),
            .. part.Kind switch
            {
                CutPartKind.Frames => (ReadOnlySpan<CutRule>)[new CutRule.DropOther(), new CutRule.DropDiscovery(), new CutRule.DropToMany()],
                CutPartKind.Packets => [new CutRule.AcceptOther(), new CutRule.AcceptDiscovery(), new CutRule.DropToMany()],
                _ => [],
            } is var first ? Rules(lost, first) : [],
            .. rules.Families.Select(v6 => (lost, (CutRule)new CutRule.GotoOfProbe(v6, probes))),
            .. sets[Counted.Lost].Select(s => (lost, (CutRule)new CutRule.Count(s.Name, s.Kind))),
            (lost, end),
        ];
        return
        [
            new TableChange.AddChain(family, probes),
            new TableChange.AddChain(family, lost),
            .. steps.Select(s => new TableChange.AddRule(family, s.Chain, s.Rule)),
        ];

        static IEnumerable<(string, CutRule)> Rules(string chain, ReadOnlySpan<CutRule> rules) => [.. rules.ToArray().Select(r => (chain, r))];
    }

    /// <summary>What is behind the rules turns over with them.</summary>
    public static void AddTurn(CutRuleset before, CutRuleset after, ImmutableArray<TableChange>.Builder turn)
    {
        turn.AddRange(Exits(before).Select(e => new TableChange.FlushChain(TableFamily.Netdev, e.Chain) { Table = Table }));
        CutPart[] watched = [.. Watched(after).OrderBy(p => p.Traffic is null)];
        ILookup<int, CounterSet> sets = SetsOf(after).Where(s => s.What == Counted.Passed).ToLookup(s => s.Part);
        foreach (CutPart part in watched)
        {
            // A packet is done with when it is counted; one that comes to the next rule was not, since the set is full.
            turn.Add(new TableChange.AddChain(TableFamily.Netdev, PassedChain(after, part)) { Table = Table });
            foreach (CounterSet set in sets[part.Number])
            {
                bool isIPv6 = set.Kind == CutSetKind.IPv6Arrivals;
                foreach (CutRule rule in (CutRule[])[.. isIPv6 ? [new CutRule.AcceptDiscovery()] : (CutRule[])[], new CutRule.Count(set.Name, set.Kind) { Returns = true }, new CutRule.CountMissed(isIPv6)])
                {
                    Add(PassedChain(after, part), rule);
                }
            }
        }

        foreach ((string exit, ImmutableArray<string> ports) in Exits(after))
        {
            turn.Add(new TableChange.AddEgress(exit, ports) { Table = Table });
            if (after.Parts.Any(p => p.Kind == CutPartKind.Answers))
            {
                Add(exit, new CutRule.AcceptOwn()); // answers, which have the receiver's address
            }

            foreach (CutPart part in watched)
            {
                if (part.Traffic is null)
                {
                    Add(exit, new CutRule.Jump(PassedChain(after, part)));
                }
                else
                {
                    turn.AddRange(CutSwitch.Jumps(TableFamily.Netdev, exit, part.Traffic, PassedChain(after, part)).Select(j => j with { Table = Table }));
                }
            }
        }

        void Add(string chain, CutRule rule) => turn.Add(new TableChange.AddRule(TableFamily.Netdev, chain, rule) { Table = Table });
    }

    /// <summary>The chains of a part, before its sets go.</summary>
    public static IEnumerable<string> ChainsOf(CutRuleset rules, CutPart part) => [LostChain(rules, part), ProbeChain(rules, part)];

    /// <summary>What is behind the rules goes, sets too.</summary>
    public static IEnumerable<TableChange> CleanUp(CutRuleset before, CutRuleset after)
    {
        if (!Watched(before).Any())
        {
            return [];
        }

        if (!Watched(after).Any())
        {
            return [new TableChange.DeleteTable(TableFamily.Netdev) { Table = Table }];
        }

        string[] chains = [.. Watched(before).Select(p => PassedChain(before, p))];
        return
        [
            .. Exits(before).Select(e => new TableChange.DeleteChain(TableFamily.Netdev, e.Chain) { Table = Table }),
            .. chains.Select(c => new TableChange.FlushChain(TableFamily.Netdev, c) { Table = Table }),
            .. chains.Select(c => new TableChange.DeleteChain(TableFamily.Netdev, c) { Table = Table }),
            .. SetsOf(before).Where(s => s.What == Counted.Passed).Select(s => new TableChange.DeleteSet(s.Family, s.Kind, s.Name) { Table = Table }),
        ];
    }

    /// <summary>Base chains where packets leave the fabric for receivers that they should not come to.</summary>
    private static IEnumerable<(string Chain, ImmutableArray<string> Ports)> Exits(CutRuleset rules) =>
        CutSwitch.PortsOfChains(rules.Parts.SelectMany(p => p.Watched)).Select((ports, i) => ($"out{rules.Generation}.{i}", ports));

    /// <summary>The chain whose rules fill a set.</summary>
    public static string ChainOf(CutRuleset rules, CutPart part, Counted what) => what switch
    {
        Counted.Lost => LostChain(rules, part),
        Counted.Probes => ProbeChain(rules, part),
        _ => PassedChain(rules, part),
    };

    public static string LostChain(CutRuleset rules, CutPart part) => $"lost{rules.Suffix(part)}";

    private static string ProbeChain(CutRuleset rules, CutPart part) => $"probes{rules.Suffix(part)}";

    private static string PassedChain(CutRuleset rules, CutPart part) => $"{Passed}{rules.Suffix(part)}";

    private static TableFamily FamilyOf(CutPart part) => part.Kind == CutPartKind.Answers ? TableFamily.Netdev : TableFamily.Bridge;

    /// <summary>One part for each traffic that is cut on the bridges: what passes of it is watched.</summary>
    private static IEnumerable<CutPart> Watched(CutRuleset rules) =>
        rules.Parts.Where(p => p.Kind is CutPartKind.Frames or CutPartKind.Packets).DistinctBy(p => p.Traffic);
}
