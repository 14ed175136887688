using System.Runtime.InteropServices;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tests.Captures;

/// <summary>Reads annotated captures: hexadecimal digits, spaces, and comments from # to the end of the line.</summary>
internal static class Capture
{
    private const int FlagsOffset = 6;

    public static byte[] Bytes(string capture) =>
        Convert.FromHexString(string.Concat(capture.Split('\n').Select(line => line.Split('#')[0].Replace(" ", "", StringComparison.Ordinal).Trim())));

    /// <summary>The one message of a capture.</summary>
    public static ReadOnlySpan<byte> Payload(string capture) => Bytes(capture).AsSpan(NetlinkHeader.Size);

    /// <summary>The message without NLM_F_ACK, which tools ask for and a batch leaves to the socket.</summary>
    public static byte[] Request(string capture)
    {
        var bytes = Bytes(capture);
        var flags = MemoryMarshal.Read<ushort>(bytes.AsSpan(FlagsOffset)) & ~(ushort)MessageFlags.Acknowledge;
        bytes[FlagsOffset] = (byte)flags;
        return bytes;
    }

    public static byte[] Encode(Action<NetlinkWriter> encode)
    {
        var writer = new NetlinkWriter();
        encode(writer);
        return writer.Written.ToArray();
    }
}
