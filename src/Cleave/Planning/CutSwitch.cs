using System.Collections.Immutable;
using System.Net.Sockets;
using Cleave.Faults;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>
/// How one state of the cut table becomes another: sets are added, which nothing uses yet; one transaction turns the rules over; then what the old
/// rules used is deleted. If all fits into one transaction, the first two are one.
/// </summary>
/// <param name="Sets">New sets and maps with their elements.</param>
/// <param name="Turn">The switch itself: chains and rules, however many nodes there are.</param>
/// <param name="CleanUp">What is no longer used; not in the same transaction, or a packet judged by the old rules just then could miss the old sets.</param>
internal sealed record CutSwitch(ImmutableArray<TableChange.AddSet> Sets, ImmutableArray<TableChange> Turn, ImmutableArray<TableChange> CleanUp)
{
    public const string Table = "cleave";
    public const string Forward = "forward";

    private const string AsClosed = "as-closed";
    private const string AsFirewall = "as-firewall";
    private const int MostPorts = 250; // NFT_NETDEVICE_MAX is 256

    /// <summary>The table of a family: what passes the uplink is judged in the uplink's.</summary>
    public static string TableOf(TableFamily family) => family == TableFamily.Inet ? UplinkTableText.Table : Table;

    /// <summary>What makes the table, healed.</summary>
    public static ImmutableArray<TableChange> Create() => [new TableChange.AddTable(TableFamily.Bridge), new TableChange.AddForward()];

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
        return new([.. after.Parts.SelectMany(p => SetsOf(p, after.Suffix(p)))], turn.ToImmutable(), CleanUpOf(before, after));
    }

    /// <summary>Takes new sets away again, after a switch that did not come to its turn.</summary>
    public static ImmutableArray<TableChange> Undo(CutRuleset after) =>
        [.. after.Parts.SelectMany(p => SetsOf(p, after.Suffix(p))).Select(s => new TableChange.DeleteSet(s.Family, s.Kind, s.Set))];

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

        foreach (CutPart part in parts.Where(p => p.Traffic is not null))
        {
            turn.Add(new TableChange.AddChain(TableFamily.Bridge, Chain(rules, part)));
            AddLoss(part, rules.Suffix(part), Chain(rules, part));
        }

        foreach (CutPart part in parts.Where(p => p.Kind == CutPartKind.Frames))
        {
            AddLoss(part, rules.Suffix(part), Forward);
        }

        Add(Forward, new CutRule.AcceptOther());
        Add(Forward, new CutRule.AcceptDiscovery());
        foreach (CutPart part in parts.Where(p => p.Kind == CutPartKind.Packets))
        {
            if (part.Traffic is null)
            {
                AddLoss(part, rules.Suffix(part), Forward);
            }
            else
            {
                turn.AddRange(Jumps(TableFamily.Bridge, Forward, part.Traffic, Chain(rules, part)));
            }
        }

        Add(Forward, new CutRule.ResetMark());
        Add(Forward, new CutRule.ResetPriority());

        void AddLoss(CutPart part, string suffix, string chain)
        {
            if (!part.Targets.IsEmpty)
            {
                AddMark(chain, part.Sources, $"source{suffix}");
                Add(chain, new CutRule.PriorityByPort($"target{suffix}"));
                Add(chain, new CutRule.Drop($"cut{suffix}"));
            }

            if (!part.Destinations.IsEmpty)
            {
                AddMark(chain, part.RoutedSources, $"origin{suffix}");
                AddDestinations(part, suffix, (map, isIPv6) => Add(chain, new CutRule.PriorityByDestination(map, isIPv6)));
                Add(chain, new CutRule.Drop($"cut{suffix}"));
                Add(chain, new CutRule.PriorityByPort($"last{suffix}"));
                foreach (bool isIPv6 in Families(part.Origins.Select(o => o.From.AddressFamily)))
                {
                    Add(chain, new CutRule.DropByOrigin($"from{(isIPv6 ? 6 : 4)}-{suffix}", isIPv6));
                }
            }
        }

        // Without any, every port has a mark of its own already.
        void AddMark(string chain, ImmutableArray<(string, int)> ports, string map)
        {
            if (!ports.IsEmpty)
            {
                Add(chain, new CutRule.MarkByPort(map));
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
            string answer = part.Mode == CutMode.Reset ? AsClosed : AsFirewall;
            turn.Add(new TableChange.AddChain(TableFamily.Netdev, chain));
            if (!part.Hardware.IsEmpty)
            {
                Add(chain, new CutRule.MarkByPort($"source{suffix}"));
                Add(chain, new CutRule.PriorityByMac($"target{suffix}"));
                Add(chain, new CutRule.Answer($"cut{suffix}", answer));
            }

            if (!part.Destinations.IsEmpty)
            {
                Add(chain, new CutRule.MarkByPort($"origin{suffix}"));
                AddDestinations(part, suffix, (map, isIPv6) => Add(chain, new CutRule.PriorityByDestination(map, isIPv6)));
                Add(chain, new CutRule.Answer($"cut{suffix}", answer));
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

        foreach (CutPart part in before.Parts.Where(p => !OutsideCut.IsOne(p) && (p.Traffic is not null || p.Kind == CutPartKind.Answers)))
        {
            TableFamily family = part.Kind == CutPartKind.Answers ? TableFamily.Netdev : TableFamily.Bridge;
            if (family == TableFamily.Bridge || !endsAnswers)
            {
                changes.Add(new TableChange.FlushChain(family, Chain(before, part)));
                changes.Add(new TableChange.DeleteChain(family, Chain(before, part)));
            }
        }

        OutsideCut.AddCleanUp(before, after, changes);
        changes.AddRange(Undo(before).Where(c => c.Family != TableFamily.Netdev || !endsAnswers));
        if (endsAnswers)
        {
            changes.Add(new TableChange.DeleteTable(TableFamily.Netdev));
        }

        return changes.ToImmutable();
    }

    private static IEnumerable<TableChange.AddSet> SetsOf(CutPart part, string suffix) => OutsideCut.IsOne(part) ? OutsideCut.SetsOf(part, suffix) : InsideSetsOf(part, suffix);

    private static IEnumerable<TableChange.AddSet> InsideSetsOf(CutPart part, string suffix)
    {
        TableFamily family = part.Kind == CutPartKind.Answers ? TableFamily.Netdev : TableFamily.Bridge;
        if (!part.Targets.IsEmpty || !part.Hardware.IsEmpty)
        {
            if (!part.Sources.IsEmpty)
            {
                yield return Set(CutSetKind.PortToMark, "source", part.Sources.Select(OfPort));
            }

            yield return part.Kind == CutPartKind.Answers
                ? Set(CutSetKind.MacToPriority, "target", part.Hardware.Select(h => new CutElement(h.Class, Mac: h.Mac)))
                : Set(CutSetKind.PortToPriority, "target", part.Targets.Select(OfPort));
        }

        yield return Set(CutSetKind.MarkAndPriority, "cut", part.Cuts.Select(c => new CutElement(c.To, Mark: c.From)));
        if (part.Destinations.IsEmpty)
        {
            yield break;
        }

        if (!part.RoutedSources.IsEmpty)
        {
            yield return Set(CutSetKind.PortToMark, "origin", part.RoutedSources.Select(OfPort));
        }

        foreach (bool isIPv6 in Families(part.Destinations.Select(d => d.Address.AddressFamily)))
        {
            yield return Set(
                isIPv6 ? CutSetKind.IPv6ToPriority : CutSetKind.IPv4ToPriority,
                isIPv6 ? "to6-" : "to4-",
                part.Destinations.Where(d => IsIPv6(d.Address.AddressFamily) == isIPv6).Select(d => new CutElement(d.Class, Address: d.Address)));
        }

        if (part.Kind == CutPartKind.Answers)
        {
            yield break;
        }

        yield return Set(CutSetKind.PortToPriority, "last", part.RoutedTargets.Select(OfPort));
        foreach (bool isIPv6 in Families(part.Origins.Select(o => o.From.AddressFamily)))
        {
            yield return Set(
                isIPv6 ? CutSetKind.IPv6AndPriority : CutSetKind.IPv4AndPriority,
                isIPv6 ? "from6-" : "from4-",
                part.Origins.Where(o => IsIPv6(o.From.AddressFamily) == isIPv6).Select(o => new CutElement(o.To, Address: o.From)));
        }

        TableChange.AddSet Set(CutSetKind kind, string name, IEnumerable<CutElement> elements) => new(family, kind, name + suffix, elements);
    }

    private static void AddDestinations(CutPart part, string suffix, Action<string, bool> add)
    {
        foreach (bool isIPv6 in Families(part.Destinations.Select(d => d.Address.AddressFamily)))
        {
            add($"to{(isIPv6 ? 6 : 4)}-{suffix}", isIPv6);
        }
    }

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

    private static IEnumerable<(string Chain, ImmutableArray<string> Ports)> Ingresses(CutRuleset rules) => Answers(rules)
        .SelectMany(p => p.Sources.Concat(p.RoutedSources))
        .Select(s => s.Port)
        .Distinct()
        .Chunk(MostPorts)
        .Select((ports, i) => ($"in{rules.Generation}.{i}", ports.ToImmutableArray()));

    private static CutPart[] Answers(CutRuleset rules) => [.. rules.Parts.Where(p => p.Kind == CutPartKind.Answers)];

    private static string Chain(CutRuleset rules, CutPart part) => $"{(part.Kind == CutPartKind.Answers ? "answer" : "some")}{rules.Suffix(part)}";

    private static CutElement OfPort((string Port, int Class) of) => new(of.Class, of.Port);

    internal static IEnumerable<bool> Families(IEnumerable<AddressFamily> families) => families.Distinct().Select(IsIPv6).Order();

    internal static bool IsIPv6(AddressFamily family) => family == AddressFamily.InterNetworkV6;
}
