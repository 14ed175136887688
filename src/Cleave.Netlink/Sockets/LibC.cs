using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cleave.Netlink.Sockets;

/// <summary>The C library's functions this package calls: all of them, and nowhere else. Errno is read on the very next statement.</summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial SocketDescriptor Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint descriptor);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(SocketDescriptor socket, int level, int option, void* value, uint size);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(SocketDescriptor socket, int level, int option, void* value, uint* size);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SocketDescriptor socket, byte* bytes, nuint size, int flags);

    [LibraryImport(Library, EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(SocketDescriptor socket, byte* bytes, nuint size, int flags, NetlinkAddress* to, uint toSize);

    [LibraryImport(Library, EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint Receive(SocketDescriptor socket, byte* bytes, nuint size, int flags, NetlinkAddress* from, uint* fromSize);

    /// <summary>struct sockaddr_nl of linux/netlink.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct NetlinkAddress
    {
        public ushort Family;
        public ushort Padding;
        public uint PortId;
        public uint Groups;
    }

    /// <summary>struct timeval.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }
}

/// <summary>A socket's file descriptor.</summary>
internal sealed class SocketDescriptor() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Takes over one that somebody else has opened.</summary>
    public SocketDescriptor(int descriptor)
        : this() => SetHandle(descriptor);

    protected override bool ReleaseHandle() => LibC.Close(handle) == 0;
}
