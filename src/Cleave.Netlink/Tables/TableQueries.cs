using Cleave.Netlink.Sockets;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>Questions to ask on a <see cref="NetlinkFamily.Netfilter"/> socket.</summary>
public static class TableQueries
{
    /// <summary>All tables. Equivalent to <c>nft list tables</c>.</summary>
    public static IReadOnlyList<TableMessage> DumpTables(this NetlinkSocket socket, TableFamily family = TableFamily.Unspecified) =>
        Dump(socket, NFT_MSG_GETTABLE, Head(family), static m => IsAnswer(m, NFT_MSG_NEWTABLE) ? TableMessage.Decode(m.Payload) : null);

    /// <summary>All chains. Equivalent to <c>nft list chains</c>.</summary>
    public static IReadOnlyList<ChainMessage> DumpChains(this NetlinkSocket socket, TableFamily family = TableFamily.Unspecified) =>
        Dump(socket, NFT_MSG_GETCHAIN, Head(family), static m => IsAnswer(m, NFT_MSG_NEWCHAIN) ? ChainMessage.Decode(m.Payload) : null);

    /// <summary>All sets and maps of a table, without elements. Equivalent to <c>nft list sets</c> and <c>nft list maps</c>.</summary>
    public static IReadOnlyList<SetMessage> DumpSets(this NetlinkSocket socket, TableFamily family, string table)
    {
        var request = Head(family);
        request.Attribute(NFTA_SET_TABLE, table);
        return Dump(socket, NFT_MSG_GETSET, request, static m => IsAnswer(m, NFT_MSG_NEWSET) ? SetMessage.Decode(m.Payload) : null);
    }

    /// <summary>All elements of a set or map, with their counters. Equivalent to <c>nft list set</c> and <c>nft list map</c>.</summary>
    /// <exception cref="NetlinkException">ENOENT: there is no such set.</exception>
    public static IReadOnlyList<SetElement> DumpElements(this NetlinkSocket socket, TableFamily family, string table, string set)
    {
        var request = Head(family);
        request.Attribute(NFTA_SET_ELEM_LIST_TABLE, table);
        request.Attribute(NFTA_SET_ELEM_LIST_SET, set);
        var messages = Dump(
            socket,
            NFT_MSG_GETSETELEM,
            request,
            static m => IsAnswer(m, NFT_MSG_NEWSETELEM) ? ElementListMessage.Decode(m.Payload) : null);
        return [.. messages.SelectMany(static m => m.Elements)];
    }

    /// <summary>The rules of a chain, or of all chains of a table, in order and with their counters. Equivalent to <c>nft -a list chain</c>.</summary>
    public static IReadOnlyList<RuleMessage> DumpRules(this NetlinkSocket socket, TableFamily family, string table, string? chain = null)
    {
        var request = Head(family);
        request.Attribute(NFTA_RULE_TABLE, table);
        if (chain is not null) request.Attribute(NFTA_RULE_CHAIN, chain);
        return Dump(socket, NFT_MSG_GETRULE, request, static m => IsAnswer(m, NFT_MSG_NEWRULE) ? RuleMessage.Decode(m.Payload) : null);
    }

    private static bool IsAnswer(NetlinkMessage message, ushort type) => message.Header.Type == TypeOf(type);

    private static ushort TypeOf(ushort message) => (ushort)((NFNL_SUBSYS_NFTABLES << 8) | message);

    private static NetlinkWriter Head(TableFamily family)
    {
        var writer = new NetlinkWriter(128);
        NetfilterHeader.Write(writer, family);
        return writer;
    }

    private static IReadOnlyList<T> Dump<T>(NetlinkSocket socket, ushort type, NetlinkWriter request, MessageDecoder<T> decode)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(socket);
        return socket.Dump(TypeOf(type), request.Written, decode);
    }
}
