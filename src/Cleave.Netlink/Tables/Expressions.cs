using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>NFTA_META_*: loads what is known of the packet, as <c>meta mark</c> or <c>iifname</c> do.</summary>
/// <param name="Key">What to load.</param>
/// <param name="Destination">Into which register.</param>
public sealed record MetaLoad(MetaKey Key, Register Destination = Register.Register1) : Expression
{
    internal const string KernelName = "meta";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static MetaLoad Read(ref ExpressionFields fields) =>
        new((MetaKey)fields.TakeUInt32(NFTA_META_KEY), (Register)fields.TakeUInt32(NFTA_META_DREG)) { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_META_KEY, (uint)Key);
        writer.BigEndian(NFTA_META_DREG, (uint)Destination);
    }
}

/// <summary>NFTA_META_* with a source: changes what is known of the packet, as <c>meta mark set</c> does.</summary>
/// <param name="Key">What to change.</param>
/// <param name="Source">From which register.</param>
public sealed record MetaStore(MetaKey Key, Register Source = Register.Register1) : Expression
{
    /// <inheritdoc/>
    public override string Name => MetaLoad.KernelName;

    internal static MetaStore Read(ref ExpressionFields fields) =>
        new((MetaKey)fields.TakeUInt32(NFTA_META_KEY), (Register)fields.TakeUInt32(NFTA_META_SREG)) { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_META_KEY, (uint)Key);
        writer.BigEndian(NFTA_META_SREG, (uint)Source);
    }
}

/// <summary>NFTA_PAYLOAD_*: loads bytes of the packet.</summary>
/// <param name="Base">From which header.</param>
/// <param name="Offset">Bytes behind its beginning.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Destination">Into which register.</param>
public sealed record PayloadLoad(PayloadBase Base, uint Offset, uint Length, Register Destination = Register.Register1) : Expression
{
    internal const string KernelName = "payload";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static PayloadLoad Read(ref ExpressionFields fields) =>
        new(
            (PayloadBase)fields.TakeUInt32(NFTA_PAYLOAD_BASE),
            fields.TakeUInt32(NFTA_PAYLOAD_OFFSET),
            fields.TakeUInt32(NFTA_PAYLOAD_LEN),
            (Register)fields.TakeUInt32(NFTA_PAYLOAD_DREG))
        { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_PAYLOAD_DREG, (uint)Destination);
        writer.BigEndian(NFTA_PAYLOAD_BASE, (uint)Base);
        writer.BigEndian(NFTA_PAYLOAD_OFFSET, Offset);
        writer.BigEndian(NFTA_PAYLOAD_LEN, Length);
    }
}

/// <summary>NFTA_CMP_*: goes on when the register compares so with the bytes.</summary>
/// <param name="Operator">How to compare.</param>
/// <param name="Data">The bytes, in the byte order of what was loaded.</param>
/// <param name="Source">Which register.</param>
public sealed record Compare(Comparison Operator, ValueList<byte> Data, Register Source = Register.Register1) : Expression
{
    internal const string KernelName = "cmp";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static Compare Read(ref ExpressionFields fields) =>
        new(
            (Comparison)fields.TakeUInt32(NFTA_CMP_OP),
            fields.TakeData(NFTA_CMP_DATA, out _),
            (Register)fields.TakeUInt32(NFTA_CMP_SREG))
        { Unknown = fields.ReadUnknown() };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_CMP_SREG, (uint)Source);
        writer.BigEndian(NFTA_CMP_OP, (uint)Operator);
        DataAttribute.Write(writer, NFTA_CMP_DATA, Data.Span);
    }
}

/// <summary>NFTA_BITWISE_*: destination = (source and mask) xor other.</summary>
/// <param name="Mask">The bits to keep; as long as what was loaded.</param>
/// <param name="Xor">The bits to turn over; as long as the mask.</param>
/// <param name="Source">Which register.</param>
/// <param name="Destination">Into which register.</param>
public sealed record Bitwise(ValueList<byte> Mask, ValueList<byte> Xor, Register Source = Register.Register1, Register Destination = Register.Register1) : Expression
{
    internal const string KernelName = "bitwise";

    /// <inheritdoc/>
    public override string Name => KernelName;

