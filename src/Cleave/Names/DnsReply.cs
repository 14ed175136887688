using System.Buffers.Binary;
using System.Net;

namespace Cleave.Names;

/// <summary>Answers of our own.</summary>
internal static class DnsReply
{
    private const ushort ToQuestion = 0xc00c; // a pointer to the name in the question
    private const uint Ttl = 0; // so that a fault on a name is felt at once

    /// <summary>An answer without records.</summary>
    /// <param name="query">The question.</param>
    /// <param name="code">How it went.</param>
    /// <param name="zone">The zone that the name is in, if we know all of it: its SOA record says so.</param>
    public static byte[] Empty(DnsQuery query, DnsCode code, string? zone = null)
    {
        var message = new List<byte>(64);
        Begin(message, query, code, answers: 0, authorities: zone is null ? 0 : 1);
        if (zone is not null)
        {
            AddSoa(message, zone);
        }

        AddEdns(message, query, code);
        return [.. message];
    }

    /// <summary>An answer to what could not be read.</summary>
    /// <param name="query">Its bytes; at least a header.</param>
    /// <param name="code">What is wrong.</param>
    public static byte[] Error(ReadOnlySpan<byte> query, DnsCode code)
    {
        byte[] message = new byte[DnsWire.HeaderLength];
        query[..2].CopyTo(message);
        ushort asked = DnsQuery.Word(query, 2);
        BinaryPrimitives.WriteUInt16BigEndian(
            message.AsSpan(2), (ushort)(DnsWire.Response | (asked & (DnsWire.OpcodeMask | DnsWire.RecursionDesired)) | (int)code));
        return message;
    }

    /// <summary>The addresses of a name; of both families where the question is for any type.</summary>
    public static byte[] Addresses(DnsQuery query, IReadOnlyList<IPAddress> addresses)
    {
        var message = new List<byte>(64 + (28 * addresses.Count));
        Begin(message, query, DnsCode.Success, addresses.Count, 0);
        foreach (IPAddress address in addresses)
        {
            byte[] bytes = address.GetAddressBytes();
            AddFrame(message, bytes.Length == 4 ? DnsType.A : DnsType.Aaaa, bytes.Length);
            message.AddRange(bytes);
        }

        AddEdns(message, query, DnsCode.Success);
        return [.. message];
    }

    /// <summary>The name of an address.</summary>
    public static byte[] Pointer(DnsQuery query, string name)
    {
        var message = new List<byte>(128);
        var data = new List<byte>();
        DnsName.Write(data, name);
        Begin(message, query, DnsCode.Success, 1, 0);
        AddFrame(message, DnsType.Ptr, data.Count);
        message.AddRange(data);
        AddEdns(message, query, DnsCode.Success);
        return [.. message];
    }

    /// <summary>The same as an answer by datagram: one that is too long for that says only that it is.</summary>
    public static byte[] Fit(DnsQuery query, byte[] reply)
    {
        if (reply.Length <= query.Datagram)
        {
            return reply;
        }

        var message = new List<byte>(64);
        message.AddRange(reply.AsSpan(0, 4)); // with its flags
        Add(message, 1);
        Add(message, 0);
        Add(message, 0);
        Add(message, (ushort)(query.Edns is null ? 0 : 1));
        message.AddRange(query.Question);
        AddEdns(message, query, DnsCode.Success);
        message[2] |= DnsWire.Truncated >> 8;
        return [.. message];
    }

    /// <summary>The OPT record of ours, if the other knows what that is.</summary>
    internal static void AddEdns(List<byte> message, DnsQuery query, DnsCode code, int size = DnsWire.Datagram)
    {
        if (query.Edns is { } edns)
        {
            message.Add(0);
            Add(message, (ushort)DnsType.Opt);
            Add(message, (ushort)size);
            message.Add((byte)((int)code >> 4));
            message.Add(0);
            Add(message, edns.WantsDnssec ? DnsWire.DnssecOk : (ushort)0);
            Add(message, 0);
        }
    }

    internal static void Add(List<byte> message, ushort word)
    {
        message.Add((byte)(word >> 8));
        message.Add((byte)word);
    }

    private static void Begin(List<byte> message, DnsQuery query, DnsCode code, int answers, int authorities)
    {
        Add(message, query.Id);
        int authority = code is DnsCode.Success or DnsCode.NameError ? DnsWire.Authoritative : 0;
        Add(message, (ushort)(DnsWire.Response | authority | DnsWire.RecursionAvailable
            | (query.Flags & (DnsWire.RecursionDesired | DnsWire.CheckingDisabled)) | ((int)code & DnsWire.CodeMask)));
        Add(message, 1);
        Add(message, (ushort)answers);
        Add(message, (ushort)authorities);
        Add(message, (ushort)(query.Edns is null ? 0 : 1));
        message.AddRange(query.Question);
    }

    private static void AddFrame(List<byte> message, DnsType type, int length)
    {
        Add(message, ToQuestion);
        Add(message, (ushort)type);
        Add(message, DnsWire.ClassInternet);
        AddLong(message, Ttl);
        Add(message, (ushort)length);
    }

    private static void AddSoa(List<byte> message, string zone)
    {
        var data = new List<byte>();
        DnsName.Write(data, LabNames.Fabric);
        DnsName.Write(data, "nobody.invalid");
        foreach (uint number in (ReadOnlySpan<uint>)[1, 3600, 600, 86400, Ttl])
        {
            AddLong(data, number);
        }

        DnsName.Write(message, zone);
        Add(message, (ushort)DnsType.Soa);
        Add(message, DnsWire.ClassInternet);
        AddLong(message, Ttl);
        Add(message, (ushort)data.Count);
        message.AddRange(data);
    }

    private static void AddLong(List<byte> message, uint number)
    {
        Add(message, (ushort)(number >> 16));
        Add(message, (ushort)number);
    }
}
