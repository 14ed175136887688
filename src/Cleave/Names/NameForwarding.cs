using System.Buffers.Binary;

namespace Cleave.Names;

/// <summary>
/// A question put to a name server outside, and what of its answer goes back. EDNS is between neighbours (RFC 6891): the server outside is told what we
/// take, the asker gets what it takes.
/// </summary>
/// <param name="query">The question.</param>
/// <param name="id">A number that nobody can guess.</param>
/// <param name="size">The longest datagram that we take.</param>
internal sealed class NameForwarding(DnsQuery query, ushort id, int size)
{
    /// <summary>What is sent to the server.</summary>
    public byte[] Question()
    {
        var message = new List<byte>(64);
        DnsReply.Add(message, id);
        DnsReply.Add(message, (ushort)(query.Flags & ~DnsWire.Truncated));
        foreach (ushort count in (ReadOnlySpan<ushort>)[1, 0, 0, 1])
        {
            DnsReply.Add(message, count);
        }

        message.AddRange(query.Question);
        DnsReply.AddEdns(message, query with { Edns = query.Edns ?? new Edns(size, 0, false) }, DnsCode.Success, size);
        return [.. message];
    }

    /// <summary>Whether a message is the answer: of the number and to the question.</summary>
    public bool IsAnswer(ReadOnlySpan<byte> message) =>
        message.Length >= DnsWire.HeaderLength
        && DnsQuery.Word(message, 0) == id
        && (DnsQuery.Word(message, 2) & (DnsWire.Response | DnsWire.OpcodeMask)) == DnsWire.Response
        && HasQuestion(message);

    /// <summary>Whether the server has left something out, which it would tell by TCP.</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> message) => (DnsQuery.Word(message, 2) & DnsWire.Truncated) != 0;

    /// <summary>Whether the server is no help, and another may be.</summary>
    public static bool HasFailed(ReadOnlySpan<byte> message) =>
        (DnsCode)(DnsQuery.Word(message, 2) & DnsWire.CodeMask) is DnsCode.ServerFailure or DnsCode.Refused or DnsCode.NotImplemented or DnsCode.FormatError;

    /// <summary>The answer as the asker gets it.</summary>
    public byte[] ForAsker(ReadOnlySpan<byte> message)
    {
        byte[] reply = message.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(reply, query.Id);
        return query.Edns is null ? WithoutEdns(reply) : reply;
    }

    /// <summary>A server that failed may leave the question out.</summary>
    private bool HasQuestion(ReadOnlySpan<byte> message)
    {
        if (DnsQuery.Word(message, 4) == 0)
        {
            return HasFailed(message);
        }

        int at = DnsWire.HeaderLength, own = 0;
        return DnsQuery.Word(message, 4) == 1
            && DnsName.TryRead(message, ref at, out string name) && at + 4 <= message.Length
            && DnsName.TryRead(query.Question, ref own, out string asked) && name == asked
            && message.Slice(at, 4).SequenceEqual(query.Question.AsSpan(own, 4));
    }

    /// <summary>An asker that does not know EDNS gets no OPT record, if that is the last one; where it is not, what follows could point past it.</summary>
    private static byte[] WithoutEdns(byte[] reply)
    {
        int at = DnsWire.HeaderLength;
        ReadOnlySpan<byte> message = reply;
        for (int i = 0; i < DnsQuery.Word(message, 4); i++)
        {
            if (!DnsName.TryRead(message, ref at, out _) || at + 4 > message.Length)
            {
                return reply;
            }

            at += 4;
        }

        DnsRecord last = default;
        int records = DnsQuery.Word(message, 6) + DnsQuery.Word(message, 8) + DnsQuery.Word(message, 10);
        for (int i = 0; i < records; i++)
        {
            if (!DnsRecord.TryRead(message, ref at, out last))
            {
                return reply;
            }
        }

        if (records == 0 || last.Type != DnsType.Opt || DnsQuery.Word(message, 10) == 0)
        {
            return reply;
        }

        byte[] shorter = reply[..last.At];
        BinaryPrimitives.WriteUInt16BigEndian(shorter.AsSpan(10), (ushort)(DnsQuery.Word(message, 10) - 1));
        return shorter;
    }
}
