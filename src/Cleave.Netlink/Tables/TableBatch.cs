using System.Net;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>
/// An nf_tables transaction: the kernel carries out all of it at once, or nothing. It must fit the socket's send buffer
/// (<see cref="NetlinkSocket.LargestTransaction"/>). Every method gives the index of its request, which
/// <see cref="NetlinkException.RequestIndex"/> refers to.
/// </summary>
public sealed class TableBatch : NetlinkBatch
{
    private int _requestsEnd;
    private uint _lastSetId;
    private bool _sealed;

    /// <summary>An empty transaction.</summary>
    public TableBatch()
        : base(NetlinkFamily.Netfilter) =>
        WriteEdge(NFNL_MSG_BATCH_BEGIN);

    internal override bool IsTransaction => true;

    internal override int RequestsEnd => _sealed ? _requestsEnd : Writer.Length;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        _sealed = false;
        _lastSetId = 0;
        WriteEdge(NFNL_MSG_BATCH_BEGIN);
    }

    /// <summary>Creates a table unless it exists. Equivalent to <c>nft add table</c>.</summary>
    public int AddTable(TableFamily family, string name)
    {
        var message = BeginMessage(NFT_MSG_NEWTABLE, MessageFlags.None);
        new TableMessage(family, name).Encode(Writer);
        return End(message);
    }

    /// <summary>Deletes a table with all that is in it; ENOENT when there is none. Equivalent to <c>nft delete table</c>.</summary>
    public int DeleteTable(TableFamily family, string name)
    {
        var message = BeginMessage(NFT_MSG_DELTABLE, MessageFlags.None);
        NetfilterHeader.Write(Writer, family);
        Writer.Attribute(NFTA_TABLE_NAME, name);
        return End(message);
    }

    /// <summary>Creates a chain unless it exists. Equivalent to <c>nft add chain</c>.</summary>
    public int AddChain(ChainMessage chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var message = BeginMessage(NFT_MSG_NEWCHAIN, MessageFlags.Create);
        chain.Encode(Writer);
        return End(message);
    }

    /// <summary>Deletes a chain without rules; EBUSY while a rule jumps to it. Equivalent to <c>nft delete chain</c>.</summary>
    public int DeleteChain(TableFamily family, string table, string name)
    {
        var message = BeginMessage(NFT_MSG_DELCHAIN, MessageFlags.None);
        NetfilterHeader.Write(Writer, family);
        Writer.Attribute(NFTA_CHAIN_TABLE, table);
        Writer.Attribute(NFTA_CHAIN_NAME, name);
        return End(message);
    }

    /// <summary>Appends a rule, or puts it behind the one at its position. Equivalent to <c>nft add rule</c>.</summary>
    public int AddRule(RuleMessage rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var message = BeginMessage(NFT_MSG_NEWRULE, MessageFlags.Create | MessageFlags.Append);
        rule.Encode(Writer);
        return End(message);
    }

    /// <summary>Puts a rule in front of all others, or before the one at its position. Equivalent to <c>nft insert rule</c>.</summary>
    public int InsertRule(RuleMessage rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var message = BeginMessage(NFT_MSG_NEWRULE, MessageFlags.Create);
        rule.Encode(Writer);
        return End(message);
    }

    /// <summary>Deletes a rule. Equivalent to <c>nft delete rule … handle N</c>.</summary>
    public int DeleteRule(TableFamily family, string table, string chain, ulong handle) => DeleteRules(family, table, chain, handle);

    /// <summary>Deletes the rules of a chain, or of all chains of a table. Equivalent to <c>nft flush chain</c> and <c>nft flush table</c>.</summary>
    public int FlushRules(TableFamily family, string table, string? chain = null) => DeleteRules(family, table, chain, handle: null);

    /// <summary>Creates a set or map unless it exists. Equivalent to <c>nft add set</c> and <c>nft add map</c>.</summary>
    public int AddSet(SetMessage set)
    {
        ArgumentNullException.ThrowIfNull(set);
        _lastSetId++;
        var message = BeginMessage(NFT_MSG_NEWSET, MessageFlags.Create);
        (set.Id is null ? set with { Id = _lastSetId } : set).Encode(Writer);
        return End(message);
    }

    /// <summary>Creates a set without a name, for one rule of this transaction: <c>{ ip, ip6 }</c> in a rule.</summary>
    /// <param name="family">The table's family.</param>
    /// <param name="table">The table.</param>
    /// <param name="key">Type of its elements.</param>
    /// <param name="elements">All its elements.</param>
    /// <returns>The lookup for that rule; change its register or invert it with <c>with</c>.</returns>
    public Lookup AddAnonymousSet(TableFamily family, string table, SetType key, params ReadOnlySpan<ValueList<byte>> elements)
    {
        const string Template = "__set%d";
        AddSet(SetMessage.Set(family, table, Template, key) with
        {
            Flags = SetFlags.Anonymous | SetFlags.Constant,
            Size = (uint)elements.Length,
        });
        using var writer = BeginElements(family, table, Template, _lastSetId);
        foreach (var element in elements)
            writer.Add(element.Span);
        return new Lookup(Template) { SetId = _lastSetId };
    }

    /// <summary>Deletes a set or map; EBUSY while a rule uses it. Equivalent to <c>nft delete set</c> and <c>nft delete map</c>.</summary>
    public int DeleteSet(TableFamily family, string table, string name)
    {
        var message = BeginMessage(NFT_MSG_DELSET, MessageFlags.None);
        NetfilterHeader.Write(Writer, family);
        Writer.Attribute(NFTA_SET_TABLE, table);
        Writer.Attribute(NFTA_SET_NAME, name);
        return End(message);
    }

    /// <summary>Adds elements; EEXIST when a map has the key with other data. Equivalent to <c>nft add element</c>.</summary>
    public void AddElements(TableFamily family, string table, string set, params ReadOnlySpan<SetElement> elements)
    {
        using var writer = BeginElements(family, table, set);
        foreach (var element in elements)
            writer.Add(element);
    }

    /// <summary>Deletes elements; ENOENT when one is not there. Equivalent to <c>nft delete element</c>.</summary>
    public void DeleteElements(TableFamily family, string table, string set, params ReadOnlySpan<SetElement> elements)
    {
        using var writer = new ElementWriter(this, NFT_MSG_DELSETELEM, MessageFlags.None, family, table, set, id: null);
        foreach (var element in elements)
            writer.Add(element);
    }

    /// <summary>Deletes all elements. Equivalent to <c>nft flush set</c> and <c>nft flush map</c>.</summary>
    public int FlushElements(TableFamily family, string table, string set)
    {
        var message = BeginMessage(NFT_MSG_DELSETELEM, MessageFlags.None);
        ElementListMessage.WriteHead(Writer, family, table, set, id: null);
        return End(message);
    }

    /// <summary>
    /// Begins to add elements without an object for each. Dispose the writer before the next request. A message's list is at most
    /// 64 KiB long, so that many elements make several requests.
    /// </summary>
    public ElementWriter BeginElements(TableFamily family, string table, string set, uint? setId = null) =>
        new(this, NFT_MSG_NEWSETELEM, MessageFlags.Create, family, table, set, setId);

    internal override void Number(uint first)
    {
        Seal();
        base.Number(first);
        // The kernel answers for the transaction as a whole under the number of its first message.
        SetSequence(0, first - 1);
    }

    internal override ReadOnlySpan<byte> Datagram(int start, int end) => Writer.Written;

    internal MessageToken BeginMessage(ushort message, MessageFlags flags) =>
        Begin((ushort)((NFNL_SUBSYS_NFTABLES << 8) | message), flags);

    internal int EndMessage(MessageToken message) => End(message);

    internal NetlinkWriter ElementTarget => Writer;

    private protected override void BeforeRequest()
    {
        if (!_sealed)
            return;
        Writer.Truncate(_requestsEnd);
        _sealed = false;
    }

    private int DeleteRules(TableFamily family, string table, string? chain, ulong? handle)
    {
        var message = BeginMessage(NFT_MSG_DELRULE, MessageFlags.None);
        NetfilterHeader.Write(Writer, family);
        Writer.Attribute(NFTA_RULE_TABLE, table);
        if (chain is not null) Writer.Attribute(NFTA_RULE_CHAIN, chain);
        if (handle is { } number) Writer.BigEndian(NFTA_RULE_HANDLE, number);
        return End(message);
    }

    private void Seal()
    {
        if (_sealed)
            return;
        _requestsEnd = Writer.Length;
        WriteEdge(NFNL_MSG_BATCH_END);
        _sealed = true;
    }

    private void WriteEdge(ushort type)
    {
        var message = Writer.BeginMessage(type, MessageFlags.Request);
        // The only number in network byte order outside of attributes.
        FixedStruct.Write(Writer, new NetfilterInfo { version = NFNETLINK_V0, res_id = (ushort)IPAddress.HostToNetworkOrder((short)NFNL_SUBSYS_NFTABLES) });
        Writer.EndMessage(message);
    }
}
