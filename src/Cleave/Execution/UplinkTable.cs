using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;
using Cleave.Planning;

namespace Cleave.Execution;

/// <summary>What passes the uplink, as nf_tables requests: the same that <see cref="UplinkTableText"/> prints.</summary>
internal static class UplinkTable
{
    private const TableFamily Family = TableFamily.Inet;
    private const string Table = UplinkTableText.Table;

    private static readonly ValueList<byte> Link = SetValue.InterfaceName(Uplink.LinkName);

    public static TableBatch Create()
    {
        var batch = new TableBatch();
        batch.AddTable(Family, Table);
        batch.AddChain(new ChainMessage(Family, Table, UplinkTableText.Cut));
        batch.AddChain(ChainMessage.Filter(Family, Table, UplinkTableText.Forward, Hook.Forward, 0) with { Policy = Verdict.Drop });
        batch.AddChain(ChainMessage.Nat(Family, Table, UplinkTableText.Postrouting, Hook.Postrouting, ChainHook.SourceNat));
        Add(batch, UplinkTableText.Forward, new Immediate(Verdict.Jump(UplinkTableText.Cut)));
        Add(batch, UplinkTableText.Forward, [.. Is(MetaKey.InputName, Comparison.NotEqual), .. Is(MetaKey.OutputName), new Immediate(Verdict.Accept)]);
        Add(batch, UplinkTableText.Forward, [.. Is(MetaKey.InputName), .. Answers(), new Immediate(Verdict.Accept)]);
        Add(batch, UplinkTableText.Postrouting, [.. Is(MetaKey.OutputName), new Masquerade()]);
        return batch;
    }

    public static TableBatch Delete()
    {
        var batch = new TableBatch();
        batch.DeleteTable(Family, Table);
        return batch;
    }

    private static void Add(TableBatch batch, string chain, params Expression[] expressions) =>
        batch.AddRule(new RuleMessage(Family, Table, chain, ValueList.Create<Expression>(expressions)));

    private static Expression[] Is(MetaKey link, Comparison comparison = Comparison.Equal) => [new MetaLoad(link), new Compare(comparison, Link)];

    private static Expression[] Answers() =>
    [
        new ConnectionLoad(ConnectionKey.State),
        new Bitwise(SetValue.Number((uint)(ConnectionStates.Established | ConnectionStates.Related)), SetValue.Number(0)),
        new Compare(Comparison.NotEqual, SetValue.Number(0)),
    ];
}
