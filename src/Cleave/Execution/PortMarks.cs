using System.Collections.Immutable;
using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>The marks of ports as nf_tables requests: the same that <see cref="PortMarksText"/> prints.</summary>
internal static class PortMarks
{
    private const TableFamily Family = TableFamily.Bridge;
    private const string Table = CutSwitch.Table;
    private const string Chain = "ports";
    private const string Map = "port";
    private const int FilterPriority = -200; // NF_BR_PRI_FILTER_BRIDGED

    /// <summary>Several transactions, each of which a user's socket takes; the last brings the rule.</summary>
    public static IEnumerable<TableBatch> Create(ImmutableArray<(string Port, int Mark)> ports)
    {
        foreach ((string Port, int Mark)[] some in ports.Chunk(PortMarksText.PortsOfATransaction))
        {
            yield return Elements(some);
        }

        var batch = new TableBatch();
        batch.AddChain(ChainMessage.Filter(Family, Table, Chain, Hook.Prerouting, FilterPriority) with { Policy = Verdict.Accept });
        batch.AddRule(new RuleMessage(Family, Table, Chain, ValueList.Create<Expression>(
            [new MetaLoad(MetaKey.InputName), new Lookup(Map) { Destination = Register.Register1 }, new MetaStore(MetaKey.Mark)])));
        yield return batch;
    }

    private static TableBatch Elements((string Port, int Mark)[] ports)
    {
        var batch = new TableBatch();
        batch.AddSet(SetMessage.Map(Family, Table, Map, SetType.InterfaceName, SetType.Mark)); // again and again: it is made if it is not there
        using ElementWriter elements = batch.BeginElements(Family, Table, Map);
        Span<byte> key = stackalloc byte[SetValue.InterfaceNameSize];
        Span<byte> data = stackalloc byte[sizeof(uint)];
        foreach ((string port, int mark) in ports)
        {
            SetValue.WriteInterfaceName(key, port);
            BitConverter.TryWriteBytes(data, mark);
            elements.Add(key, data);
        }

        return batch;
    }
}
