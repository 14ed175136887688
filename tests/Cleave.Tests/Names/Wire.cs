using System.Buffers.Binary;
using System.Net;
using System.Text;
using Cleave.Names;

namespace Cleave.Tests.Names;

/// <summary>Messages as askers and servers send them, made independently of what is tested.</summary>
internal static class Wire
{
    public static byte[] Query(string name, DnsType type, ushort id = 0x1234, ushort flags = 0x0100, int? edns = null, ushort kind = 1, byte version = 0) =>
        [.. Word(id), .. Word(flags), .. Word(1), .. Word(0), .. Word(0), .. Word(edns is null ? 0 : 1), .. Name(name), .. Word((int)type), .. Word(kind), .. Opt(edns, version)];

    /// <summary>What a server makes of a query: its question, and records.</summary>
    public static byte[] Answer(byte[] query, ushort flags, int answers, byte[] records, bool edns)
    {
        int end = 12;
        while (query[end] != 0)
        {
            end += query[end] + 1;
        }

        return [.. query[..2], .. Word(flags), .. Word(1), .. Word(answers), .. Word(0), .. Word(edns ? 1 : 0), .. query[12..(end + 5)], .. records, .. Opt(edns ? 4096 : null, 0)];
    }

    public static byte[] A(string address) => [0xc0, 0x0c, .. Word(1), .. Word(1), 0, 0, 0, 60, .. Word(4), .. IPAddress.Parse(address).GetAddressBytes()];

    public static byte[] Name(string name) => [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.Latin1.GetBytes(l)]), 0];

    public static byte[] Word(int word)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)word);
        return bytes;
    }

    public static DnsCode Code(byte[] message) => (DnsCode)(message[3] & 0x0f);

    /// <summary>The number of records: answers, authorities, additional ones.</summary>
    public static (int, int, int) Counts(byte[] message) => (message[7], message[9], message[11]);

    private static byte[] Opt(int? size, byte version) => size is { } s ? [0, .. Word(41), .. Word(s), 0, version, 0x80, 0, 0, 0] : [];
}
