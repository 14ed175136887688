using System.Collections.Immutable;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>
/// What counts packets that come out behind all rules, in tables of its own: whatever it is, and by no knowledge of who is cut from whom. Which of it should
/// have been lost is found out by who reads it. It stands where packets leave the fabric for receivers of a cut, so that packets to others meet none of it;
/// for the outside, behind the hooks by which cuts of it are made.
/// </summary>
internal static class EvidenceExits
{
    private const string Table = EvidenceRules.Table;
    private const string Passed = "passed";

    private static readonly TableFamily[] Families = [TableFamily.Netdev, TableFamily.Bridge, TableFamily.Inet];

    public static IEnumerable<CounterSet> SetsOf(CutRuleset rules)
    {
        foreach (CutPart part in Watched(rules))
        {
            foreach (bool isIPv6 in rules.Families)
            {
                CutSetKind kind = OutsideCut.IsOne(part)
                    ? isIPv6 ? CutSetKind.IPv6Ends : CutSetKind.IPv4Ends
                    : isIPv6 ? CutSetKind.IPv6Arrivals : CutSetKind.IPv4Arrivals;
                yield return new(Counted.Passed, part.Number, FamilyOf(rules, part), Table, kind, $"{Passed}{(isIPv6 ? 6 : 4)}-{rules.Suffix(part)}");
            }
        }
    }

    /// <summary>The chain that counts what passes of a part's traffic.</summary>
    public static string Chain(CutRuleset rules, CutPart part) => $"{Passed}{rules.Suffix(part)}";

    /// <summary>The old ones count no more.</summary>
    public static IEnumerable<TableChange> Flush(CutRuleset before) => Exits(before).Select(e => new TableChange.FlushChain(e.Family, e.Chain) { Table = Table });

    /// <summary>The new ones begin to count.</summary>
    public static ImmutableArray<TableChange> Watch(CutRuleset before, CutRuleset after)
    {
        var turn = ImmutableArray.CreateBuilder<TableChange>();
        turn.AddRange(Families.Where(f => Has(after, f) && !Has(before, f)).Select(f => new TableChange.AddTable(f) { Table = Table }));
        turn.AddRange(SetsOf(after).Select(EvidenceRules.Make));
        foreach (CutPart part in Watched(after))
        {
            turn.Add(new TableChange.AddChain(FamilyOf(after, part), Chain(after, part)) { Table = Table });
            foreach (CutRule rule in SetsOf(after).Where(s => s.Part == part.Number).SelectMany(s => Counting(part, s)))
            {
                Add(FamilyOf(after, part), Chain(after, part), rule);
            }
        }

        foreach (Exit exit in Exits(after))
        {
            turn.Add(exit.Ports is { } ports
                ? new TableChange.AddEgress(exit.Chain, ports) { Table = Table }
                : new TableChange.AddBase(exit.Chain, exit.Hook) { Family = exit.Family, Table = Table, IsBehind = true });
            if (exit.Of == CutPartKind.Packets && exit.Ports is null && after.HasTrunks)
            {
                Add(exit.Family, exit.Chain, new CutRule.AcceptTrunks(Trunk.Prefix));
            }

            if (exit.Ports is not null && after.Parts.Any(p => p.Kind == CutPartKind.Answers))
            {
                Add(exit.Family, exit.Chain, new CutRule.AcceptOwn()); // answers, which have the receiver's address
            }

            foreach (CutPart part in Watched(after).Where(p => Place(p) == exit.Of).OrderBy(p => p.Traffic is null))
            {
                turn.AddRange(part.Traffic is null
                    ? [new TableChange.AddRule(exit.Family, exit.Chain, new CutRule.Jump(Chain(after, part))) { Table = Table }]
                    : CutSwitch.Jumps(exit.Family, exit.Chain, part.Traffic, Chain(after, part)).Select(j => j with { Table = Table }));
            }
        }

        return turn.ToImmutable();

        void Add(TableFamily family, string chain, CutRule rule) => turn.Add(new TableChange.AddRule(family, chain, rule) { Table = Table });
    }

