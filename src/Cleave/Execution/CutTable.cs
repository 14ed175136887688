using System.Collections.Immutable;
using Cleave.Evidence;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;
using Cleave.Ports;

namespace Cleave.Execution;

/// <summary>Changes of the cut table as nf_tables requests: the same that <see cref="CutTableText"/> prints.</summary>
internal static class CutTable
{
    internal const ushort EthernetIPv4 = 0x0800;
    internal const ushort EthernetIPv6 = 0x86dd;
    private const ushort EthernetHardware = 1; // ARPHRD_ETHER
    private const byte ProtocolIcmp = 1;
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;
    private const byte ProtocolIcmpv6 = 58;
    private const byte PacketHost = 0; // PACKET_* of linux/if_packet.h
    private const byte PacketBroadcast = 1;
    private const byte PacketMulticast = 2;

    // The offsets of addresses in their headers (RFC 791, RFC 8200), and of a port in a segment or datagram (RFC 9293, RFC 768).
    internal const uint IPv4Source = 12;
    internal const uint IPv4Destination = 16;
    internal const uint IPv6Source = 8;
    internal const uint IPv6Destination = 24;
    private const uint DestinationPort = 2;

    private const int LongestKey = 16 + sizeof(uint); // an IPv6 address and a priority

    // Room for the messages around elements, in what a transaction may be long.
    private const int Spare = 16 << 10;

    // RFC 4861: router solicitation and advertisement, neighbour solicitation and advertisement.
    private static ReadOnlySpan<byte> NeighbourDiscovery => [133, 134, 135, 136];

    public static TableBatch Create() => Encode(CutSwitch.Create());

    public static TableBatch Delete() => Encode([new TableChange.DeleteTable(TableFamily.Bridge)]);

    /// <summary>Turns one state of the table into another, and cleans up.</summary>
    /// <returns>What is in force now, with how it is counted: the <paramref name="before"/> of the next switch.</returns>
    /// <exception cref="NetlinkException">The kernel refused, and what was in force before still is.</exception>
    public static CutRuleset Switch(NetlinkSocket socket, CutRuleset before, CutRuleset after)
    {
        _ = Turn(socket, before, after);
        CutRuleset now = Watch(socket, before, after);
        CleanUp(socket, before, now);
        return now;
    }

    /// <summary>
    /// Turns one state of the table into another. Before the turn nothing of it is in force, after it all is. Sets that do not fit into one
    /// transaction with the turn go first, in several.
    /// </summary>
    /// <returns>When the turn was.</returns>
    /// <exception cref="NetlinkException">The kernel refused, and what was in force before still is.</exception>
    public static TurnEdges Turn(NetlinkSocket socket, CutRuleset before, CutRuleset after)
    {
        CutSwitch change = CutSwitch.From(before, after);
        try
        {
            long sent = 0;
            foreach (TableBatch transaction in Transactions(before, after, change, socket.LargestTransaction))
            {
                sent = MonotonicClock.Now;
                socket.Send(transaction);
            }

            return new TurnEdges(sent, MonotonicClock.Now);
        }
        catch (NetlinkException)
        {
            UndoSets(socket, before, after);
            throw;
        }
    }

    /// <summary>Begins to count what passes the rules.</summary>
    /// <returns>The rules with how it is done: not at all, if the kernel refuses both ways.</returns>
    public static CutRuleset Watch(NetlinkSocket socket, CutRuleset before, CutRuleset after)
    {
        foreach (CutRuleset way in (CutRuleset[])[after, after with { WatchesBridges = true }])
        {
            try
            {
                if (EvidenceExits.Watch(before, way) is { IsEmpty: false } changes)
                {
                    socket.Send(Encode(changes));
                }

                return way;
            }
            catch (NetlinkException)
            {
                // Before Linux 5.16 ports have no egress.
            }
        }

        return after with { HasLostExits = true };
    }

    /// <summary>Takes away what is no longer used.</summary>
    public static void CleanUp(NetlinkSocket socket, CutRuleset before, CutRuleset after)
    {
        if (CutSwitch.From(before, after).CleanUp is { IsEmpty: false } changes)
        {
            // Should it be refused, nothing uses what is left.
            socket.TrySend(Encode(changes));
        }
    }

