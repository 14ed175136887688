using System.Runtime.InteropServices;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>A set or map: NFTA_SET_* of linux/netfilter/nf_tables.h. Make one with <see cref="Set"/> or <see cref="Map"/>, which fill what nft needs to list it.</summary>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name. nft's keywords (such as <c>dst</c>) can be made here, but not loaded again by nft.</param>
public sealed record SetMessage(TableFamily Family, string Table, string Name)
{
    /// <summary>NFTA_SET_FLAGS.</summary>
    public SetFlags Flags { get; init; }

    /// <summary>NFTA_SET_KEY_TYPE: nft's number of the keys' type.</summary>
    public uint KeyType { get; init; }

    /// <summary>NFTA_SET_KEY_LEN in bytes.</summary>
    public uint KeyLength { get; init; }

    /// <summary>NFTA_SET_DATA_TYPE: nft's number of the data's type; maps only.</summary>
    public uint? DataType { get; init; }

    /// <summary>NFTA_SET_DATA_LEN in bytes; maps only.</summary>
    public uint? DataLength { get; init; }

    /// <summary>NFTA_SET_DESC_SIZE: the most elements; null for no limit.</summary>
    public uint? Size { get; init; }

    /// <summary>NFTA_SET_ID: its number in the transaction; the batch fills it in.</summary>
    public uint? Id { get; init; }

    /// <summary>NFTA_SET_HANDLE; only in answers.</summary>
    public ulong? Handle { get; init; }

    /// <summary>NFTA_SET_USERDATA: nft's own notes, such as byte orders.</summary>
    public ValueList<byte> UserData { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>A set: <c>set NAME { type KEY; }</c>.</summary>
    public static SetMessage Set(TableFamily family, string table, string name, SetType key) => new(family, table, name)
    {
        KeyType = key.Id,
        KeyLength = (uint)key.Length,
        UserData = ByteOrder(UserDataTypes.SetKeyByteOrder, (uint)key.ByteOrder),
    };

    /// <summary>A map: <c>map NAME { type KEY : DATA; }</c>. With <see cref="SetType.Verdict"/> as data, a verdict map.</summary>
    public static SetMessage Map(TableFamily family, string table, string name, SetType key, SetType data) => new(family, table, name)
    {
        Flags = SetFlags.Map,
        KeyType = key.Id,
        KeyLength = (uint)key.Length,
        DataType = data.Id,
        DataLength = (uint)data.Length,
        UserData =
        [
            .. ByteOrder(UserDataTypes.SetKeyByteOrder, (uint)key.ByteOrder),
            .. ByteOrder(UserDataTypes.SetDataByteOrder, (uint)data.ByteOrder),
            .. ByteOrder(UserDataTypes.SetDataInterval, 0),
        ],
    };

    /// <summary>Reads what follows the header of NFT_MSG_NEWSET.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static SetMessage Decode(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NetfilterInfo>(payload, out var attributes);
        string table = "", name = "";
        uint flags = 0, keyType = 0, keyLength = 0;
        uint? dataType = null, dataLength = null, size = null, id = null;
        ulong? handle = null;
        ValueList<byte> userData = default;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_SET_TABLE: table = attribute.AsString(); break;
                case NFTA_SET_NAME: name = attribute.AsString(); break;
                case NFTA_SET_FLAGS: flags = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_KEY_TYPE: keyType = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_KEY_LEN: keyLength = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_DATA_TYPE: dataType = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_DATA_LEN: dataLength = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_ID: id = attribute.AsBigEndianUInt32(); break;
                case NFTA_SET_HANDLE: handle = attribute.AsBigEndianUInt64(); break;
                case NFTA_SET_USERDATA: userData = ValueList.Create(attribute.Value); break;
                case NFTA_SET_DESC when TryReadSize(attribute.Nested, out var found): size = found; break;
                default: unknown.Add(attribute); break;
            }
        }

        return new SetMessage((TableFamily)info.nfgen_family, table, name)
        {
            Flags = (SetFlags)flags,
            KeyType = keyType,
            KeyLength = keyLength,
            DataType = dataType,
            DataLength = dataLength,
            Size = size,
            Id = id,
            Handle = handle,
            UserData = userData,
            Unknown = unknown.ToList(),
        };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        NetfilterHeader.Write(writer, Family);
        writer.Attribute(NFTA_SET_TABLE, Table);
        writer.Attribute(NFTA_SET_NAME, Name);
        writer.BigEndian(NFTA_SET_FLAGS, (uint)Flags);
        writer.BigEndian(NFTA_SET_KEY_TYPE, KeyType);
        writer.BigEndian(NFTA_SET_KEY_LEN, KeyLength);
        if (DataType is { } dataType) writer.BigEndian(NFTA_SET_DATA_TYPE, dataType);
        if (DataLength is { } dataLength) writer.BigEndian(NFTA_SET_DATA_LEN, dataLength);
        if (Id is { } id) writer.BigEndian(NFTA_SET_ID, id);
        if (Handle is { } handle) writer.BigEndian(NFTA_SET_HANDLE, handle);
        if (Size is { } size)
        {
            var description = writer.BeginNested(NFTA_SET_DESC);
            writer.BigEndian(NFTA_SET_DESC_SIZE, size);
            writer.EndNested(description);
        }

        if (UserData.Count > 0) writer.Attribute(NFTA_SET_USERDATA, UserData.Span);
        writer.Attributes(Unknown);
    }

    // A description with more in it than a size (ranges in concatenations) is kept raw.
    private static bool TryReadSize(AttributeReader attributes, out uint size)
    {
        size = 0;
        if (!attributes.Read(out var only) || only.Type != NFTA_SET_DESC_SIZE)
            return false;
        size = only.AsBigEndianUInt32();
        return !attributes.Read(out _);
    }

    // User data is a list of (type: 1 byte, length: 1 byte, value), numbers in host byte order.
    private static ValueList<byte> ByteOrder(byte type, uint value) =>
        [type, sizeof(uint), .. MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value))];
}
