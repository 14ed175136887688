using Cleave.Netlink;
using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>Rules and sets that count as nf_tables has them.</summary>
internal static class CountingExpressions
{
    private const ushort EthernetHardware = 1; // ARPHRD_ETHER

    /// <summary>
    /// A set that packets fill. Of its size nothing is said: the kernel would at once take a table for all that it could ever hold, and gives the same limit by itself.
    /// </summary>
    public static SetMessage Set(TableChange.AddSet set) => SetMessage.Set(set.Family, set.Table, set.Set, set.Kind switch
    {
        CutSetKind.IPv4Flows => SetType.Concatenate(SetType.InterfaceIndex, SetType.InterfaceIndex, SetType.IPv4Address, SetType.IPv4Address),
        CutSetKind.IPv6Flows => SetType.Concatenate(SetType.InterfaceIndex, SetType.InterfaceIndex, SetType.IPv6Address, SetType.IPv6Address),
        CutSetKind.IPv4FlowsAtPort => SetType.Concatenate(SetType.InterfaceIndex, SetType.EthernetAddress, SetType.IPv4Address, SetType.IPv4Address),
        CutSetKind.IPv6FlowsAtPort => SetType.Concatenate(SetType.InterfaceIndex, SetType.EthernetAddress, SetType.IPv6Address, SetType.IPv6Address),
        CutSetKind.IPv4Arrivals => SetType.Concatenate(SetType.InterfaceIndex, SetType.IPv4Address, SetType.IPv4Address),
        _ => SetType.Concatenate(SetType.InterfaceIndex, SetType.IPv6Address, SetType.IPv6Address),
    }) with { Flags = SetFlags.Dynamic };

    /// <summary>Counts a packet by its key.</summary>
    public static Expression[] Count(CutRule.Count rule)
    {
        bool isIPv6 = rule.Kind is CutSetKind.IPv6Flows or CutSetKind.IPv6FlowsAtPort or CutSetKind.IPv6Arrivals;
        bool isAtPort = rule.Kind is CutSetKind.IPv4FlowsAtPort or CutSetKind.IPv6FlowsAtPort;
        bool isArrival = rule.Kind is CutSetKind.IPv4Arrivals or CutSetKind.IPv6Arrivals;
        uint next = isAtPort ? 3u : isArrival ? 1u : 2u; // words; a MAC address takes two
        return
        [
            // In family netdev nft believes in the family of a packet by its Ethernet header, where it has seen one.
            .. isAtPort ? OfEthernet(isIPv6) : CutTable.Is(isIPv6 ? CutTable.EthernetIPv6 : CutTable.EthernetIPv4),
            new MetaLoad(isArrival ? MetaKey.OutputInterface : MetaKey.InputInterface),
            .. isAtPort ? [new PayloadLoad(PayloadBase.Link, 0, MacAddress.Size, Register.Word1)]
                : isArrival ? (Expression[])[]
                : [new MetaLoad(MetaKey.OutputInterface, Register.Word1)],
            isIPv6 ? new PayloadLoad(PayloadBase.Network, CutTable.IPv6Source, 16, Word(next)) : new PayloadLoad(PayloadBase.Network, CutTable.IPv4Source, 4, Word(next)),
            isIPv6 ? new PayloadLoad(PayloadBase.Network, CutTable.IPv6Destination, 16, Word(next + 4)) : new PayloadLoad(PayloadBase.Network, CutTable.IPv4Destination, 4, Word(next + 1)),
            new DynamicSet(rule.Set) { Stateful = new Counter() },
            .. rule.Returns ? (Expression[])[new Immediate(Verdict.Return)] : [],
        ];
    }

    /// <summary>Has it the code point of Cleave's own probes? It is in the six upper bits of IPv4's second byte, and behind the first four of IPv6.</summary>
    public static Expression[] IsProbe(bool isIPv6) => isIPv6
        ?
        [
            .. CutTable.Is(CutTable.EthernetIPv6),
            new PayloadLoad(PayloadBase.Network, 0, 2),
            new Bitwise([0x0f, 0xc0], [0, 0]),
            new Compare(Comparison.Equal, [EvidenceRules.ProbeCodePoint >> 2, (EvidenceRules.ProbeCodePoint & 3) << 6]),
        ]
        :
        [
            .. CutTable.Is(CutTable.EthernetIPv4),
            new PayloadLoad(PayloadBase.Network, 1, 1),
            new Bitwise([0xfc], [0]),
            new Compare(Comparison.Equal, [EvidenceRules.ProbeCodePoint << 2]),
        ];

    private static Expression[] OfEthernet(bool isIPv6) =>
    [
        new MetaLoad(MetaKey.InputType),
        new Compare(Comparison.Equal, ValueList.Create<byte>(BitConverter.GetBytes(EthernetHardware))),
        new PayloadLoad(PayloadBase.Link, 12, 2),
        new Compare(Comparison.Equal, SetValue.Port(isIPv6 ? CutTable.EthernetIPv6 : CutTable.EthernetIPv4)),
    ];

    private static Register Word(uint number) => Register.Word0 + number;
}
