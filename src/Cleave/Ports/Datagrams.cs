using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>Datagrams with both of their addresses: an answer comes from the address that was asked, also where a socket has all of the host's.</summary>
internal static unsafe class Datagrams
{
    public const int Longest = 65_536;

    private const int IP_PKTINFO = 8; // linux/in.h
    private const int IPV6_RECVPKTINFO = 49; // linux/in6.h
    private const int IPV6_PKTINFO = 50;
    private const int HeaderSize = 16; // struct cmsghdr on 64-bit machines: length, level, type
    private const int Info4 = 12; // struct in_pktinfo: interface, local address, destination
    private const int Info6 = 20; // struct in6_pktinfo: destination, interface
    private const int ControlSize = 64;

    /// <summary>Lets the socket say to which of the host's addresses a datagram was sent.</summary>
    public static void AskForDestination(int socket, bool isV6)
    {
        int one = 1;
        LinuxException.Check(
            Libc.setsockopt(socket, isV6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP, isV6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &one, sizeof(int)), "ask for the destination of datagrams");
    }

    /// <summary>Takes one datagram, without waiting.</summary>
    /// <returns>Its length, or -1 with errno.</returns>
    public static nint Receive(int socket, byte* buffer, out InetAddress from, out InetAddress to)
    {
        byte* name = stackalloc byte[InetAddress.Size];
        byte* control = stackalloc byte[ControlSize];
        var block = new Libc.Block { Base = buffer, Length = Longest };
        var message = new Libc.MessageHeader { Name = name, NameLength = InetAddress.Size, Blocks = &block, BlockCount = 1, Control = control, ControlLength = ControlSize };
        nint length = Libc.recvmsg(socket, &message, Libc.MSG_DONTWAIT);
        if (length < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            (from, to) = (default, default);
            Marshal.SetLastPInvokeError(errno);
            return length;
        }

        from = InetAddress.Read(name);
        to = Destination(control, message.ControlLength);
        return length;
    }

    /// <summary>Sends one datagram, without waiting.</summary>
    /// <param name="socket">Not connected.</param>
    /// <param name="bytes">What.</param>
    /// <param name="length">How much of it.</param>
    /// <param name="from">Which of the host's addresses it comes from.</param>
    /// <param name="to">To whom.</param>
    public static void Send(int socket, byte* bytes, nint length, InetAddress from, InetAddress to)
    {
        byte* name = stackalloc byte[InetAddress.Size];
        byte* control = stackalloc byte[ControlSize];
        new Span<byte>(control, ControlSize).Clear();
        int info = from.IsV6 ? Info6 : Info4;
        *(nuint*)control = (nuint)(HeaderSize + info);
        ((int*)control)[2] = from.IsV6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP;
        ((int*)control)[3] = from.IsV6 ? IPV6_PKTINFO : IP_PKTINFO;
        if (from.IsV6)
        {
            *(ulong*)(control + HeaderSize) = from.High;
            *(ulong*)(control + HeaderSize + 8) = from.Low;
        }
        else
        {
            *(uint*)(control + HeaderSize + 4) = (uint)from.Low;
        }

        var block = new Libc.Block { Base = bytes, Length = (nuint)length };
        var message = new Libc.MessageHeader
        {
            Name = name,
            NameLength = to.Write(name),
            Blocks = &block,
            BlockCount = 1,
            Control = control,
            ControlLength = (nuint)(HeaderSize + ((info + 7) & ~7)),
        };
        _ = Libc.sendmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL); // what cannot be sent is lost, as datagrams are
    }

    private static InetAddress Destination(byte* control, nuint length)
    {
        if (length < HeaderSize)
        {
            return default;
        }

        int level = ((int*)control)[2];
        return level == Libc.IPPROTO_IPV6 && length >= HeaderSize + Info6
            ? new InetAddress(true, *(ulong*)(control + HeaderSize), *(ulong*)(control + HeaderSize + 8), 0, 0)
            : level == Libc.IPPROTO_IP && length >= HeaderSize + Info4 ? new InetAddress(false, 0, *(uint*)(control + HeaderSize + 8), 0, 0) : default;
    }
}
