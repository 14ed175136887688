using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>A table: NFTA_TABLE_* of linux/netfilter/nf_tables.h.</summary>
/// <param name="Family">Which packets it sees.</param>
/// <param name="Name">Its name.</param>
public sealed record TableMessage(TableFamily Family, string Name)
{
    /// <summary>NFTA_TABLE_FLAGS: 1 dormant, 2 owned by the socket that made it.</summary>
    public uint Flags { get; init; }

    /// <summary>NFTA_TABLE_HANDLE; only in answers.</summary>
    public ulong? Handle { get; init; }

    /// <summary>NFTA_TABLE_USE: chains, sets and so on in it; only in answers.</summary>
    public uint? Use { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>Reads what follows the header of NFT_MSG_NEWTABLE.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static TableMessage Decode(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NetfilterInfo>(payload, out var attributes);
        var name = "";
        uint flags = 0;
        uint? use = null;
        ulong? handle = null;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_TABLE_NAME: name = attribute.AsString(); break;
                case NFTA_TABLE_FLAGS: flags = attribute.AsBigEndianUInt32(); break;
                case NFTA_TABLE_USE: use = attribute.AsBigEndianUInt32(); break;
                case NFTA_TABLE_HANDLE: handle = attribute.AsBigEndianUInt64(); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new TableMessage((TableFamily)info.nfgen_family, name) { Flags = flags, Use = use, Handle = handle, Unknown = unknown.ToList() };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        NetfilterHeader.Write(writer, Family);
        writer.Attribute(NFTA_TABLE_NAME, Name);
        writer.BigEndian(NFTA_TABLE_FLAGS, Flags);
        if (Use is { } use) writer.BigEndian(NFTA_TABLE_USE, use);
        if (Handle is { } handle) writer.BigEndian(NFTA_TABLE_HANDLE, handle);
        writer.Attributes(Unknown);
    }
}

/// <summary>struct nfgenmsg: stands in front of the attributes of every nf_tables message.</summary>
internal static class NetfilterHeader
{
    public static void Write(NetlinkWriter writer, TableFamily family) =>
        FixedStruct.Write(writer, new NetfilterInfo { nfgen_family = (byte)family, version = NFNETLINK_V0 });
}