    /// <summary>The transactions of a switch, without the cleaning up; the last one is the turn.</summary>
    /// <param name="before">What is in force.</param>
    /// <param name="after">What shall be.</param>
    /// <param name="change">The way from one to the other.</param>
    /// <param name="longest">The longest transaction, in bytes.</param>
    public static IEnumerable<TableBatch> Transactions(CutRuleset before, CutRuleset after, CutSwitch change, int longest)
    {
        if (TryEncode(before, after, change, longest - Spare) is { } whole)
        {
            yield return whole;
            yield break;
        }

        foreach (TableBatch chunk in Chunks(before, after, change, longest - Spare))
        {
            yield return chunk;
        }

        yield return Encode(change.Turn);
    }

    /// <summary>One transaction.</summary>
    public static TableBatch Encode(IEnumerable<TableChange> changes)
    {
        var batch = new TableBatch();
        foreach (TableChange change in changes)
        {
            Add(batch, change);
        }

        return batch;
    }

    /// <summary>The turn with all its sets as one transaction, or null if that is too long.</summary>
    private static TableBatch? TryEncode(CutRuleset before, CutRuleset after, CutSwitch change, int most)
    {
        var batch = Encode(CutTableText.Tables(before, after));
        foreach (TableChange.AddSet set in change.Sets)
        {
            batch.AddSet(Message(set));
            using IEnumerator<CutElement> elements = set.Elements.GetEnumerator();
            if (!Fill(batch, set, elements, most))
            {
                return null;
            }
        }

        foreach (TableChange step in change.Turn)
        {
            Add(batch, step);
        }

        return batch.Length <= most ? batch : null;
    }

    /// <summary>The sets alone, in as many transactions as it takes.</summary>
    private static IEnumerable<TableBatch> Chunks(CutRuleset before, CutRuleset after, CutSwitch change, int most)
    {
        TableBatch batch = Encode(CutTableText.Tables(before, after));
        foreach (TableChange.AddSet set in change.Sets)
        {
            batch.AddSet(Message(set));
            using IEnumerator<CutElement> elements = set.Elements.GetEnumerator();
            while (!Fill(batch, set, elements, most))
            {
                yield return batch;
                batch = new TableBatch();
            }
        }

        yield return batch;
    }

    /// <summary>Goes on adding elements; false if the batch is full and more are to come.</summary>
    private static bool Fill(TableBatch batch, TableChange.AddSet set, IEnumerator<CutElement> elements, int most)
    {
        Span<byte> key = stackalloc byte[LongestKey];
        Span<byte> data = stackalloc byte[sizeof(uint)];
        using ElementWriter writer = batch.BeginElements(set.Family, set.Table, set.Set);
        while (batch.Length < most)
        {
            if (!elements.MoveNext())
            {
                return true;
            }

            CutElement element = elements.Current;
            BitConverter.TryWriteBytes(data, element.Number);
            int length = WriteKey(key, set.Kind, element);
            if (set.Kind is CutSetKind.IPv4 or CutSetKind.IPv6)
            {
                writer.Add(key[..length]);
            }
            else if (set.Kind >= CutSetKind.MarkAndPriority)
            {
                data.CopyTo(key[length..]);
                writer.Add(key[..(length + sizeof(uint))]);
            }
            else
            {
                writer.Add(key[..length], data);
            }
        }

        return false;
    }

    private static int WriteKey(Span<byte> key, CutSetKind kind, CutElement element)
    {
        switch (kind)
        {
            case CutSetKind.PortToMark or CutSetKind.PortToPriority:
                BitConverter.TryWriteBytes(key, element.Port.Index);
                return sizeof(uint);
            case CutSetKind.MacToPriority:
                element.Mac.CopyTo(key);
                return MacAddress.Size;
            case CutSetKind.MarkAndPriority:
                BitConverter.TryWriteBytes(key, element.Mark);
                return sizeof(uint);
            default:
                element.Address!.TryWriteBytes(key, out int written);
                return written;
        }
    }

    private static void UndoSets(NetlinkSocket socket, CutRuleset before, CutRuleset after)
    {
        // One by one: some were never made.
        foreach (TableChange deletion in CutSwitch.Undo(after))
        {
            try
            {
                socket.Send(Encode([deletion]));
            }
            catch (NetlinkException)
            {
                // Not there, so that there is nothing to undo.
            }
        }

        if (CutTableText.Tables(before, after).Any())
        {
            socket.TrySend(Encode([new TableChange.DeleteTable(TableFamily.Netdev)]));
        }
    }

