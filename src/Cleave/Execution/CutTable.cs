using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>The cut table as nf_tables requests: the same that <see cref="CutTableText"/> prints.</summary>
internal static class CutTable
{
    private const TableFamily Family = TableFamily.Bridge;
    private const string Table = CutTableText.Table;
    private const string Chain = "forward";
    private const string Source = "source";
    private const string Target = "target";
    private const string Cut = "cut";
    private const int FilterPriority = -200; // NF_BR_PRI_FILTER_BRIDGED

    private const ushort EthernetIPv4 = 0x0800;
    private const ushort EthernetIPv6 = 0x86dd;
    private const byte ProtocolIcmpv6 = 58;

    // RFC 4861: router solicitation and advertisement, neighbour solicitation and advertisement.
    private static ReadOnlySpan<byte> NeighbourDiscovery => [133, 134, 135, 136];

    public static TableBatch Create()
    {
        var batch = new TableBatch();
        batch.AddTable(Family, Table);
        batch.AddChain(ChainMessage.Filter(Family, Table, Chain, Hook.Forward, FilterPriority) with { Policy = Verdict.Accept });
        return batch;
    }

    public static TableBatch Delete()
    {
        var batch = new TableBatch();
        batch.DeleteTable(Family, Table);
        return batch;
    }

    public static TableBatch Replace(CutRuleset before, CutRuleset after)
    {
        var batch = new TableBatch();
        batch.FlushRules(Family, Table, Chain);
        if (!before.IsHealed)
        {
            batch.DeleteSet(Family, Table, Source);
            batch.DeleteSet(Family, Table, Target);
            batch.DeleteSet(Family, Table, Cut);
        }

        if (!after.IsHealed)
        {
            AddSets(batch, after);
            AddRules(batch);
        }

        return batch;
    }

    private static void AddSets(TableBatch batch, CutRuleset rules)
    {
        Span<byte> key = stackalloc byte[SetValue.InterfaceNameSize];
        Span<byte> data = stackalloc byte[sizeof(uint)];
        foreach ((string map, SetType type) in (ReadOnlySpan<(string, SetType)>)[(Source, SetType.Mark), (Target, SetType.ClassId)])
        {
            batch.AddSet(SetMessage.Map(Family, Table, map, SetType.InterfaceName, type));
            using ElementWriter elements = batch.BeginElements(Family, Table, map);
            foreach ((string port, int number) in rules.Ports)
            {
                SetValue.WriteInterfaceName(key, port);
                WriteHostNumber(data, number);
                elements.Add(key, data);
            }
        }

        batch.AddSet(SetMessage.Set(Family, Table, Cut, SetType.Concatenate(SetType.Mark, SetType.ClassId)));
        using ElementWriter pairs = batch.BeginElements(Family, Table, Cut);
        Span<byte> pair = stackalloc byte[2 * sizeof(uint)];
        foreach ((int from, int to) in rules.Cuts)
        {
            WriteHostNumber(pair, from);
            WriteHostNumber(pair[sizeof(uint)..], to);
            pairs.Add(pair);
        }
    }

    private static void AddRules(TableBatch batch)
    {
        Lookup isIP = batch.AddAnonymousSet(Family, Table, SetType.EtherType, BigEndian(EthernetIPv4), BigEndian(EthernetIPv6)) with { Inverted = true };
        Add(batch, new MetaLoad(MetaKey.Protocol), isIP, new Immediate(Verdict.Accept));

        Lookup isDiscovery = batch.AddAnonymousSet(
            Family, Table, SetType.Icmpv6Type, [.. NeighbourDiscovery.ToArray().Select(t => ValueList.Create<byte>([t]))]);
        Add(
            batch,
            new MetaLoad(MetaKey.Protocol),
            new Compare(Comparison.Equal, BigEndian(EthernetIPv6)),
            new MetaLoad(MetaKey.TransportProtocol),
            new Compare(Comparison.Equal, [ProtocolIcmpv6]),
            new PayloadLoad(PayloadBase.Transport, 0, 1),
            isDiscovery,
            new Immediate(Verdict.Accept));

        // The first hop decides who speaks: the port a packet comes in by. The port it leaves by decides to whom.
        Add(batch, new MetaLoad(MetaKey.InputName), new Lookup(Source) { Destination = Register.Register1 }, new MetaStore(MetaKey.Mark));
        Add(batch, new MetaLoad(MetaKey.OutputName), new Lookup(Target) { Destination = Register.Register1 }, new MetaStore(MetaKey.Priority));
        Add(
            batch,
            new MetaLoad(MetaKey.Mark),
            new MetaLoad(MetaKey.Priority, Register.Word1),
            new Lookup(Cut),
            new Counter(),
            new Immediate(Verdict.Drop));
        Add(batch, new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Mark));
        Add(batch, new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Priority));
    }

    private static void Add(TableBatch batch, params ReadOnlySpan<Expression> expressions) =>
        batch.AddRule(new RuleMessage(Family, Table, Chain, ValueList.Create(expressions)));

    private static ValueList<byte> BigEndian(ushort value) => [(byte)(value >> 8), (byte)value];

    private static void WriteHostNumber(Span<byte> destination, int value) => BitConverter.TryWriteBytes(destination, value);
}
