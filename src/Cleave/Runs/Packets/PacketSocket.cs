using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Linux;

namespace Cleave.Runs.Packets;

/// <summary>What a packet socket says of a packet.</summary>
/// <param name="Link">The index of its link in the node.</param>
/// <param name="Hardware">The link's kind.</param>
/// <param name="IsOutgoing">Whether the node sent it.</param>
/// <param name="Nanoseconds">When, since 1970.</param>
/// <param name="Length">How long it was.</param>
internal readonly record struct PacketMet(int Link, ushort Hardware, bool IsOutgoing, long Nanoseconds, int Length);

/// <summary>Sees every packet of the network namespace in which it is made (packet(7)). Works from every thread afterwards.</summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    private const int AF_PACKET = 17, SOCK_RAW = 3;
    private const int ETH_P_ALL = 0x0300; // in network order
    private const int SO_RCVBUF = 8, SO_TIMESTAMPNS = 35, SO_RCVBUFFORCE = 33;
    private const int SOL_PACKET = 263, PACKET_STATISTICS = 6;
    private const int MSG_TRUNC = 0x20;
    private const byte PACKET_OUTGOING = 4;
    private const nuint SIOCGIFNAME = 0x8910;
    private const int WantedBuffer = 4 << 20;
    private const int ControlSize = 64, NameSize = 20, HeaderSize = 16;

    private readonly Descriptor _socket;

    /// <exception cref="LinuxException">There can be none.</exception>
    public PacketSocket()
    {
        _socket = new Descriptor(LinuxException.Check(
            Libc.socket(AF_PACKET, SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, ETH_P_ALL), "see the packets of a node"));
        int size = WantedBuffer;
        if (Libc.setsockopt(_socket.Fd, Libc.SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(int)) != 0)
        {
            _ = Libc.setsockopt(_socket.Fd, Libc.SOL_SOCKET, SO_RCVBUF, &size, sizeof(int)); // as much as net.core.rmem_max allows
        }

        int on = 1;
        LinuxException.Check(Libc.setsockopt(_socket.Fd, Libc.SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(int)), "have packets' times");
    }

    public int Fd => _socket.Fd;

    /// <summary>The next packet that has come.</summary>
    /// <param name="buffer">Takes its bytes, as many as fit.</param>
    /// <returns>Null if there is none now.</returns>
    public PacketMet? Receive(Span<byte> buffer)
    {
        byte* name = stackalloc byte[NameSize]; // struct sockaddr_ll
        byte* control = stackalloc byte[ControlSize];
        fixed (byte* bytes = buffer)
        {
            var block = new Libc.Block { Base = bytes, Length = (nuint)buffer.Length };
            var message = new Libc.MessageHeader { Name = name, NameLength = NameSize, Blocks = &block, BlockCount = 1, Control = control, ControlLength = ControlSize };
            nint length = Libc.recvmsg(_socket.Fd, &message, MSG_TRUNC | Libc.MSG_DONTWAIT);
            return length < 0 ? null : new PacketMet(*(int*)(name + 4), *(ushort*)(name + 8), name[10] == PACKET_OUTGOING, TimeOf(control, (int)message.ControlLength), (int)length);
        }
    }

    /// <summary>The name of a link by its index.</summary>
    public string NameOf(int link)
    {
        byte* request = stackalloc byte[40]; // struct ifreq: the name, and in its place of the value the index
        new Span<byte>(request, 40).Clear();
        *(int*)(request + 16) = link;
        return Libc.ioctl(_socket.Fd, SIOCGIFNAME, request) == 0 ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(request)) : $"link{link}";
    }

    /// <summary>How many packets were handed over, and how many were not for want of room, since the last time.</summary>
    public (uint Received, uint Dropped) Statistics()
    {
        uint* counts = stackalloc uint[2];
        uint size = 8;
        return Libc.getsockopt(_socket.Fd, SOL_PACKET, PACKET_STATISTICS, counts, &size) == 0 ? (counts[0], counts[1]) : (0, 0);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The kernel's time is a struct timespec in a control message.</summary>
    private static long TimeOf(byte* control, int length)
    {
        ReadOnlySpan<byte> message = new(control, length);
        return message.Length >= HeaderSize + 16 && BinaryPrimitives.ReadInt32LittleEndian(message[12..]) == SO_TIMESTAMPNS
            ? (BinaryPrimitives.ReadInt64LittleEndian(message[HeaderSize..]) * 1_000_000_000) + BinaryPrimitives.ReadInt64LittleEndian(message[(HeaderSize + 8)..])
            : 0;
    }
}
