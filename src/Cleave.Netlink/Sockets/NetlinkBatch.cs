using System.Runtime.InteropServices;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Sockets;

/// <summary>
/// Requests gathered to be sent together. Sending does not empty it: <see cref="Clear"/> makes it ready for the next use
/// and keeps its buffer. Not thread-safe.
/// </summary>
public abstract class NetlinkBatch
{
    private const int FlagsOffset = 6;
    private const int SequenceOffset = 8;

    private readonly List<int> _offsets = [];

    private protected NetlinkBatch(NetlinkFamily family) => Family = family;

    /// <summary>The protocol its requests belong to.</summary>
    public NetlinkFamily Family { get; }

    /// <summary>How many requests it holds.</summary>
    public int Count => _offsets.Count;

    /// <summary>Bytes of all requests, headers included.</summary>
    public int Length => Writer.Length;

    /// <summary>The requests as they will be sent, except for sequence numbers.</summary>
    public ReadOnlySpan<byte> Bytes => Writer.Written;

    private protected NetlinkWriter Writer { get; } = new();

    /// <summary>Whether all requests go to the kernel in one piece, which then does all or nothing.</summary>
    internal abstract bool IsTransaction { get; }

    /// <summary>Removes all requests.</summary>
    public virtual void Clear()
    {
        Writer.Clear();
        _offsets.Clear();
    }

    /// <summary>Adds a request this library has no method for.</summary>
    /// <param name="type">Message type.</param>
    /// <param name="flags">Flags; NLM_F_REQUEST is added, NLM_F_ACK is left to the socket.</param>
    /// <param name="payload">What follows the header.</param>
    /// <returns>The index of the request.</returns>
    public int AddRaw(ushort type, MessageFlags flags, ReadOnlySpan<byte> payload)
    {
        var message = Begin(type, flags);
        payload.CopyTo(Writer.Reserve(payload.Length));
        return End(message);
    }

    private protected MessageToken Begin(ushort type, MessageFlags flags)
    {
        BeforeRequest();
        var message = Writer.BeginMessage(type, flags | MessageFlags.Request);
        _offsets.Add(message.Offset);
        return message;
    }

    /// <summary>Called before a request is written.</summary>
    private protected virtual void BeforeRequest() { }

    private protected int End(MessageToken message)
    {
        Writer.EndMessage(message);
        return _offsets.Count - 1;
    }

    /// <summary>Where a request begins; the count gives the end of the last.</summary>
    internal int OffsetOf(int index) => index < _offsets.Count ? _offsets[index] : RequestsEnd;

    /// <summary>Where the last request ends.</summary>
    internal virtual int RequestsEnd => Writer.Length;

    /// <summary>The bytes to send for requests <paramref name="start"/> up to <paramref name="end"/>.</summary>
    internal virtual ReadOnlySpan<byte> Datagram(int start, int end) => Writer.Written[OffsetOf(start)..OffsetOf(end)];

    /// <summary>Numbers the requests from <paramref name="first"/> on.</summary>
    internal virtual void Number(uint first)
    {
        for (var i = 0; i < _offsets.Count; i++)
            SetSequence(_offsets[i], first + (uint)i);
    }

    internal void SetAcknowledge(int index, bool value)
    {
        var bytes = Writer.WrittenForPatching[(_offsets[index] + FlagsOffset)..];
        var flags = MemoryMarshal.Read<ushort>(bytes);
        flags = (ushort)(value ? flags | (ushort)MessageFlags.Acknowledge : flags & ~(ushort)MessageFlags.Acknowledge);
        MemoryMarshal.Write(bytes, in flags);
    }

    private protected void SetSequence(int offset, uint sequence) =>
        MemoryMarshal.Write(Writer.WrittenForPatching[(offset + SequenceOffset)..], in sequence);
}