    private static void Add(TableBatch batch, TableChange change)
    {
        switch (change)
        {
            case TableChange.AddTable c:
                batch.AddTable(c.Family, c.Table);
                break;
            case TableChange.DeleteTable c:
                batch.DeleteTable(c.Family, c.Table);
                break;
            case TableChange.AddBase c:
                batch.AddChain(ChainMessage.Filter(
                    c.Family, c.Table, c.Chain, c.Hook, (c.Family == TableFamily.Bridge ? ChainHook.BridgeFilter : 0) + (c.IsBehind ? CutSwitch.Behind : 0)));
                break;
            case TableChange.AddIngress c:
                batch.AddChain(AtPorts(c, c.Chain, Hook.Prerouting, c.Ports));
                break;
            case TableChange.AddEgress c:
                batch.AddChain(AtPorts(c, c.Chain, Hook.Input, c.Ports));
                break;
            case TableChange.AddChain c:
                batch.AddChain(new ChainMessage(c.Family, c.Table, c.Chain));
                break;
            case TableChange.FlushChain c:
                batch.FlushRules(c.Family, c.Table, c.Chain);
                break;
            case TableChange.DeleteChain c:
                batch.DeleteChain(c.Family, c.Table, c.Chain);
                break;
            case TableChange.AddSet c:
                batch.AddSet(Message(c));
                using (IEnumerator<CutElement> elements = c.Elements.GetEnumerator())
                {
                    Fill(batch, c, elements, int.MaxValue);
                }

                break;
            case TableChange.DeleteSet c:
                batch.DeleteSet(c.Family, c.Table, c.Set);
                break;
            case TableChange.AddRule c:
                batch.AddRule(new RuleMessage(c.Family, c.Table, c.Chain, ValueList.Create<Expression>([.. Expressions(batch, c.Family, c.Table, c.Rule)])));
                break;
            default:
                throw new InvalidOperationException($"no request for {change.GetType().Name}");
        }
    }

    /// <summary>In family netdev ingress and egress have the numbers that prerouting and input have elsewhere.</summary>
    private static ChainMessage AtPorts(TableChange change, string name, Hook hook, ImmutableArray<string> ports)
    {
        ChainMessage chain = ChainMessage.Filter(change.Family, change.Table, name, hook, 0);
        return chain with { Hook = chain.Hook! with { Devices = [.. ports] } };
    }

    private static SetMessage Message(TableChange.AddSet set) => set.Kind >= CutSetKind.IPv4Flows
        ? CountingExpressions.Set(set)
        : Typed(set) with { Size = set.Count == 0 ? null : (uint)set.Count };

    private static SetMessage Typed(TableChange.AddSet set) => set.Kind switch
    {
        CutSetKind.PortToMark => SetMessage.Map(set.Family, set.Table, set.Set, SetType.InterfaceIndex, SetType.Mark),
        CutSetKind.PortToPriority => SetMessage.Map(set.Family, set.Table, set.Set, SetType.InterfaceIndex, SetType.ClassId),
        CutSetKind.MacToPriority => SetMessage.Map(set.Family, set.Table, set.Set, SetType.EthernetAddress, SetType.ClassId),
        CutSetKind.IPv4ToPriority => SetMessage.Map(set.Family, set.Table, set.Set, SetType.IPv4Address, SetType.ClassId),
        CutSetKind.IPv6ToPriority => SetMessage.Map(set.Family, set.Table, set.Set, SetType.IPv6Address, SetType.ClassId),
        CutSetKind.MarkAndPriority => SetMessage.Set(set.Family, set.Table, set.Set, SetType.Concatenate(SetType.Mark, SetType.ClassId)),
        CutSetKind.IPv4AndPriority => SetMessage.Set(set.Family, set.Table, set.Set, SetType.Concatenate(SetType.IPv4Address, SetType.ClassId)),
        CutSetKind.IPv4 => SetMessage.Set(set.Family, set.Table, set.Set, SetType.IPv4Address),
        CutSetKind.IPv6 => SetMessage.Set(set.Family, set.Table, set.Set, SetType.IPv6Address),
        _ => SetMessage.Set(set.Family, set.Table, set.Set, SetType.Concatenate(SetType.IPv6Address, SetType.ClassId)),
    };

