using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>One step of a rule: loads something into a register, compares, looks up, counts, or gives a verdict. A rule goes on while its steps match.</summary>
public abstract record Expression
{
    private protected Expression() { }

    /// <summary>NFTA_EXPR_NAME: the kernel's name of it.</summary>
    public abstract string Name { get; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    private protected abstract void WriteData(NetlinkWriter writer);

    /// <summary>Writes it as an attribute: an item of a list, or by itself.</summary>
    internal void Write(NetlinkWriter writer, ushort type)
    {
        var item = writer.BeginNested(type);
        writer.Attribute(NFTA_EXPR_NAME, Name);
        var data = writer.BeginNested(NFTA_EXPR_DATA);
        WriteData(writer);
        writer.Attributes(Unknown);
        writer.EndNested(data);
        writer.EndNested(item);
    }

    internal static void WriteList(NetlinkWriter writer, ushort type, ValueList<Expression> expressions)
    {
        var list = writer.BeginNested(type);
        foreach (var expression in expressions.Span)
            expression.Write(writer, NFTA_LIST_ELEM);
        writer.EndNested(list);
    }

    internal static ValueList<Expression> ReadList(AttributeReader attributes, int depth = 0)
    {
        var list = new List<Expression>();
        while (attributes.Read(out var attribute))
            list.Add(Read(attribute.Nested, depth));
        return [.. list];
    }

    internal static Expression Read(AttributeReader attributes, int depth = 0)
    {
        var name = "";
        ReadOnlySpan<byte> data = default;
        while (attributes.Read(out var attribute))
        {
            if (attribute.Type == NFTA_EXPR_NAME) name = attribute.AsString();
            else if (attribute.Type == NFTA_EXPR_DATA) data = attribute.Value;
        }

        var fields = new ExpressionFields(data);
        // Expressions hold expressions in dynamic sets only; deeper ones are kept raw, so that hostile bytes cannot nest without end.
        return name switch
        {
            MetaLoad.KernelName when fields.Has(NFTA_META_SREG) => MetaStore.Read(ref fields),
            MetaLoad.KernelName => MetaLoad.Read(ref fields),
            PayloadLoad.KernelName when fields.Has(NFTA_PAYLOAD_DREG) => PayloadLoad.Read(ref fields),
            Compare.KernelName => Compare.Read(ref fields),
            Bitwise.KernelName when !fields.HasOtherThan(NFTA_BITWISE_OP, NFT_BITWISE_BOOL) => Bitwise.Read(ref fields),
            Lookup.KernelName => Lookup.Read(ref fields),
            Immediate.KernelName => Immediate.Read(ref fields),
            Counter.KernelName => Counter.Read(ref fields),
            Reject.KernelName => Reject.Read(ref fields),
            ConnectionLoad.KernelName when fields.Has(NFTA_CT_DREG) => ConnectionLoad.Read(ref fields),
            Masquerade.KernelName => Masquerade.Read(ref fields),
            DynamicSet.KernelName when depth == 0 => DynamicSet.Read(ref fields),
            _ => new OtherExpression(name) { Unknown = fields.ReadUnknown() },
        };
    }
}

/// <summary>An expression this library knows nothing about but its name; its attributes are in <see cref="Expression.Unknown"/>.</summary>
/// <param name="KernelName">NFTA_EXPR_NAME.</param>
public sealed record OtherExpression(string KernelName) : Expression
{
    /// <inheritdoc/>
    public override string Name => KernelName;

    private protected override void WriteData(NetlinkWriter writer) { }
}
