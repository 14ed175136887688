using System.Collections.Immutable;
using System.Text;
using Cleave.Faults;
using Cleave.Netlink.Tables;
using Cleave.Ports;

namespace Cleave.Planning;

/// <summary>Changes of the cut table as nft(8) reads them: the same that the executor sends over netlink.</summary>
internal static class CutTableText
{
    private const string Discovery = "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert }";

    public static string Create() => Print(CutSwitch.Create());

    /// <summary>The transactions, each the text of one call of nft.</summary>
    public static IEnumerable<string> Switch(CutRuleset before, CutRuleset after)
    {
        CutSwitch change = CutSwitch.From(before, after);
        yield return Print([.. Tables(before, after), .. change.Sets, .. change.Turn]);
        foreach (ImmutableArray<TableChange> more in (ImmutableArray<TableChange>[])[change.Watch, change.CleanUp])
        {
            if (!more.IsEmpty)
            {
                yield return Print(more);
            }
        }
    }

    /// <summary>One transaction.</summary>
    public static string Print(IEnumerable<TableChange> changes)
    {
        var text = new StringBuilder();
        foreach (TableChange change in changes)
        {
            text.Append(Line(change)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What has to be there before the sets: the table of answers.</summary>
    public static IEnumerable<TableChange> Tables(CutRuleset before, CutRuleset after) =>
        after.Parts.Any(p => p.Kind == CutPartKind.Answers) && before.Parts.All(p => p.Kind != CutPartKind.Answers)
            ? [new TableChange.AddTable(TableFamily.Netdev)]
            : [];

    private static string Line(TableChange change)
    {
        string table = $"{change.Family.ToString().ToLowerInvariant()} {change.Table}";
        return change switch
        {
            TableChange.AddTable => $"add table {table}",
            TableChange.DeleteTable => $"delete table {table}",
            TableChange.AddBase c => $"add chain {table} {c.Chain} {{ type filter hook {c.Hook.ToString().ToLowerInvariant()} priority filter{(c.IsBehind ? $" + {CutSwitch.Behind}" : "")}; policy accept; }}",
            TableChange.AddIngress c =>
                $"add chain {table} {c.Chain} {{ type filter hook ingress devices = {{ {string.Join(", ", c.Ports)} }} priority filter; policy accept; }}",
            TableChange.AddEgress c =>
                $"add chain {table} {c.Chain} {{ type filter hook egress devices = {{ {string.Join(", ", c.Ports)} }} priority filter; policy accept; }}",
            TableChange.AddChain c => $"add chain {table} {c.Chain}",
            TableChange.FlushChain c => $"flush chain {table} {c.Chain}",
            TableChange.DeleteChain c => $"delete chain {table} {c.Chain}",
            TableChange.AddSet { Kind: >= CutSetKind.IPv4Flows } c =>
                $"add set {table} {c.Set} {{ type {Type(c.Kind)}; size {EvidenceRules.MostCounters}; flags dynamic; }}",
            TableChange.AddSet c =>
                $"add {Word(c.Kind)} {table} {c.Set} {{ type {Type(c.Kind)}; {(c.Count == 0 ? "" : $"size {c.Count}; ")}elements = {{ {string.Join(", ", c.Elements.Select(e => Element(c.Kind, e)))} }}; }}",
            TableChange.DeleteSet c => $"delete {Word(c.Kind)} {table} {c.Set}",
            TableChange.AddRule c => $"add rule {table} {c.Chain} {Rule(c.Rule)}",
            _ => throw new InvalidOperationException($"no text for {change.GetType().Name}"),
        };
    }

    private static string Rule(CutRule rule) => rule switch
    {
        CutRule.AcceptOther => "meta protocol != { ip, ip6 } accept",
        CutRule.AcceptDiscovery => $"{Discovery} accept",
        CutRule.AcceptTrunks r => $"oifname \"{r.Prefix}*\" accept",
        CutRule.MarkByPort r => $"meta mark set iif map @{r.Map}{JumpTo(r.Chain)}",
        CutRule.PriorityByPort r => $"meta priority set oif map @{r.Map}{JumpTo(r.Chain)}",
        CutRule.PriorityByMac r => $"meta priority set ether daddr map @{r.Map}",
        CutRule.PriorityByDestination r => $"meta priority set {(r.IsIPv6 ? "ip6" : "ip")} daddr map @{r.Map}",
        CutRule.Drop => "counter drop",
        CutRule.DropOther => "meta protocol != { ip, ip6 } counter drop",
        CutRule.DropDiscovery => $"{Discovery} counter drop",
        CutRule.DropToMany => "meta pkttype { broadcast, multicast } counter drop",
        CutRule.AcceptOwn => "meta pkttype host accept",
        CutRule.GotoOfProbe r => $"{(r.IsIPv6 ? "ip6" : "ip")} dscp {EvidenceRules.ProbeCodePoint} goto {r.Chain}",
        CutRule.Count r => $"update @{r.Set} {{ {Flow(r.Kind)} counter }}{(r.Returns ? " return" : "")}",
        CutRule.CountMissed r => $"meta protocol {(r.IsIPv6 ? "ip6" : "ip")} counter",
        CutRule.IsCut r => $"meta mark . meta priority @{r.Set}{JumpTo(r.Chain)}",
        CutRule.IsCutByOrigin r => $"{(r.IsIPv6 ? "ip6" : "ip")} saddr . meta priority @{r.Set}{JumpTo(r.Chain)}",
        CutRule.IsPublished r => $"{Node(r.IsIPv6, r.IsToNode)} @{r.Set} {Published(r.IsToNode)} goto {r.Chain}",
        CutRule.IsOfUplink r => $"{(r.IsToNode ? "i" : "o")}ifname \"{Uplink.LinkName}\" {Node(r.IsIPv6, r.IsToNode)} @{r.Set} goto {r.Chain}",
        CutRule.CountPublished r => $"{Published(r.IsToNode)} update @{r.Set} {{ {Flow(r.IsIPv6 ? CutSetKind.IPv6Ends : CutSetKind.IPv4Ends)} counter }} return",
        CutRule.Answer r => $"counter goto {r.Chain}",
        CutRule.JumpFor { Protocol: Protocol.Icmp } r => $"meta l4proto {{ icmp, ipv6-icmp }} jump {r.Chain}",
        CutRule.JumpFor { Ports: null } r => $"meta l4proto {Name(r.Protocol)} jump {r.Chain}",
        CutRule.JumpFor r => $"{Name(r.Protocol)} dport {r.Ports} jump {r.Chain}",
        CutRule.Jump r => $"jump {r.Chain}",
        CutRule.ResetMark => "meta mark set 0x00000000",
        CutRule.ResetPriority => "meta priority set 0:0",
        CutRule.RejectWithReset => "meta l4proto tcp reject with tcp reset",
        CutRule.RejectAsClosed => "reject with icmpx port-unreachable",
        CutRule.RejectAsProhibited => "reject with icmpx admin-prohibited",
        _ => throw new InvalidOperationException($"no text for {rule.GetType().Name}"),
    };

    private static string Published(bool isToNode) => $"meta l4proto {{ tcp, udp }} th {(isToNode ? "s" : "d")}port {PortTarget.FirstSource}-{PortTarget.LastSource}";

    private static string JumpTo(string? chain) => chain is null ? "" : $" jump {chain}";

    private static string Word(CutSetKind kind) => kind >= CutSetKind.MarkAndPriority ? "set" : "map";

    private static string Type(CutSetKind kind) => kind switch
    {
        CutSetKind.PortToMark => "iface_index : mark",
        CutSetKind.PortToPriority => "iface_index : classid",
        CutSetKind.MacToPriority => "ether_addr : classid",
        CutSetKind.IPv4ToPriority => "ipv4_addr : classid",
        CutSetKind.IPv6ToPriority => "ipv6_addr : classid",
        CutSetKind.MarkAndPriority => "mark . classid",
        CutSetKind.IPv4AndPriority => "ipv4_addr . classid",
        CutSetKind.IPv6AndPriority => "ipv6_addr . classid",
        CutSetKind.IPv4 => "ipv4_addr",
        CutSetKind.IPv4Flows => "iface_index . iface_index . ipv4_addr . ipv4_addr",
        CutSetKind.IPv6Flows => "iface_index . iface_index . ipv6_addr . ipv6_addr",
        CutSetKind.IPv4FlowsAtPort => "iface_index . ether_addr . ipv4_addr . ipv4_addr",
        CutSetKind.IPv6FlowsAtPort => "iface_index . ether_addr . ipv6_addr . ipv6_addr",
        CutSetKind.IPv4Arrivals => "iface_index . ipv4_addr . ipv4_addr",
        CutSetKind.IPv6Arrivals => "iface_index . ipv6_addr . ipv6_addr",
        CutSetKind.IPv4Ends => "ipv4_addr . ipv4_addr",
        CutSetKind.IPv6Ends => "ipv6_addr . ipv6_addr",
        _ => "ipv6_addr",
    };

    private static string Flow(CutSetKind kind) => kind switch
    {
        CutSetKind.IPv4Flows => "iif . oif . ip saddr . ip daddr",
        CutSetKind.IPv6Flows => "iif . oif . ip6 saddr . ip6 daddr",
        CutSetKind.IPv4FlowsAtPort => "iif . ether daddr . ip saddr . ip daddr",
        CutSetKind.IPv6FlowsAtPort => "iif . ether daddr . ip6 saddr . ip6 daddr",
        CutSetKind.IPv4Arrivals => "oif . ip saddr . ip daddr",
        CutSetKind.IPv6Arrivals => "oif . ip6 saddr . ip6 daddr",
        CutSetKind.IPv4Ends => "ip saddr . ip daddr",
        _ => "ip6 saddr . ip6 daddr",
    };

    private static string Element(CutSetKind kind, CutElement element) => kind switch
    {
        CutSetKind.PortToMark => $"\"{element.Port.Name}\" : 0x{element.Number:x8}",
        CutSetKind.PortToPriority => $"\"{element.Port.Name}\" : {ClassId(element.Number)}",
        CutSetKind.MacToPriority => $"{element.Mac} : {ClassId(element.Number)}",
        CutSetKind.IPv4ToPriority or CutSetKind.IPv6ToPriority => $"{element.Address} : {ClassId(element.Number)}",
        CutSetKind.MarkAndPriority => $"0x{element.Mark:x8} . {ClassId(element.Number)}",
        CutSetKind.IPv4 or CutSetKind.IPv6 => $"{element.Address}",
        _ => $"{element.Address} . {ClassId(element.Number)}",
    };

    private static string Node(bool isIPv6, bool isToNode) => $"{(isIPv6 ? "ip6" : "ip")} {(isToNode ? "d" : "s")}addr";

    private static string Name(Protocol protocol) => protocol.ToString().ToLowerInvariant();

    /// <summary>As tc(8) writes a class: major and minor, each in hexadecimal.</summary>
    private static string ClassId(int number) => $"{number >> 16:x}:{number & 0xffff:x}";
}
