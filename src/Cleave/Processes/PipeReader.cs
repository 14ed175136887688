using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>Reads what all programs of a lab print, on one thread however many there are (epoll(7)).</summary>
internal sealed unsafe class PipeReader
{
    private const int EpollIn = 1;
    private const int Add = 1;
    private const int BufferSize = 64 * 1024;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int EventSize = Packed ? 12 : 16;
    private static readonly int DataOffset = Packed ? 4 : 8;

    private readonly int _epoll = LinuxException.Check(Libc.epoll_create1(Libc.O_CLOEXEC), "watch the programs' output"); // open as long as the process
    private readonly Dictionary<int, Reader> _readers = [];

    public PipeReader() => new Thread(Loop, maxStackSize: 1 << 20) { IsBackground = true, Name = "output" }.Start();

    /// <summary>What takes the bytes of one pipe; called on the reader's thread, an empty span being the end.</summary>
    public delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>Reads the pipe to its end and closes it.</summary>
    public void Read(Descriptor pipe, Sink sink)
    {
        int fd = pipe.Fd;
        lock (_readers)
        {
            _readers.Add(fd, new Reader(pipe, sink));
        }

        byte* request = stackalloc byte[16];
        *(uint*)request = EpollIn;
        *(long*)(request + DataOffset) = fd;
        LinuxException.Check(Libc.epoll_ctl(_epoll, Add, fd, request), "watch a program's output");
    }

    private void Loop()
    {
        const int Capacity = 64;
        byte* events = stackalloc byte[Capacity * EventSize];
        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        while (true)
        {
            int count = Libc.epoll_wait(_epoll, events, Capacity, -1);
            for (int i = 0; i < count; i++)
            {
                Drain((int)*(long*)(events + (i * EventSize) + DataOffset), buffer);
            }
        }
    }

    private void Drain(int fd, byte* buffer)
    {
        Reader reader;
        lock (_readers)
        {
            reader = _readers[fd];
        }

        // Level-triggered, one read a turn: a program that prints without end does not keep the others waiting.
        nint length = Libc.read(fd, buffer, BufferSize);
        if (length < 0 && Marshal.GetLastPInvokeError() is Libc.EINTR or Libc.EAGAIN)
        {
            return;
        }

        reader.Sink(new ReadOnlySpan<byte>(buffer, (int)Math.Max(0, length)));
        if (length <= 0)
        {
            lock (_readers)
            {
                _readers.Remove(fd);
            }

            reader.Pipe.Dispose(); // takes it out of the epoll set, too
        }
    }

    private sealed record Reader(Descriptor Pipe, Sink Sink);
}
