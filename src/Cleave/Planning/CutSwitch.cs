using System.Collections.Immutable;
using System.Net.Sockets;
using Cleave.Faults;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>
/// How one state of the cut table becomes another: sets are added, which nothing uses yet; one transaction turns the rules over; then what the old
/// rules used is deleted. If all fits into one transaction, the first two are one. What counts behind the rules comes right after the turn, since to
/// stand at a thousand ports takes the kernel longer than to cut them.
/// </summary>
/// <param name="Sets">New sets and maps with their elements.</param>
/// <param name="Turn">The switch itself: chains and rules, however many nodes there are.</param>
/// <param name="Watch">What counts what passes the new rules all the same.</param>
/// <param name="CleanUp">What is no longer used; not in the same transaction, or a packet judged by the old rules just then could miss the old sets.</param>
internal sealed record CutSwitch(
    ImmutableArray<TableChange.AddSet> Sets, ImmutableArray<TableChange> Turn, ImmutableArray<TableChange> Watch, ImmutableArray<TableChange> CleanUp)
{
    public const string Table = "cleave";
    public const string Forward = "forward";

    /// <summary>How much later what counts is asked than what cuts.</summary>
    public const int Behind = 10;

    private const string AsClosed = "as-closed";
    private const string AsFirewall = "as-firewall";
    private const int MostPorts = 250; // NFT_NETDEVICE_MAX is 256

    /// <summary>The table of a family: what passes the uplink is judged in the uplink's.</summary>
    public static string TableOf(TableFamily family) => family == TableFamily.Inet ? UplinkTableText.Table : Table;

    /// <summary>What makes the table, healed.</summary>
    public static ImmutableArray<TableChange> Create() => [new TableChange.AddTable(TableFamily.Bridge), new TableChange.AddBase(Forward, Hook.Forward)];

    public static CutSwitch From(CutRuleset before, CutRuleset after)
    {
        var turn = ImmutableArray.CreateBuilder<TableChange>();
        turn.Add(new TableChange.FlushChain(TableFamily.Bridge, Forward));
        foreach (string chain in Ingresses(before).Select(i => i.Chain))
        {
            turn.Add(new TableChange.FlushChain(TableFamily.Netdev, chain));
        }

        AddBridge(after, turn);
        AddNetdev(before, after, turn);
        OutsideCut.AddTurn(before, after, turn);
        turn.AddRange(EvidenceExits.Flush(before));
        return new([.. SetsOf(after)], turn.ToImmutable(), [.. EvidenceExits.Watch(before, after)], CleanUpOf(before, after));
    }

    /// <summary>Takes new sets away again, after a switch that did not come to its turn.</summary>
    public static ImmutableArray<TableChange> Undo(CutRuleset after) =>
        [.. SetsOf(after).Select(s => new TableChange.DeleteSet(s.Family, s.Kind, s.Set) { Table = s.Table })];

    private static void AddBridge(CutRuleset rules, ImmutableArray<TableChange>.Builder turn)
    {
        CutPart[] parts = [.. rules.Parts.Where(p => p.Kind is CutPartKind.Frames or CutPartKind.Packets)];
        if (parts.Length == 0)
        {
            return;
        }

        if (rules.HasTrunks)
        {
            Add(Forward, new CutRule.AcceptTrunks(Trunk.Prefix));
        }

        foreach (CutPart part in parts)
        {
            // What is to be lost goes to a chain of its own, so that a packet of others meets no rule about exceptions.
            turn.AddRange(EvidenceRules.LossChain(rules, part, new CutRule.Drop()));
            string chain = Forward;
            if (part.Traffic is not null)
            {
                chain = Chain(rules, part);
                turn.Add(new TableChange.AddChain(TableFamily.Bridge, chain));
                turn.AddRange(Jumps(TableFamily.Bridge, Forward, part.Traffic, chain));
            }

            AddLoss(part, rules.Suffix(part), chain);
        }

        if (rules.HasTrunks)
        {
            Add(Forward, new CutRule.ResetMark());
            Add(Forward, new CutRule.ResetPriority());
        }

        void AddLoss(CutPart part, string suffix, string chain)
        {
            string lost = EvidenceRules.LostChain(rules, part);
            if (!part.Targets.IsEmpty)
            {
                Judge(chain, part.Sources, $"source{suffix}", $"judge{suffix}",
                    [new CutRule.PriorityByPort($"target{suffix}"), new CutRule.IsCut($"cut{suffix}", lost)]);
            }

            if (!part.Destinations.IsEmpty)
            {
                Judge(chain, part.RoutedSources, $"origin{suffix}", $"leave{suffix}",
                    [.. ByDestination(part, suffix), new CutRule.IsCut($"cut{suffix}", lost)]);
                AddChain($"arrive{suffix}",
                    [.. Families(part.Origins.Select(o => o.From.AddressFamily)).Select(v6 => new CutRule.IsCutByOrigin($"from{(v6 ? 6 : 4)}-{suffix}", v6, lost))]);
                Add(chain, new CutRule.PriorityByPort($"last{suffix}", $"arrive{suffix}"));
            }
        }

        // Senders that nothing is cut from stop at one lookup; but not where ports have marks of their own already, which are in no map, and are
        // wanted until the last part has judged.
        void Judge(string chain, ImmutableArray<(Interface, int)> ports, string map, string judge, CutRule[] steps)
        {
            AddChain(judge, steps); // before whoever jumps to it
            if (!rules.HasTrunks)
            {
                Add(chain, new CutRule.MarkByPort(map, judge));
            }
            else
            {
                if (!ports.IsEmpty)
                {
                    Add(chain, new CutRule.MarkByPort(map));
                }

                Add(chain, new CutRule.Jump(judge));
            }
        }

        void AddChain(string chain, CutRule[] steps)
        {
            CutRule[] last = rules.HasTrunks ? [] : [new CutRule.ResetMark(), new CutRule.ResetPriority()];
            turn.Add(new TableChange.AddChain(TableFamily.Bridge, chain));
            foreach (CutRule rule in (CutRule[])[.. steps, .. last])
            {
                Add(chain, rule);
            }
        }

        void Add(string chain, CutRule rule) => turn.Add(new TableChange.AddRule(TableFamily.Bridge, chain, rule));
    }

    private static void AddNetdev(CutRuleset before, CutRuleset after, ImmutableArray<TableChange>.Builder turn)
    {
        CutPart[] parts = Answers(after);
        if (parts.Length == 0)
        {
            return;
        }

        if (Answers(before).Length == 0)
        {
            turn.Add(new TableChange.AddChain(TableFamily.Netdev, AsClosed));
            Add(AsClosed, new CutRule.RejectWithReset());
            Add(AsClosed, new CutRule.RejectAsClosed());
            turn.Add(new TableChange.AddChain(TableFamily.Netdev, AsFirewall));
            Add(AsFirewall, new CutRule.RejectAsProhibited());
        }

        foreach (CutPart part in parts)
        {
            string chain = Chain(after, part);
            string suffix = after.Suffix(part);
            string lost = EvidenceRules.LostChain(after, part);
            turn.AddRange(EvidenceRules.LossChain(after, part, new CutRule.Answer(part.Mode == CutMode.Reset ? AsClosed : AsFirewall)));
            turn.Add(new TableChange.AddChain(TableFamily.Netdev, chain));
            if (!part.Hardware.IsEmpty)
            {
                Add(chain, new CutRule.MarkByPort($"source{suffix}"));
                Add(chain, new CutRule.PriorityByMac($"target{suffix}"));
                Add(chain, new CutRule.IsCut($"cut{suffix}", lost));
            }

            if (!part.Destinations.IsEmpty)
            {
                Add(chain, new CutRule.MarkByPort($"origin{suffix}"));
                foreach (CutRule rule in ByDestination(part, suffix))
                {
                    Add(chain, rule);
                }

                Add(chain, new CutRule.IsCut($"cut{suffix}", lost));
            }
        }

        foreach ((string ingress, ImmutableArray<string> ports) in Ingresses(after))
        {
            turn.Add(new TableChange.AddIngress(ingress, ports));
            Add(ingress, new CutRule.AcceptOther());
            Add(ingress, new CutRule.AcceptDiscovery());
            foreach (CutPart part in parts)
            {
                if (part.Traffic is null)
                {
                    Add(ingress, new CutRule.Jump(Chain(after, part)));
                }
                else
                {
                    turn.AddRange(Jumps(TableFamily.Netdev, ingress, part.Traffic, Chain(after, part)));
                }
            }

            Add(ingress, new CutRule.ResetMark());
            Add(ingress, new CutRule.ResetPriority());
        }

        void Add(string chain, CutRule rule) => turn.Add(new TableChange.AddRule(TableFamily.Netdev, chain, rule));
    }

    private static ImmutableArray<TableChange> CleanUpOf(CutRuleset before, CutRuleset after)
    {
        var changes = ImmutableArray.CreateBuilder<TableChange>();
        bool endsAnswers = Answers(before).Length > 0 && Answers(after).Length == 0;
        foreach (string chain in Ingresses(before).Select(i => i.Chain).Where(_ => !endsAnswers))
        {
            changes.Add(new TableChange.DeleteChain(TableFamily.Netdev, chain));
        }

        foreach (CutPart part in before.Parts.Where(p => !OutsideCut.IsOne(p)))
        {
            TableFamily family = part.Kind == CutPartKind.Answers ? TableFamily.Netdev : TableFamily.Bridge;
            string[] chains = family == TableFamily.Bridge
                ? [.. ChainsOf(before, part), .. EvidenceRules.ChainsOf(before, part)]
                : endsAnswers ? [] : [Chain(before, part), .. EvidenceRules.ChainsOf(before, part)];
            changes.AddRange(chains.Select(c => new TableChange.FlushChain(family, c))); // first, since one may jump to another
            changes.AddRange(chains.Select(c => new TableChange.DeleteChain(family, c)));
        }

        OutsideCut.AddCleanUp(before, after, changes);
        changes.AddRange(Undo(before).Where(c => c.Family != TableFamily.Netdev || !endsAnswers));
        changes.AddRange(EvidenceExits.CleanUp(before, after));
        if (endsAnswers)
        {
            changes.Add(new TableChange.DeleteTable(TableFamily.Netdev));
        }

        return changes.ToImmutable();
    }

    private static IEnumerable<TableChange.AddSet> SetsOf(CutRuleset rules) =>
        [.. rules.Parts.SelectMany(p => SetsOf(p, rules.Suffix(p))), .. EvidenceRules.Make(rules)];

    private static IEnumerable<TableChange.AddSet> SetsOf(CutPart part, string suffix) => OutsideCut.IsOne(part) ? OutsideCut.SetsOf(part, suffix) : InsideSetsOf(part, suffix);

    private static IEnumerable<TableChange.AddSet> InsideSetsOf(CutPart part, string suffix)
    {
        TableFamily family = part.Kind == CutPartKind.Answers ? TableFamily.Netdev : TableFamily.Bridge;
        if (!part.Targets.IsEmpty || !part.Hardware.IsEmpty)
        {
            if (!part.Sources.IsEmpty)
            {
                yield return Set(CutSetKind.PortToMark, "source", part.Sources, OfPort);
            }

            yield return part.Kind == CutPartKind.Answers
                ? Set(CutSetKind.MacToPriority, "target", part.Hardware, h => new CutElement(h.Class, Mac: h.Mac))
                : Set(CutSetKind.PortToPriority, "target", part.Targets, OfPort);
        }

        yield return Set(CutSetKind.MarkAndPriority, "cut", part.Cuts, c => new CutElement(c.To, Mark: c.From));
        if (part.Destinations.IsEmpty)
        {
            yield break;
        }

        if (!part.RoutedSources.IsEmpty)
        {
            yield return Set(CutSetKind.PortToMark, "origin", part.RoutedSources, OfPort);
        }

        foreach (bool isIPv6 in Families(part.Destinations.Select(d => d.Address.AddressFamily)))
        {
            yield return Set(
                isIPv6 ? CutSetKind.IPv6ToPriority : CutSetKind.IPv4ToPriority,
                isIPv6 ? "to6-" : "to4-",
                [.. part.Destinations.Where(d => IsIPv6(d.Address.AddressFamily) == isIPv6)],
                d => new CutElement(d.Class, Address: d.Address));
        }

        if (part.Kind == CutPartKind.Answers)
        {
            yield break;
        }

        yield return Set(CutSetKind.PortToPriority, "last", part.RoutedTargets, OfPort);
        foreach (bool isIPv6 in Families(part.Origins.Select(o => o.From.AddressFamily)))
        {
            yield return Set(
                isIPv6 ? CutSetKind.IPv6AndPriority : CutSetKind.IPv4AndPriority,
                isIPv6 ? "from6-" : "from4-",
                [.. part.Origins.Where(o => IsIPv6(o.From.AddressFamily) == isIPv6)],
                o => new CutElement(o.To, Address: o.From));
        }

        TableChange.AddSet Set<T>(CutSetKind kind, string name, ImmutableArray<T> elements, Func<T, CutElement> element) =>
            new(family, kind, name + suffix, elements.Length, elements.Select(element));
    }

    private static IEnumerable<CutRule> ByDestination(CutPart part, string suffix) =>
        Families(part.Destinations.Select(d => d.Address.AddressFamily)).Select(v6 => new CutRule.PriorityByDestination($"to{(v6 ? 6 : 4)}-{suffix}", v6));

    internal static IEnumerable<TableChange> Jumps(TableFamily family, string from, Traffic traffic, string chain)
    {
        foreach (TrafficClass some in traffic.Classes)
        {
            foreach (PortRange? ports in some.Ports.IsEmpty ? (PortRange?[])[null] : [.. some.Ports.Select(p => (PortRange?)p)])
            {
                yield return new TableChange.AddRule(family, from, new CutRule.JumpFor(some.Protocol, ports, chain));
            }
        }
    }

    private static IEnumerable<(string Chain, ImmutableArray<string> Ports)> Ingresses(CutRuleset rules) =>
        PortsOfChains(Answers(rules).SelectMany(p => p.Sources.Concat(p.RoutedSources)).Select(s => s.Port)).Select((ports, i) => ($"in{rules.Generation}.{i}", ports));

    /// <summary>As many ports as base chains can take, and so on.</summary>
    public static IEnumerable<ImmutableArray<string>> PortsOfChains(IEnumerable<Interface> ports) =>
        ports.Select(p => p.Name).Distinct().Chunk(MostPorts).Select(p => p.ToImmutableArray());

    private static CutPart[] Answers(CutRuleset rules) => [.. rules.Parts.Where(p => p.Kind == CutPartKind.Answers)];

    private static string Chain(CutRuleset rules, CutPart part) => $"{(part.Kind == CutPartKind.Answers ? "answer" : "some")}{rules.Suffix(part)}";

    /// <summary>The chains that a part on the bridge has for itself.</summary>
    private static IEnumerable<string> ChainsOf(CutRuleset rules, CutPart part)
    {
        string suffix = rules.Suffix(part);
        return
        [
            .. part.Traffic is null ? (string[])[] : [Chain(rules, part)],
            .. part.Targets.IsEmpty ? (string[])[] : [$"judge{suffix}"],
            .. part.Destinations.IsEmpty ? (string[])[] : [$"leave{suffix}", $"arrive{suffix}"],
        ];
    }

    private static CutElement OfPort((Interface Port, int Class) of) => new(of.Class, of.Port);

    internal static IEnumerable<bool> Families(IEnumerable<AddressFamily> families) => families.Distinct().Select(IsIPv6).Order();

    internal static bool IsIPv6(AddressFamily family) => family == AddressFamily.InterNetworkV6;
}
