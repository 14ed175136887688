using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>Reads what all programs of a lab print, on one thread however many there are (epoll(7)).</summary>
internal sealed unsafe class PipeReader
{
    private const int BufferSize = 64 * 1024;
    private const int Capacity = 64;

    private readonly Epoll _epoll = new(Capacity);
    private readonly Dictionary<int, Reader> _readers = [];
    private readonly Lock _lock = new();
    private readonly Descriptor _woken;
    private readonly Descriptor _wake;
    private TaskCompletionSource? _catchingUp;

    public PipeReader()
    {
        (_woken, _wake) = Descriptor.Pipe();
        _epoll.Watch(_woken.Fd, Epoll.In, _woken.Fd);
        new Thread(Loop, maxStackSize: 1 << 20) { IsBackground = true, Name = "output" }.Start();
    }

    /// <summary>What takes the bytes of one pipe; called on the reader's thread, an empty span being the end.</summary>
    public delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>Reads the pipe to its end and closes it.</summary>
    public void Read(Descriptor pipe, Sink sink)
    {
        int fd = pipe.Fd;
        lock (_lock)
        {
            _readers.Add(fd, new Reader(pipe, sink));
        }

        _epoll.Watch(fd, Epoll.In, fd);
    }

    /// <summary>
    /// Completes when all that was in the pipes at the time of the call has been handed on: a program's last words come before the news of its end.
    /// </summary>
    public Task CatchUpAsync()
    {
        lock (_lock)
        {
            if (_catchingUp is null)
            {
                _catchingUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                byte one = 1;
                LinuxException.Check((int)Libc.write(_wake.Fd, &one, 1), "wake the reader of the programs' output");
            }

            return _catchingUp.Task;
        }
    }

    private void Loop()
    {
        byte* buffer = (byte*)NativeMemory.Alloc(BufferSize);
        while (true)
        {
            Turn(-1, buffer, out bool woken);
            if (woken)
            {
                CatchUp(buffer);
            }
        }
    }

    /// <summary>Reads once from each pipe that is ready, or from the first of them.</summary>
    /// <returns>How many were ready.</returns>
    private int Turn(int timeout, byte* buffer, out bool woken)
    {
        woken = false;
        int count = _epoll.Wait(timeout);
        for (int i = 0; i < count; i++)
        {
            int fd = (int)_epoll[i].Number;
            if (fd == _woken.Fd)
            {
                woken = true;
            }
            else
            {
                Drain(fd, buffer);
            }
        }

        return count;
    }

    private void CatchUp(byte* buffer)
    {
        TaskCompletionSource asked;
        int left;
        lock (_lock)
        {
            // Who asks from now on waits for the next time.
            _ = Libc.read(_woken.Fd, buffer, 1);
            asked = _catchingUp!;
            _catchingUp = null;
            left = _readers.Count + 1;
        }

        // A pipe holds no more than the buffer, and all that are ready have their turn before one has its second: nothing is left after a round.
        for (int count = 1; left > 0 && count > 0; left -= count)
        {
            count = Turn(0, buffer, out _);
        }

        asked.SetResult();
    }

    private void Drain(int fd, byte* buffer)
    {
        Reader reader;
        lock (_lock)
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
            lock (_lock)
            {
                _readers.Remove(fd);
            }

            _epoll.Forget(fd);
            reader.Pipe.Dispose();
        }
    }

    private sealed record Reader(Descriptor Pipe, Sink Sink);
}
