using System.Diagnostics;
using System.Net.WebSockets;
using Cleave.Linux;

namespace Cleave.Host;

/// <summary>Hands on what a program prints, on a thread of its own, until the pipe or terminal ends; then closes it.</summary>
internal sealed class Relay
{
    /// <summary>The most that a pipe or terminal holds, and what the relay itself may have in hand.</summary>
    private const int InFlight = 96 * 1024;

    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Descriptor _source;
    private readonly Action<ReadOnlySpan<byte>> _sink;
    private long _handedOn;
    private volatile bool _waiting;

    public Relay(Descriptor source, Action<ReadOnlySpan<byte>> sink)
    {
        (_source, _sink) = (source, sink);
        new Thread(Run, maxStackSize: 1 << 18) { IsBackground = true, Name = "exec output" }.Start();
    }

    /// <summary>
    /// Completes when all that was printed before has been handed on, however slow the user's side is. A process left in the background may keep the
    /// pipe open for ever, and even go on printing: neither is waited for.
    /// </summary>
    public async Task CatchUpAsync()
    {
        long enough = Interlocked.Read(ref _handedOn) + InFlight;
        long last = -1;
        long since = 0;
        while (!_ended.Task.IsCompleted && Interlocked.Read(ref _handedOn) is var now && now < enough)
        {
            if (now != last || !_waiting)
            {
                (last, since) = (now, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(since) > Quiet)
            {
                return;
            }

            await Task.WhenAny(_ended.Task, Task.Delay(10));
        }
    }

    private void Run()
    {
        try
        {
            Pump();
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The user's side is gone; its signal is on the way.
        }

        _source.Dispose();
        _ended.TrySetResult();
    }

    private unsafe void Pump()
    {
        byte[] buffer = new byte[32 * 1024];
        bool held = false;
        _source.DangerousAddRef(ref held); // its number must not become another file's while we read
        try
        {
            while (true)
            {
                _waiting = true;
                nint length;
                fixed (byte* first = buffer)
                {
                    length = Libc.read(_source.Fd, first, (nuint)buffer.Length);
                }

                _waiting = false;
                if (length <= 0)
                {
                    return; // a terminal whose last program has ended says EIO
                }

                _sink(buffer.AsSpan(0, (int)length));
                Interlocked.Add(ref _handedOn, length);
            }
        }
        finally
        {
            _source.DangerousRelease();
        }
    }
}
