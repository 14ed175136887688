using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>What becomes of a packet.</summary>
/// <param name="Code">NF_ACCEPT, NF_DROP, NFT_JUMP and so on.</param>
/// <param name="Chain">Where jump and goto lead.</param>
public readonly record struct Verdict(int Code, string? Chain = null)
{
    /// <summary>NF_ACCEPT: it passes this chain.</summary>
    public static Verdict Accept => new(NF_ACCEPT);

    /// <summary>NF_DROP: it is lost.</summary>
    public static Verdict Drop => new(NF_DROP);

    /// <summary>NFT_CONTINUE: the next rule.</summary>
    public static Verdict Continue => new(NFT_CONTINUE);

    /// <summary>NFT_RETURN: back to the calling chain.</summary>
    public static Verdict Return => new(NFT_RETURN);

    /// <summary>NFT_JUMP: to another chain and back.</summary>
    public static Verdict Jump(string chain) => new(NFT_JUMP, chain);

    /// <summary>NFT_GOTO: to another chain for good.</summary>
    public static Verdict Goto(string chain) => new(NFT_GOTO, chain);

    internal void Write(NetlinkWriter writer, ushort type)
    {
        var data = writer.BeginNested(type);
        var verdict = writer.BeginNested(NFTA_DATA_VERDICT);
        writer.BigEndian(NFTA_VERDICT_CODE, (uint)Code);
        if (Chain is not null) writer.Attribute(NFTA_VERDICT_CHAIN, Chain);
        writer.EndNested(verdict);
        writer.EndNested(data);
    }

    internal static Verdict Read(AttributeReader attributes)
    {
        var code = 0;
        string? chain = null;
        while (attributes.Read(out var attribute))
        {
            if (attribute.Type == NFTA_VERDICT_CODE) code = (int)attribute.AsBigEndianUInt32();
            else if (attribute.Type == NFTA_VERDICT_CHAIN) chain = attribute.AsString();
        }

        return new Verdict(code, chain);
    }
}

/// <summary>NFTA_DATA_*: bytes or a verdict.</summary>
internal static class DataAttribute
{
    public static void Write(NetlinkWriter writer, ushort type, ReadOnlySpan<byte> value)
    {
        var data = writer.BeginNested(type);
        writer.Attribute(NFTA_DATA_VALUE, value);
        writer.EndNested(data);
    }

    public static ValueList<byte> Read(AttributeReader attributes, out Verdict? verdict)
    {
        ValueList<byte> value = default;
        verdict = null;
        while (attributes.Read(out var attribute))
        {
            if (attribute.Type == NFTA_DATA_VALUE) value = ValueList.Create(attribute.Value);
            else if (attribute.Type == NFTA_DATA_VERDICT) verdict = Verdict.Read(attribute.Nested);
        }

        return value;
    }
}
