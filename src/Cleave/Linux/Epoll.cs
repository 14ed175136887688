using System.Runtime.InteropServices;

namespace Cleave.Linux;

/// <summary>Watches descriptors (epoll(7)) for as long as the process lives. Each is known by a number that the caller gives it.</summary>
internal sealed unsafe class Epoll
{
    public const uint In = 1;
    public const uint Out = 4;
    public const uint Error = 8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int EventSize = Packed ? 12 : 16;
    private static readonly int DataOffset = Packed ? 4 : 8;

    private readonly int _epoll = LinuxException.Check(Libc.epoll_create1(Libc.O_CLOEXEC), "watch descriptors"); // open as long as the process
    private readonly byte[] _events;

    public Epoll(int capacity) => _events = GC.AllocateArray<byte>(capacity * EventSize, pinned: true);

    /// <summary>Begins to watch.</summary>
    public void Watch(int fd, uint events, long number) => LinuxException.Check(Control(Add, fd, events, number), "watch a descriptor");

    /// <summary>Watches for something else.</summary>
    public void Change(int fd, uint events, long number) => LinuxException.Check(Control(Modify, fd, events, number), "watch a descriptor");

    /// <summary>Leaves it. Closing is not enough: a program that is being started holds a copy until it is executed, and with it the place in the set.</summary>
    public void Forget(int fd) => _ = Control(Delete, fd, 0, 0);

    /// <summary>Waits until something has happened, or for so many milliseconds.</summary>
    /// <returns>How much has happened.</returns>
    public int Wait(int timeout)
    {
        fixed (byte* events = _events)
        {
            return Math.Max(0, Libc.epoll_wait(_epoll, events, _events.Length / EventSize, timeout)); // less: a signal came
        }
    }

    /// <summary>The number and the events of what has happened.</summary>
    public (long Number, uint Events) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> one = _events.AsSpan(index * EventSize, EventSize);
            return (BitConverter.ToInt64(one[DataOffset..]), BitConverter.ToUInt32(one));
        }
    }

    private int Control(int operation, int fd, uint events, long number)
    {
        byte* request = stackalloc byte[16];
        *(uint*)request = events;
        *(long*)(request + DataOffset) = number;
        return Libc.epoll_ctl(_epoll, operation, fd, request);
    }
}
