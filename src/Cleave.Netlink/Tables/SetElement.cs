using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>An element of a set or map: NFTA_SET_ELEM_* of linux/netfilter/nf_tables.h.</summary>
/// <param name="Key">Its key.</param>
public sealed record SetElement(ValueList<byte> Key)
{
    /// <summary>NFTA_SET_ELEM_DATA: a map's data.</summary>
    public ValueList<byte> Data { get; init; }

    /// <summary>NFTA_SET_ELEM_DATA of a verdict map.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>NFTA_SET_ELEM_FLAGS: 1 ends an interval, 2 matches everything else.</summary>
    public uint Flags { get; init; }

    /// <summary>NFTA_SET_ELEM_EXPR: what it holds besides, such as a <see cref="Counter"/>.</summary>
    public Expression? Stateful { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal static SetElement Read(AttributeReader attributes)
    {
        ValueList<byte> key = default, data = default;
        Verdict? verdict = null;
        uint flags = 0;
        Expression? stateful = null;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_SET_ELEM_KEY: key = DataAttribute.Read(attribute.Nested, out _); break;
                case NFTA_SET_ELEM_DATA: data = DataAttribute.Read(attribute.Nested, out verdict); break;
                case NFTA_SET_ELEM_FLAGS: flags = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_ELEM_EXPR: stateful = Expression.Read(attribute.Nested); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new SetElement(key) { Data = data, Verdict = verdict, Flags = flags, Stateful = stateful, Unknown = unknown.ToList() };
    }

    internal void Write(NetlinkWriter writer)
    {
        var item = writer.BeginNested(NFTA_LIST_ELEM);
        if (Flags != 0) writer.BigEndian(NFTA_SET_ELEM_FLAGS, Flags);
        DataAttribute.Write(writer, NFTA_SET_ELEM_KEY, Key.Span);
        if (Verdict is { } verdict) verdict.Write(writer, NFTA_SET_ELEM_DATA);
        else if (Data.Count > 0) DataAttribute.Write(writer, NFTA_SET_ELEM_DATA, Data.Span);
        Stateful?.Write(writer, NFTA_SET_ELEM_EXPR);
        writer.Attributes(Unknown);
        writer.EndNested(item);
    }
}

/// <summary>Elements of one set: NFTA_SET_ELEM_LIST_* of linux/netfilter/nf_tables.h, as an answer to a dump has them.</summary>
/// <param name="Family">The table's family.</param>
/// <param name="Table">The table.</param>
/// <param name="Set">The set.</param>
/// <param name="Elements">Some or all of its elements.</param>
public sealed record ElementListMessage(TableFamily Family, string Table, string Set, ValueList<SetElement> Elements)
{
    /// <summary>NFTA_SET_ELEM_LIST_SET_ID: number of a set made in the same transaction.</summary>
    public uint? SetId { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of NFT_MSG_NEWSETELEM.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static ElementListMessage Decode(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NetfilterInfo>(payload, out var attributes);
        string table = "", set = "";
        uint? id = null;
        var elements = new List<SetElement>();
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_SET_ELEM_LIST_TABLE: table = attribute.AsString(); break;
                case NFTA_SET_ELEM_LIST_SET: set = attribute.AsString(); break;
                case NFTA_SET_ELEM_LIST_SET_ID: id = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_ELEM_LIST_ELEMENTS:
                    var list = attribute.Nested;
                    while (list.Read(out var element))
                        elements.Add(SetElement.Read(element.Nested));
                    break;
                default: unknown.Add(attribute); break;
            }
        }

        return new ElementListMessage((TableFamily)info.nfgen_family, table, set, [.. elements]) { SetId = id, Unknown = unknown.ToList() };
    }

    /// <summary>Writes what follows the header. For long lists use <see cref="TableBatch.BeginElements"/>, which makes several messages.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WriteHead(writer, Family, Table, Set, SetId);
        writer.Attributes(Unknown);
        var list = writer.BeginNested(NFTA_SET_ELEM_LIST_ELEMENTS);
        foreach (var element in Elements.Span)
            element.Write(writer);
        writer.EndNested(list);
    }

    internal static void WriteHead(NetlinkWriter writer, TableFamily family, string table, string set, uint? id)
    {
        NetfilterHeader.Write(writer, family);
        writer.Attribute(NFTA_SET_ELEM_LIST_TABLE, table);
        writer.Attribute(NFTA_SET_ELEM_LIST_SET, set);
        if (id is { } number) writer.BigEndian(NFTA_SET_ELEM_LIST_SET_ID, number);
    }
}
