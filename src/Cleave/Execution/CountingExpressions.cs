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
    public static SetMessage Set(TableChange.AddSet set) => SetMessage.Set(set.Family, set.Table, set.Set, KeyOf(set.Kind)) with { Flags = SetFlags.Dynamic };

    /// <summary>Counts a packet by its key.</summary>
    /// <param name="family">The rule's family.</param>
    /// <param name="set">The set of counters.</param>
    /// <param name="kind">What its keys are.</param>
    /// <param name="returns">Whether the chain is done with what is counted.</param>
    public static Expression[] Count(TableFamily family, string set, CutSetKind kind, bool returns)
    {
        bool isIPv6 = EvidenceRules.IsIPv6(kind);
        List<Expression> load = kind switch
        {
            CutSetKind.IPv4Flows or CutSetKind.IPv6Flows => [new MetaLoad(MetaKey.InputInterface), new MetaLoad(MetaKey.OutputInterface, Register.Word1)],
            CutSetKind.IPv4FlowsAtPort or CutSetKind.IPv6FlowsAtPort => [new MetaLoad(MetaKey.InputInterface), new PayloadLoad(PayloadBase.Link, 0, MacAddress.Size, Register.Word1)],
            CutSetKind.IPv4Arrivals or CutSetKind.IPv6Arrivals => [new MetaLoad(MetaKey.OutputInterface)],
            _ => [],
        };
        bool hasHardware = kind is CutSetKind.IPv4FlowsAtPort or CutSetKind.IPv6FlowsAtPort; // a MAC address takes two words
        Register next = Register.Word0 + (uint)(load.Count + (hasHardware ? 1 : 0));
        uint length = isIPv6 ? 16u : 4u;
        return
        [
            // In family netdev nft believes in the family of a packet by its Ethernet header, where it has seen one.
            .. hasHardware ? OfEthernet(isIPv6) : CutTable.IsOf(family, isIPv6),
            .. load,
            new PayloadLoad(PayloadBase.Network, isIPv6 ? CutTable.IPv6Source : CutTable.IPv4Source, length, next),
            new PayloadLoad(PayloadBase.Network, isIPv6 ? CutTable.IPv6Destination : CutTable.IPv4Destination, length, next + (length / sizeof(uint))),
            new DynamicSet(set) { Stateful = new Counter() },
            .. returns ? (Expression[])[new Immediate(Verdict.Return)] : [],
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

    private static SetType KeyOf(CutSetKind kind) => kind switch
    {
        CutSetKind.IPv4Flows => SetType.Concatenate(SetType.InterfaceIndex, SetType.InterfaceIndex, SetType.IPv4Address, SetType.IPv4Address),
        CutSetKind.IPv6Flows => SetType.Concatenate(SetType.InterfaceIndex, SetType.InterfaceIndex, SetType.IPv6Address, SetType.IPv6Address),
        CutSetKind.IPv4FlowsAtPort => SetType.Concatenate(SetType.InterfaceIndex, SetType.EthernetAddress, SetType.IPv4Address, SetType.IPv4Address),
        CutSetKind.IPv6FlowsAtPort => SetType.Concatenate(SetType.InterfaceIndex, SetType.EthernetAddress, SetType.IPv6Address, SetType.IPv6Address),
        CutSetKind.IPv4Arrivals => SetType.Concatenate(SetType.InterfaceIndex, SetType.IPv4Address, SetType.IPv4Address),
        CutSetKind.IPv6Arrivals => SetType.Concatenate(SetType.InterfaceIndex, SetType.IPv6Address, SetType.IPv6Address),
        CutSetKind.IPv4Ends => SetType.Concatenate(SetType.IPv4Address, SetType.IPv4Address),
        _ => SetType.Concatenate(SetType.IPv6Address, SetType.IPv6Address),
    };

    private static Expression[] OfEthernet(bool isIPv6) =>
    [
        new MetaLoad(MetaKey.InputType),
        new Compare(Comparison.Equal, ValueList.Create<byte>(BitConverter.GetBytes(EthernetHardware))),
        new PayloadLoad(PayloadBase.Link, 12, 2),
        new Compare(Comparison.Equal, SetValue.Port(isIPv6 ? CutTable.EthernetIPv6 : CutTable.EthernetIPv4)),
    ];
}
