using System.Buffers.Binary;

namespace Cleave.Names;

/// <summary>What an asker says of itself besides the question (RFC 6891).</summary>
/// <param name="Size">The longest datagram that it takes.</param>
/// <param name="Version">The version of EDNS.</param>
/// <param name="WantsDnssec">The bit DO.</param>
internal readonly record struct Edns(int Size, byte Version, bool WantsDnssec);

/// <summary>A question, read.</summary>
/// <param name="Id">By which the asker knows its answer.</param>
/// <param name="Flags">The second word of its header.</param>
/// <param name="Name">What it asks for, as <see cref="DnsName"/> writes it.</param>
/// <param name="Type">What of it.</param>
/// <param name="Class">1: the internet.</param>
/// <param name="Question">The question as it stood in the message, its letters as they were.</param>
/// <param name="Edns">Null if the asker does not know EDNS.</param>
internal sealed record DnsQuery(ushort Id, ushort Flags, string Name, DnsType Type, ushort Class, byte[] Question, Edns? Edns)
{
    /// <summary>What the asker says it can take of a datagram.</summary>
    public int Datagram => Edns is { } edns ? Math.Clamp(edns.Size, DnsWire.PlainDatagram, DnsWire.Datagram) : DnsWire.PlainDatagram;

    /// <summary>Reads a message from an asker.</summary>
    /// <param name="message">The bytes, whatever they are.</param>
    /// <param name="error">What is wrong with it, if an answer can say so.</param>
    /// <returns>Null if it is no question that can be answered; with no error either, nothing is to be sent: it is no question at all, but an answer for instance.</returns>
    public static DnsQuery? Read(ReadOnlySpan<byte> message, out DnsCode? error)
    {
        error = null;
        if (message.Length < DnsWire.HeaderLength)
        {
            return null;
        }

        ushort flags = Word(message, 2);
        if ((flags & DnsWire.Response) != 0)
        {
            return null; // or two servers would talk to each other for ever
        }

        if ((flags & DnsWire.OpcodeMask) != 0)
        {
            error = DnsCode.NotImplemented;
            return null;
        }

        error = DnsCode.FormatError;
        int at = DnsWire.HeaderLength;
        if (Word(message, 4) != 1 || !DnsName.TryRead(message, ref at, out string name, pointers: false) || at + 4 > message.Length)
        {
            return null;
        }

        (ushort type, ushort kind) = (Word(message, at), Word(message, at + 2));
        at += 4;
        byte[] question = message[DnsWire.HeaderLength..at].ToArray();
        if (!TryReadOptions(message, at, out Edns? edns))
        {
            return null;
        }

        error = null;
        return new DnsQuery(Word(message, 0), flags, name, (DnsType)type, kind, question, edns);
    }

    /// <summary>Finds the OPT record among what follows the question.</summary>
    private static bool TryReadOptions(ReadOnlySpan<byte> message, int at, out Edns? edns)
    {
        edns = null;
        int before = Word(message, 6) + Word(message, 8);
        int records = before + Word(message, 10);
        for (int i = 0; i < records; i++)
        {
            if (!DnsRecord.TryRead(message, ref at, out DnsRecord record))
            {
                return false;
            }

            if (record.Type == DnsType.Opt)
            {
                if (i < before || edns is not null || record.HasOwner)
                {
                    return false; // RFC 6891: one, additional, of the root
                }

                edns = new Edns(record.Class, (byte)(record.Ttl >> 16), (record.Ttl & DnsWire.DnssecOk) != 0);
            }
        }

        return true;
    }

    internal static ushort Word(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}

/// <summary>The frame of a record in a message.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="HasOwner">Whether it has a name other than the root.</param>
/// <param name="Type">Its type.</param>
/// <param name="Class">Its class; of OPT, the longest datagram.</param>
/// <param name="Ttl">How long it may be remembered, in seconds; of OPT, bits.</param>
/// <param name="End">Where what follows it begins.</param>
internal readonly record struct DnsRecord(int At, bool HasOwner, DnsType Type, ushort Class, uint Ttl, int End)
{
    private const int Frame = 10;

    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out DnsRecord record)
    {
        record = default;
        int begin = at;
        if (!DnsName.TryRead(message, ref at, out string name) || at + Frame > message.Length)
        {
            return false;
        }

        int end = at + Frame + DnsQuery.Word(message, at + 8);
        if (end > message.Length)
        {
            return false;
        }

        record = new DnsRecord(
            begin, name.Length > 0, (DnsType)DnsQuery.Word(message, at), DnsQuery.Word(message, at + 2), BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]), end);
        at = end;
        return true;
    }
}
