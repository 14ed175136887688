using System.Runtime.InteropServices;

namespace Cleave.Netlink.Wire;

/// <summary>struct nlmsghdr of linux/netlink.h: what every message begins with, in host byte order.</summary>
/// <param name="Length">Length of the message in bytes, this header included, padding excluded.</param>
/// <param name="Type">Message type, for example RTM_NEWLINK.</param>
/// <param name="Flags">NLM_F_* flags.</param>
/// <param name="Sequence">Sequence number: the answer carries that of its request.</param>
/// <param name="PortId">The sender's port; 0 is the kernel.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct NetlinkHeader(uint Length, ushort Type, MessageFlags Flags, uint Sequence, uint PortId)
{
    /// <summary>Bytes a header takes.</summary>
    public const int Size = 16;

    /// <summary>Reads a header from the start of <paramref name="bytes"/>.</summary>
    /// <exception cref="NetlinkFormatException">There are fewer than <see cref="Size"/> bytes.</exception>
    public static NetlinkHeader Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Size
            ? MemoryMarshal.Read<NetlinkHeader>(bytes)
            : throw new NetlinkFormatException($"A netlink header takes {Size} bytes, only {bytes.Length} are left.");
}