    internal static Bitwise Read(ref ExpressionFields fields)
    {
        fields.TryTake(NFTA_BITWISE_LEN, out _);
        fields.TryTake(NFTA_BITWISE_OP, out _);
        return new(
            fields.TakeData(NFTA_BITWISE_MASK, out _),
            fields.TakeData(NFTA_BITWISE_XOR, out _),
            (Register)fields.TakeUInt32(NFTA_BITWISE_SREG),
            (Register)fields.TakeUInt32(NFTA_BITWISE_DREG))
        { Unknown = fields.ReadUnknown() };
    }

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_BITWISE_SREG, (uint)Source);
        writer.BigEndian(NFTA_BITWISE_DREG, (uint)Destination);
        writer.BigEndian(NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
        writer.BigEndian(NFTA_BITWISE_LEN, (uint)Mask.Count);
        DataAttribute.Write(writer, NFTA_BITWISE_MASK, Mask.Span);
        DataAttribute.Write(writer, NFTA_BITWISE_XOR, Xor.Span);
    }
}

/// <summary>NFTA_LOOKUP_*: goes on when the key is in the set (or is not); a map also gives its data.</summary>
/// <param name="Set">Name of the set or map.</param>
public sealed record Lookup(string Set) : Expression
{
    internal const string KernelName = "lookup";

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>NFTA_LOOKUP_SET_ID: number of a set made in the same transaction; needed for anonymous ones.</summary>
    public uint? SetId { get; init; }

    /// <summary>NFTA_LOOKUP_SREG: the register with the key.</summary>
    public Register Source { get; init; } = Register.Register1;

    /// <summary>NFTA_LOOKUP_DREG: for a map, the register for its data; the verdict register for a verdict map.</summary>
    public Register? Destination { get; init; }

    /// <summary>NFT_LOOKUP_F_INV: goes on when the key is not in the set.</summary>
    public bool Inverted { get; init; }

    internal static Lookup Read(ref ExpressionFields fields) =>
        new(fields.TryTake(NFTA_LOOKUP_SET, out var set) ? set.AsString() : "")
        {
            SetId = fields.TryTake(NFTA_LOOKUP_SET_ID, out var id) ? id.AsBigEndianUInt32() : null,
            Source = (Register)fields.TakeUInt32(NFTA_LOOKUP_SREG),
            Destination = fields.TryTake(NFTA_LOOKUP_DREG, out var register) ? (Register)register.AsBigEndianUInt32() : null,
            Inverted = fields.TakeUInt32(NFTA_LOOKUP_FLAGS) == NFT_LOOKUP_F_INV,
            Unknown = fields.ReadUnknown(),
        };

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_LOOKUP_SREG, (uint)Source);
        if (Destination is { } destination) writer.BigEndian(NFTA_LOOKUP_DREG, (uint)destination);
        writer.Attribute(NFTA_LOOKUP_SET, Set);
        if (SetId is { } id) writer.BigEndian(NFTA_LOOKUP_SET_ID, id);
        if (Inverted) writer.BigEndian(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    }
}

/// <summary>NFTA_IMMEDIATE_*: loads bytes, or gives a verdict.</summary>
public sealed record Immediate : Expression
{
    internal const string KernelName = "immediate";

    /// <summary>Gives a verdict.</summary>
    public Immediate(Verdict verdict)
    {
        Verdict = verdict;
        Destination = Register.Verdict;
    }

    /// <summary>Loads bytes into a register.</summary>
    public Immediate(ValueList<byte> data, Register destination = Register.Register1)
    {
        Data = data;
        Destination = destination;
    }

    /// <inheritdoc/>
    public override string Name => KernelName;

    /// <summary>The verdict, or null for bytes.</summary>
    public Verdict? Verdict { get; private init; }

    /// <summary>The bytes; none for a verdict.</summary>
    public ValueList<byte> Data { get; private init; }

    /// <summary>Into which register.</summary>
    public Register Destination { get; private init; }

    internal static Immediate Read(ref ExpressionFields fields)
    {
        var data = fields.TakeData(NFTA_IMMEDIATE_DATA, out var verdict);
        return new Immediate(data, (Register)fields.TakeUInt32(NFTA_IMMEDIATE_DREG)) { Verdict = verdict, Unknown = fields.ReadUnknown() };
    }

    private protected override void WriteData(NetlinkWriter writer)
    {
        writer.BigEndian(NFTA_IMMEDIATE_DREG, (uint)Destination);
        if (Verdict is { } verdict) verdict.Write(writer, NFTA_IMMEDIATE_DATA);
        else DataAttribute.Write(writer, NFTA_IMMEDIATE_DATA, Data.Span);
    }
}
