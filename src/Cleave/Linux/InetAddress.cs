using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Linux;

/// <summary>An IPv4 or IPv6 address with a port, as struct sockaddr has it; a value, since there is one for every datagram.</summary>
/// <param name="IsV6">Its family.</param>
/// <param name="High">The first eight bytes of an IPv6 address, as they are in memory; zero for IPv4.</param>
/// <param name="Low">The last eight, or the four of IPv4.</param>
/// <param name="Scope">Of a link-local IPv6 address.</param>
/// <param name="Port">The port.</param>
internal readonly unsafe record struct InetAddress(bool IsV6, ulong High, ulong Low, uint Scope, ushort Port)
{
    /// <summary>As long as any sockaddr of both families is.</summary>
    public const int Size = 28;

    public InetAddress(IPAddress address, int port)
        : this(address.AddressFamily == AddressFamily.InterNetworkV6, 0, 0, 0, (ushort)port)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        _ = address.TryWriteBytes(bytes, out _);
        High = IsV6 ? BitConverter.ToUInt64(bytes) : 0;
        Low = IsV6 ? BitConverter.ToUInt64(bytes[8..]) : BitConverter.ToUInt32(bytes);
        Scope = IsV6 ? (uint)address.ScopeId : 0;
    }

    public int Family => IsV6 ? Libc.AF_INET6 : Libc.AF_INET;

    /// <summary>The same address with another port.</summary>
    public InetAddress With(int port) => this with { Port = (ushort)port };

    /// <summary>Every address of the family, with that port.</summary>
    public InetAddress Any(int port) => new(IsV6, 0, 0, 0, (ushort)port);

    /// <summary>Fills in a sockaddr.</summary>
    /// <returns>Its length.</returns>
    public uint Write(byte* to)
    {
        new Span<byte>(to, Size).Clear();
        *(ushort*)to = (ushort)Family;
        BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(to + 2, 2), Port);
        if (!IsV6)
        {
            *(uint*)(to + 4) = (uint)Low;
            return 16;
        }

        *(ulong*)(to + 8) = High;
        *(ulong*)(to + 16) = Low;
        *(uint*)(to + 24) = Scope;
        return Size;
    }

    /// <summary>Reads a sockaddr of either family.</summary>
    public static InetAddress Read(byte* from)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(from + 2, 2));
        return *(ushort*)from == Libc.AF_INET6
            ? new(true, *(ulong*)(from + 8), *(ulong*)(from + 16), *(uint*)(from + 24), port)
            : new(false, 0, *(uint*)(from + 4), 0, port);
    }

    /// <summary>What a socket is bound to.</summary>
    public static InetAddress OfSocket(int fd)
    {
        byte* address = stackalloc byte[Size];
        uint length = Size;
        LinuxException.Check(Libc.getsockname(fd, address, &length), "ask for the address of a socket");
        return Read(address);
    }
}