    /// <summary>What is behind the rules goes, sets too.</summary>
    public static IEnumerable<TableChange> CleanUp(CutRuleset before, CutRuleset after)
    {
        foreach (TableFamily family in Families.Where(f => Has(before, f)))
        {
            if (!Has(after, family))
            {
                yield return new TableChange.DeleteTable(family) { Table = Table };
                continue;
            }

            string[] chains = [.. Watched(before).Where(p => FamilyOf(before, p) == family).Select(p => Chain(before, p))];
            foreach (TableChange change in (TableChange[])
            [
                .. Exits(before).Where(e => e.Family == family).Select(e => new TableChange.DeleteChain(family, e.Chain)),
                .. chains.Select(c => new TableChange.FlushChain(family, c)),
                .. chains.Select(c => new TableChange.DeleteChain(family, c)),
                .. SetsOf(before).Where(s => s.Family == family).Select(s => new TableChange.DeleteSet(family, s.Kind, s.Name)),
            ])
            {
                yield return change with { Table = Table };
            }
        }
    }

    /// <summary>A packet is done with when it is counted; one that comes to the next rule was not, since the set is full.</summary>
    private static CutRule[] Counting(CutPart part, CounterSet set)
    {
        bool isIPv6 = EvidenceRules.IsIPv6(set.Kind);
        if (part.Kind == CutPartKind.Host)
        {
            return [new CutRule.CountPublished(set.Name, isIPv6, IsToNode: true), new CutRule.CountPublished(set.Name, isIPv6, IsToNode: false)];
        }

        CutRule[] count = [new CutRule.Count(set.Name, set.Kind) { Returns = true }, new CutRule.CountMissed(isIPv6)];
        return isIPv6 && set.Kind == CutSetKind.IPv6Arrivals ? [new CutRule.AcceptDiscovery(), .. count] : count;
    }

    private static IEnumerable<Exit> Exits(CutRuleset rules) =>
    [
        .. !Watched(rules).Any(p => Place(p) == CutPartKind.Packets) ? []
            : rules.WatchesBridges ? [new Exit(TableFamily.Bridge, CutPartKind.Packets, $"forward{rules.Generation}", Hook.Forward, null)]
            : CutSwitch.PortsOfChains(rules.Parts.SelectMany(p => p.Watched))
                .Select((ports, i) => new Exit(TableFamily.Netdev, CutPartKind.Packets, $"out{rules.Generation}.{i}", default, ports)),
        .. from part in Watched(rules)
           where OutsideCut.IsOne(part)
           group part by part.Kind into kind
           from hook in kind.Key == CutPartKind.Host ? [Hook.Output, Hook.Input] : (Hook[])[Hook.Forward]
           select new Exit(OutsideCut.Family(kind.First()), kind.Key, $"{hook.ToString().ToLowerInvariant()}{rules.Generation}", hook, null),
    ];

    private static bool Has(CutRuleset rules, TableFamily family) => Watched(rules).Any(p => FamilyOf(rules, p) == family);

    private static TableFamily FamilyOf(CutRuleset rules, CutPart part) =>
        OutsideCut.IsOne(part) ? OutsideCut.Family(part) : rules.WatchesBridges ? TableFamily.Bridge : TableFamily.Netdev;

    /// <summary>Parts of one place are watched by the same chains.</summary>
    private static CutPartKind Place(CutPart part) => OutsideCut.IsOne(part) ? part.Kind : CutPartKind.Packets;

    /// <summary>One part for each place and traffic.</summary>
    private static IEnumerable<CutPart> Watched(CutRuleset rules) =>
        rules.HasLostExits ? [] : rules.Parts.Where(p => p.Kind != CutPartKind.Answers).DistinctBy(p => (p.Traffic, Place(p)));

    /// <summary>A base chain where packets leave.</summary>
    /// <param name="Family">Its family.</param>
    /// <param name="Of">Which parts' packets.</param>
    /// <param name="Chain">Its name.</param>
    /// <param name="Hook">Where it stands; of no meaning with ports.</param>
    /// <param name="Ports">The ports at whose egress it stands; null: at the hook.</param>
    private sealed record Exit(TableFamily Family, CutPartKind Of, string Chain, Hook Hook, ImmutableArray<string>? Ports);
}
