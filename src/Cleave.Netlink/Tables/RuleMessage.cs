using System.Text;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>A rule: NFTA_RULE_* of linux/netfilter/nf_tables.h.</summary>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Chain">Its chain.</param>
/// <param name="Expressions">Its steps.</param>
public sealed record RuleMessage(TableFamily Family, string Table, string Chain, ValueList<Expression> Expressions)
{
    /// <summary>The longest comment, in bytes, that nft reads.</summary>
    public const int LongestComment = 127;

    /// <summary>NFTA_RULE_HANDLE; only in answers, and to delete one.</summary>
    public ulong? Handle { get; init; }

    /// <summary>NFTA_RULE_POSITION: in answers, the handle of the rule before; in requests, that of the rule to add it behind.</summary>
    public ulong? Position { get; init; }

    /// <summary>NFTA_RULE_USERDATA: nft's own notes, such as a comment.</summary>
    public ValueList<byte> UserData { get; init; }

    /// <summary>The comment in <see cref="UserData"/>; setting it replaces all user data.</summary>
    /// <exception cref="ArgumentException">Set to more than <see cref="LongestComment"/> bytes.</exception>
    public string? Comment
    {
        get => FindComment(UserData.Span);
        init => UserData = value is null ? default : MakeComment(value);
    }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>The rule's first counter, or null.</summary>
    public Counter? Counter
    {
        get
        {
            foreach (var expression in Expressions.Span)
            {
                if (expression is Counter counter)
                    return counter;
            }

            return null;
        }
    }

    /// <summary>Reads what follows the header of NFT_MSG_NEWRULE.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static RuleMessage Decode(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NetfilterInfo>(payload, out var attributes);
        string table = "", chain = "";
        ValueList<Expression> expressions = default;
        ValueList<byte> userData = default;
        ulong? handle = null, position = null;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_RULE_TABLE: table = attribute.AsString(); break;
                case NFTA_RULE_CHAIN: chain = attribute.AsString(); break;
                case NFTA_RULE_EXPRESSIONS: expressions = Expression.ReadList(attribute.Nested); break;
                case NFTA_RULE_USERDATA: userData = ValueList.Create(attribute.Value); break;
                case NFTA_RULE_HANDLE: handle = attribute.AsBigEndianUInt64(); break;
                case NFTA_RULE_POSITION: position = attribute.AsBigEndianUInt64(); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new RuleMessage((TableFamily)info.nfgen_family, table, chain, expressions)
        {
            UserData = userData,
            Handle = handle,
            Position = position,
            Unknown = unknown.ToList(),
        };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        NetfilterHeader.Write(writer, Family);
        writer.Attribute(NFTA_RULE_TABLE, Table);
        writer.Attribute(NFTA_RULE_CHAIN, Chain);
        if (Handle is { } handle) writer.BigEndian(NFTA_RULE_HANDLE, handle);
        if (Expressions.Count > 0) Expression.WriteList(writer, NFTA_RULE_EXPRESSIONS, Expressions);
        if (Position is { } position) writer.BigEndian(NFTA_RULE_POSITION, position);
        if (UserData.Count > 0) writer.Attribute(NFTA_RULE_USERDATA, UserData.Span);
        writer.Attributes(Unknown);
    }

    // User data is a list of (type: 1 byte, length: 1 byte, value), without padding.
    private static ValueList<byte> MakeComment(string comment)
    {
        var length = Encoding.UTF8.GetByteCount(comment);
        if (length > LongestComment)
            throw new ArgumentException($"A comment of {length} bytes is longer than {LongestComment}.", nameof(comment));
        var data = new byte[2 + length + 1];
        data[0] = UserDataTypes.RuleComment;
        data[1] = (byte)(length + 1);
        Encoding.UTF8.GetBytes(comment, data.AsSpan(2));
        return ValueList.Create<byte>(data);
    }

    private static string? FindComment(ReadOnlySpan<byte> data)
    {
        while (data.Length >= 2 && data.Length >= 2 + data[1])
        {
            if (data[0] == UserDataTypes.RuleComment)
                return Encoding.UTF8.GetString(data.Slice(2, data[1])).TrimEnd('\0');
            data = data[(2 + data[1])..];
        }

        return null;
    }
}
