using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>Adds elements of one set to a transaction, without an object for each; begins another message when a list is full.</summary>
public ref struct ElementWriter : IDisposable
{
    // A list's length is a 16-bit number; no element is longer than this leaves.
    private const int FullList = 60_000;

    private readonly TableBatch _batch;
    private readonly ushort _type;
    private readonly MessageFlags _flags;
    private readonly TableFamily _family;
    private readonly string _table;
    private readonly string _set;
    private readonly uint? _id;
    private MessageToken _message;
    private NestedToken _list;
    private bool _open;

    internal ElementWriter(TableBatch batch, ushort type, MessageFlags flags, TableFamily family, string table, string set, uint? id)
    {
        _batch = batch;
        _type = type;
        _flags = flags;
        _family = family;
        _table = table;
        _set = set;
        _id = id;
    }

    /// <summary>Adds an element to a set.</summary>
    public void Add(scoped ReadOnlySpan<byte> key)
    {
        var writer = Next();
        var item = writer.BeginNested(NFTA_LIST_ELEM);
        DataAttribute.Write(writer, NFTA_SET_ELEM_KEY, key);
        writer.EndNested(item);
    }

    /// <summary>Adds an element to a map.</summary>
    public void Add(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> data)
    {
        var writer = Next();
        var item = writer.BeginNested(NFTA_LIST_ELEM);
        DataAttribute.Write(writer, NFTA_SET_ELEM_KEY, key);
        DataAttribute.Write(writer, NFTA_SET_ELEM_DATA, data);
        writer.EndNested(item);
    }

    /// <summary>Adds an element to a verdict map.</summary>
    public void Add(scoped ReadOnlySpan<byte> key, Verdict verdict)
    {
        var writer = Next();
        var item = writer.BeginNested(NFTA_LIST_ELEM);
        DataAttribute.Write(writer, NFTA_SET_ELEM_KEY, key);
        verdict.Write(writer, NFTA_SET_ELEM_DATA);
        writer.EndNested(item);
    }

    /// <summary>Adds an element with all it has.</summary>
    public void Add(SetElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        element.Write(Next());
    }

    /// <summary>Ends the last message.</summary>
    public void Dispose()
    {
        if (!_open)
            return;
        _batch.ElementTarget.EndNested(_list);
        _batch.EndMessage(_message);
        _open = false;
    }

    private NetlinkWriter Next()
    {
        var writer = _batch.ElementTarget;
        if (_open && writer.Length - _list.Offset > FullList)
            Dispose();
        if (!_open)
        {
            _message = _batch.BeginMessage(_type, _flags);
            ElementListMessage.WriteHead(writer, _family, _table, _set, _id);
            _list = writer.BeginNested(NFTA_SET_ELEM_LIST_ELEMENTS);
            _open = true;
        }

        return writer;
    }
}