    private static Expression[] Expressions(TableBatch batch, TableFamily family, string table, CutRule rule) => rule switch
    {
        CutRule.AcceptOther => [.. IsOther(batch, family, table), new Immediate(Verdict.Accept)],
        CutRule.AcceptDiscovery => [.. IsDiscovery(batch, family, table), new Immediate(Verdict.Accept)],
        CutRule.DropOther => [.. IsOther(batch, family, table), new Counter(), new Immediate(Verdict.Drop)],
        CutRule.DropDiscovery => [.. IsDiscovery(batch, family, table), new Counter(), new Immediate(Verdict.Drop)],
        CutRule.DropToMany =>
        [
            new MetaLoad(MetaKey.PacketType),
            batch.AddAnonymousSet(family, table, SetType.PacketType, [PacketBroadcast], [PacketMulticast]),
            new Counter(),
            new Immediate(Verdict.Drop),
        ],
        CutRule.AcceptOwn => [new MetaLoad(MetaKey.PacketType), new Compare(Comparison.Equal, [PacketHost]), new Immediate(Verdict.Accept)],
        CutRule.GotoOfProbe r => [.. CountingExpressions.IsProbe(r.IsIPv6), new Immediate(Verdict.Goto(r.Chain))],
        CutRule.Count r => CountingExpressions.Count(family, r.Set, r.Kind, r.Returns),
        CutRule.CountPublished r =>
        [
            .. IsPublished(batch, family, table, r.IsToNode),
            .. CountingExpressions.Count(family, r.Set, r.IsIPv6 ? CutSetKind.IPv6Ends : CutSetKind.IPv4Ends, returns: true),
        ],
        CutRule.CountMissed r => [.. Is(r.IsIPv6 ? EthernetIPv6 : EthernetIPv4), new Counter()],
        CutRule.AcceptTrunks r =>
        [
            new MetaLoad(MetaKey.OutputName),
            new Compare(Comparison.Equal, ValueList.Create<byte>(System.Text.Encoding.ASCII.GetBytes(r.Prefix))),
            new Immediate(Verdict.Accept),
        ],
        CutRule.MarkByPort r => [new MetaLoad(MetaKey.InputInterface), Map(r.Map), new MetaStore(MetaKey.Mark), .. JumpTo(r.Chain)],
        CutRule.PriorityByPort r => [new MetaLoad(MetaKey.OutputInterface), Map(r.Map), new MetaStore(MetaKey.Priority), .. JumpTo(r.Chain)],
        CutRule.PriorityByMac r =>
        [
            // Without which nft does not know that there is an Ethernet header.
            new MetaLoad(MetaKey.InputType),
            new Compare(Comparison.Equal, ValueList.Create<byte>(BitConverter.GetBytes(EthernetHardware))),
            new PayloadLoad(PayloadBase.Link, 0, MacAddress.Size),
            Map(r.Map),
            new MetaStore(MetaKey.Priority),
        ],
        CutRule.PriorityByDestination r =>
        [
            .. Is(r.IsIPv6 ? EthernetIPv6 : EthernetIPv4),
            r.IsIPv6 ? new PayloadLoad(PayloadBase.Network, IPv6Destination, 16) : new PayloadLoad(PayloadBase.Network, IPv4Destination, 4),
            Map(r.Map),
            new MetaStore(MetaKey.Priority),
        ],
        CutRule.Drop => [new Counter(), new Immediate(Verdict.Drop)],
        CutRule.IsCut r => [.. IsCut(r.Set), .. JumpTo(r.Chain)],
        CutRule.IsCutByOrigin r =>
        [
            .. Is(r.IsIPv6 ? EthernetIPv6 : EthernetIPv4),
            r.IsIPv6 ? new PayloadLoad(PayloadBase.Network, IPv6Source, 16) : new PayloadLoad(PayloadBase.Network, IPv4Source, 4),
            new MetaLoad(MetaKey.Priority, r.IsIPv6 ? Register.Register2 : Register.Word1),
            new Lookup(r.Set),
            .. JumpTo(r.Chain),
        ],
        CutRule.IsPublished r => [.. HasNode(family, r.Set, r.IsIPv6, r.IsToNode), .. IsPublished(batch, family, table, r.IsToNode), new Immediate(Verdict.Goto(r.Chain))],
        CutRule.IsOfUplink r =>
        [
            new MetaLoad(r.IsToNode ? MetaKey.InputName : MetaKey.OutputName),
            new Compare(Comparison.Equal, SetValue.InterfaceName(Uplink.LinkName)),
            .. HasNode(family, r.Set, r.IsIPv6, r.IsToNode),
            new Immediate(Verdict.Goto(r.Chain)),
        ],
        CutRule.Answer r => [new Counter(), new Immediate(Verdict.Goto(r.Chain))],
        CutRule.JumpFor { Protocol: Protocol.Icmp } r =>
        [
            new MetaLoad(MetaKey.TransportProtocol),
            batch.AddAnonymousSet(family, table, SetType.InternetProtocol, [ProtocolIcmp], [ProtocolIcmpv6]),
            new Immediate(Verdict.Jump(r.Chain)),
        ],
        CutRule.JumpFor r =>
        [
            .. IsProtocol(r.Protocol == Protocol.Tcp ? ProtocolTcp : ProtocolUdp),
            .. r.Ports is { } ports ? To(ports) : [],
            new Immediate(Verdict.Jump(r.Chain)),
        ],
        CutRule.Jump r => [new Immediate(Verdict.Jump(r.Chain))],
        CutRule.ResetMark => [new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Mark)],
        CutRule.ResetPriority => [new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Priority)],
        CutRule.RejectWithReset => [.. IsProtocol(ProtocolTcp), Reject.TcpReset],
        CutRule.RejectAsClosed => [Reject.PortUnreachable],
        CutRule.RejectAsProhibited => [Reject.AdministrativelyProhibited],
        _ => throw new InvalidOperationException($"no expressions for {rule.GetType().Name}"),
    };

    private static Expression[] IsOther(TableBatch batch, TableFamily family, string table) =>
    [
        new MetaLoad(MetaKey.Protocol),
        batch.AddAnonymousSet(family, table, SetType.EtherType, SetValue.Port(EthernetIPv4), SetValue.Port(EthernetIPv6)) with { Inverted = true },
    ];

    private static Expression[] IsDiscovery(TableBatch batch, TableFamily family, string table) =>
    [
        .. Is(EthernetIPv6),
        .. IsProtocol(ProtocolIcmpv6),
        new PayloadLoad(PayloadBase.Transport, 0, 1),
        batch.AddAnonymousSet(family, table, SetType.Icmpv6Type, [.. NeighbourDiscovery.ToArray().Select(t => ValueList.Create<byte>([t]))]),
    ];

    /// <summary>Where nft looks for the family of the packet before it believes in an address.</summary>
    internal static Expression[] IsOf(TableFamily family, bool isIPv6) => family == TableFamily.Inet
        ? [new MetaLoad(MetaKey.NetfilterProtocol), new Compare(Comparison.Equal, [(byte)(isIPv6 ? TableFamily.IPv6 : TableFamily.IPv4)])]
        : Is(isIPv6 ? EthernetIPv6 : EthernetIPv4);

    internal static Expression[] Is(ushort etherType) =>
        [new MetaLoad(MetaKey.Protocol), new Compare(Comparison.Equal, SetValue.Port(etherType))];

    private static Expression[] IsProtocol(byte protocol) =>
        [new MetaLoad(MetaKey.TransportProtocol), new Compare(Comparison.Equal, [protocol])];

    private static Expression[] JumpTo(string? chain) => chain is null ? [] : [new Immediate(Verdict.Jump(chain))];

    private static Expression[] IsCut(string set) =>
        [new MetaLoad(MetaKey.Mark), new MetaLoad(MetaKey.Priority, Register.Word1), new Lookup(set)];

    /// <summary>A packet to, or from, an address of a set.</summary>
    private static Expression[] HasNode(TableFamily family, string set, bool isIPv6, bool isToNode) =>
    [
        .. IsOf(family, isIPv6),
        isIPv6
            ? new PayloadLoad(PayloadBase.Network, isToNode ? IPv6Destination : IPv6Source, 16)
            : new PayloadLoad(PayloadBase.Network, isToNode ? IPv4Destination : IPv4Source, 4),
        new Lookup(set),
    ];

    private static Expression[] IsPublished(TableBatch batch, TableFamily family, string table, bool isToNode) =>
    [
        new MetaLoad(MetaKey.TransportProtocol),
        batch.AddAnonymousSet(family, table, SetType.InternetProtocol, [ProtocolTcp], [ProtocolUdp]),
        .. Within(isToNode ? 0 : DestinationPort, new PortRange(PortTarget.FirstSource, PortTarget.LastSource)),
    ];

    private static Expression[] To(PortRange ports) => Within(DestinationPort, ports);

    private static Expression[] Within(uint offset, PortRange ports)
    {
        var load = new PayloadLoad(PayloadBase.Transport, offset, 2);
        return ports.First == ports.Last
            ? [load, new Compare(Comparison.Equal, SetValue.Port((ushort)ports.First))]
            :
            [
                load,
                new Compare(Comparison.GreaterOrEqual, SetValue.Port((ushort)ports.First)),
                new Compare(Comparison.LessOrEqual, SetValue.Port((ushort)ports.Last)),
            ];
    }

    private static Lookup Map(string map) => new(map) { Destination = Register.Register1 };
}
