using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>NFTA_COUNTER_*: counts the packets that reach it. A segmented TCP packet counts once.</summary>
/// <param name="Packets">Packets so far; in a request, where to begin.</param>
/// <param name="Bytes">Bytes so far.</param>
public sealed record Counter(ulong Packets = 0, ulong Bytes = 0) : Expression
{
    internal const string KernelName = "counter";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static Counter Read(ref ExpressionFields fields)
    {
        fields.TryTake(NFTA_COUNTER_PAD, out _);
        return new(fields.TakeUInt64(NFTA_COUNTER_PACKETS), fields.TakeUInt64(NFTA_COUNTER_BYTES)) { Unknown = fields.ReadUnknown() };
    }

    private protected override void WriteData(NetlinkWriter writer)
    {
        if (Bytes != 0) writer.BigEndian(NFTA_COUNTER_BYTES, Bytes);
        if (Packets != 0) writer.BigEndian(NFTA_COUNTER_PACKETS, Packets);
    }
}

/// <summary>
/// NFTA_DYNSET_*: adds the key in a register to a set with <see cref="SetFlags.Dynamic"/>, as <c>update @drops { iifname . oifname counter }</c>.
/// When the set is full the rule ends here, so that no verdict may stand behind it.
/// </summary>
/// <param name="Set">Name of the set.</param>
public sealed record DynamicSet(string Set) : Expression
{
    internal const string KernelName = "dynset";

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>NFTA_DYNSET_SET_ID: number of a set made in the same transaction.</summary>
    public uint? SetId { get; init; }

    /// <summary>NFTA_DYNSET_OP.</summary>
    public DynamicSetOperation Operation { get; init; } = DynamicSetOperation.Update;

    /// <summary>NFTA_DYNSET_SREG_KEY: the register with the key.</summary>
    public Register Key { get; init; } = Register.Register1;

    /// <summary>NFTA_DYNSET_SREG_DATA: for a map, the register with the data.</summary>
    public Register? Data { get; init; }

    /// <summary>NFTA_DYNSET_EXPR: what each element gets, such as a counter.</summary>
    public Expression? Stateful { get; init; }

    /// <summary>NFT_DYNSET_F_INV: goes on when the key was there already.</summary>
    public bool Inverted { get; init; }

    internal static DynamicSet Read(ref ExpressionFields fields)
    {
        return new(fields.TryTake(NFTA_DYNSET_SET_NAME, out var set) ? set.AsString() : "")
        {
            SetId = fields.TryTake(NFTA_DYNSET_SET_ID, out var id) ? id.AsBigEndianUInt32() : null,
            Operation = (DynamicSetOperation)fields.TakeUInt32(NFTA_DYNSET_OP),
            Key = (Register)fields.TakeUInt32(NFTA_DYNSET_SREG_KEY),
            Data = fields.TryTake(NFTA_DYNSET_SREG_DATA, out var data) ? (Register)data.AsBigEndianUInt32() : null,
            Stateful = fields.TryTake(NFTA_DYNSET_EXPR, out var expression) ? Read(expression.Nested, depth: 1) : null,
            Inverted = (fields.TakeUInt32(NFTA_DYNSET_FLAGS) & NFT_DYNSET_F_INV) != 0,
            Unknown = fields.ReadUnknown(),
        };
    }

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_DYNSET_SREG_KEY, (uint)Key);
        if (Data is { } data) writer.BigEndian(NFTA_DYNSET_SREG_DATA, (uint)data);
        writer.BigEndian(NFTA_DYNSET_OP, (uint)Operation);
        writer.Attribute(NFTA_DYNSET_SET_NAME, Set);
        if (SetId is { } id) writer.BigEndian(NFTA_DYNSET_SET_ID, id);
        Stateful?.Write(writer, NFTA_DYNSET_EXPR);
        if (Inverted) writer.BigEndian(NFTA_DYNSET_FLAGS, NFT_DYNSET_F_INV);
    }
}
