using System.Collections.Immutable;
using System.Net;
using Cleave.Netlink.Tables;

namespace Cleave.Planning;

/// <summary>
/// What is cut between nodes and the outside. Published traffic is judged where the bridges have it from the fabric or give it to the fabric, in base chains
/// that are there only while any is cut; what passes the uplink, in a chain of the uplink's table. Both know a node by its addresses: the fabric has
/// one end of the former itself, and sees those of the latter as the node wrote them.
/// </summary>
internal static class OutsideCut
{
    private const string Output = "output";
    private const string Input = "input";
    private const string UplinkCut = UplinkTableText.Cut;
    private const string To = "to";
    private const string From = "from";

    public static bool IsOne(CutPart part) => part.Kind is CutPartKind.Host or CutPartKind.Internet;

    public static IEnumerable<TableChange.AddSet> SetsOf(CutPart part, string suffix)
    {
        foreach ((string name, ImmutableArray<IPAddress> addresses) in ((string, ImmutableArray<IPAddress>)[])[(To, part.LostTo), (From, part.LostFrom)])
        {
            foreach (bool isIPv6 in CutSwitch.Families(addresses.Select(a => a.AddressFamily)))
            {
                CutElement[] elements = [.. addresses.Where(a => CutSwitch.IsIPv6(a.AddressFamily) == isIPv6).Select(a => new CutElement(0, Address: a))];
                yield return new TableChange.AddSet(
                    Family(part), isIPv6 ? CutSetKind.IPv6 : CutSetKind.IPv4, Set(part, name, isIPv6, suffix), elements.Length, elements);
            }
        }
    }

    public static void AddTurn(CutRuleset before, CutRuleset after, ImmutableArray<TableChange>.Builder turn)
    {
        if (Has(before, CutPartKind.Internet))
        {
            turn.Add(new TableChange.FlushChain(TableFamily.Inet, UplinkCut));
        }

        foreach (string chain in Has(before, CutPartKind.Host) ? [Output, Input] : (string[])[])
        {
            turn.Add(new TableChange.FlushChain(TableFamily.Bridge, chain));
        }

        foreach (string chain in Has(after, CutPartKind.Host) && !Has(before, CutPartKind.Host) ? [Output, Input] : (string[])[])
        {
            turn.Add(new TableChange.AddBase(chain, chain == Output ? Hook.Output : Hook.Input));
        }

        foreach (CutPart part in after.Parts.Where(IsOne))
        {
            string lost = EvidenceRules.LostChain(after, part);
            turn.AddRange(EvidenceRules.LossChain(after, part, new CutRule.Drop())); // before whoever goes to it
            foreach ((string chain, bool isToNode) in Chains(part, after.Suffix(part)))
            {
                turn.Add(new TableChange.AddChain(Family(part), chain));
                foreach (bool isIPv6 in CutSwitch.Families((isToNode ? part.LostTo : part.LostFrom).Select(a => a.AddressFamily)))
                {
                    string set = Set(part, isToNode ? To : From, isIPv6, after.Suffix(part));
                    turn.Add(new TableChange.AddRule(
                        Family(part), chain, part.Kind == CutPartKind.Host ? new CutRule.IsPublished(set, isIPv6, isToNode, lost) : new CutRule.IsOfUplink(set, isIPv6, isToNode, lost)));
                }

                string way = part.Kind == CutPartKind.Internet ? UplinkCut : isToNode ? Output : Input;
                turn.AddRange(part.Traffic is null
                    ? [new TableChange.AddRule(Family(part), way, new CutRule.Jump(chain))]
                    : CutSwitch.Jumps(Family(part), way, part.Traffic, chain));
            }
        }
    }

    public static void AddCleanUp(CutRuleset before, CutRuleset after, ImmutableArray<TableChange>.Builder changes)
    {
        foreach (string chain in Has(before, CutPartKind.Host) && !Has(after, CutPartKind.Host) ? [Output, Input] : (string[])[])
        {
            changes.Add(new TableChange.DeleteChain(TableFamily.Bridge, chain));
        }

        foreach (CutPart part in before.Parts.Where(IsOne))
        {
            foreach (string chain in (string[])[.. Chains(part, before.Suffix(part)).Select(c => c.Chain), .. EvidenceRules.ChainsOf(before, part)])
            {
                changes.Add(new TableChange.FlushChain(Family(part), chain));
                changes.Add(new TableChange.DeleteChain(Family(part), chain));
            }
        }
    }

    private static bool Has(CutRuleset rules, CutPartKind kind) => rules.Parts.Any(p => p.Kind == kind);

    public static TableFamily Family(CutPart part) => part.Kind == CutPartKind.Host ? TableFamily.Bridge : TableFamily.Inet;

    private static IEnumerable<(string Chain, bool IsToNode)> Chains(CutPart part, string suffix)
    {
        string end = part.Kind == CutPartKind.Host ? "host" : "internet";
        if (!part.LostTo.IsEmpty)
        {
            yield return ($"from-{end}{suffix}", true);
        }

        if (!part.LostFrom.IsEmpty)
        {
            yield return ($"to-{end}{suffix}", false);
        }
    }

    private static string Set(CutPart part, string name, bool isIPv6, string suffix) =>
        $"{(part.Kind == CutPartKind.Host ? "host" : "internet")}-{name}{(isIPv6 ? 6 : 4)}-{suffix}";
}
