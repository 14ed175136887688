using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Control;

/// <summary>The user's side of an exec: relays bytes, window size and the exit code.</summary>
public static class ExecClient
{
    private const int UnacknowledgedInputs = 16; // of up to 16 KiB each

    /// <summary>Runs a program in a lab, on this process's standard streams.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="program">What to run; with a terminal like ours, which is raw as long as it runs, if that is wanted.</param>
    /// <param name="terminal">Whether it gets a terminal.</param>
    /// <param name="cancel">Ends the program as a closed terminal would.</param>
    /// <returns>Its exit code as a shell reports it.</returns>
    public static async Task<int> RunAsync(LabClient lab, ExecOrder program, bool terminal, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(program);
        ExecTerminal? ours = terminal ? new(Console.WindowWidth, Console.WindowHeight, Environment.GetEnvironmentVariable("TERM")) : null;
        using WebSocket socket = await lab.ExecAsync(program with { Terminal = ours }, cancel);
        using var sending = new SemaphoreSlim(1);
        using RawTerminal? raw = terminal ? RawTerminal.Enter() : null;
        using PosixSignalRegistration? resize = terminal
            ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize(socket, sending))
            : null;
        using var window = new SemaphoreSlim(UnacknowledgedInputs);
        _ = Task.Factory.StartNew(
            () => SendInput(socket, sending, window), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await ReceiveAsync(socket, program.Node, window, cancel);
    }

    private static async Task<int> ReceiveAsync(WebSocket socket, string node, SemaphoreSlim window, CancellationToken cancel)
    {
        await using Stream output = Console.OpenStandardOutput();
        await using Stream errors = Console.OpenStandardError();
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult got;
            try
            {
                got = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            }
            catch (WebSocketException e)
            {
                throw new CleaveException($"the lab ended while the program ran in {node}", e);
            }

            if (got.MessageType == WebSocketMessageType.Close || got.Count == 0)
            {
                throw new CleaveException($"the lab ended while the program ran in {node}");
            }

            Memory<byte> bytes = buffer.AsMemory(1, got.Count - 1);
            switch ((ExecFrame)buffer[0])
            {
                case ExecFrame.Output:
                    await output.WriteAsync(bytes, cancel);
                    await output.FlushAsync(cancel);
                    break;
                case ExecFrame.Error:
                    await errors.WriteAsync(bytes, cancel);
                    await errors.FlushAsync(cancel);
                    break;
                case ExecFrame.InputTaken:
                    window.Release();
                    break;
                case ExecFrame.Exit:
                    return BinaryPrimitives.ReadInt32BigEndian(bytes.Span);
            }
        }
    }

    /// <summary>
    /// Reads descriptor 0 itself: Console.OpenStandardInput would edit lines where there is a terminal, and take its raw mode away.
    /// </summary>
    private static unsafe void SendInput(WebSocket socket, SemaphoreSlim sending, SemaphoreSlim window)
    {
        byte[] buffer = new byte[16 * 1024];
        nint length;
        do
        {
            try
            {
                window.Wait();
            }
            catch (ObjectDisposedException)
            {
                return; // the program has ended
            }

            do
            {
                fixed (byte* first = buffer)
                {
                    length = Libc.read(0, first, (nuint)buffer.Length);
                }
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

            Send(socket, sending, length <= 0 ? [(byte)ExecFrame.InputEnd] : [(byte)ExecFrame.Input, .. buffer.AsSpan(0, (int)length)]);
        }
        while (length > 0);
    }

    private static void Resize(WebSocket socket, SemaphoreSlim sending)
    {
        byte[] frame = new byte[5];
        frame[0] = (byte)ExecFrame.Resize;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)Console.WindowWidth);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(3), (ushort)Console.WindowHeight);
        Send(socket, sending, frame);
    }

    private static void Send(WebSocket socket, SemaphoreSlim sending, byte[] frame)
    {
        try
        {
            sending.Wait();
            try
            {
                socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None)
                    .AsTask().GetAwaiter().GetResult();
            }
            finally
            {
                sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The program has ended; the receiving side knows how.
        }
    }
}

/// <summary>Our terminal without line editing, echo and signals, which the program's own terminal does; as before when disposed of.</summary>
internal sealed class RawTerminal : IDisposable
{
    private const int Size = 256; // struct termios is 60 bytes on glibc
    private const int Now = 0; // TCSANOW

    private static readonly PosixSignal[] Fatal = [PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM];

    private readonly byte[] _before = new byte[Size];
    private PosixSignalRegistration[] _signals = [];

    private RawTerminal()
    {
    }

    public static unsafe RawTerminal? Enter()
    {
        var terminal = new RawTerminal();
        byte* raw = stackalloc byte[Size];
        fixed (byte* before = terminal._before)
        {
            if (Libc.tcgetattr(0, before) != 0)
            {
                return null;
            }

            new ReadOnlySpan<byte>(before, Size).CopyTo(new Span<byte>(raw, Size));
        }

        Libc.cfmakeraw(raw);
        if (Libc.tcsetattr(0, Now, raw) != 0)
        {
            return null;
        }

        // They end us without coming past any Dispose; after the handler they still do.
        terminal._signals = [.. Fatal.Select(s => PosixSignalRegistration.Create(s, _ => terminal.Restore()))];
        return terminal;
    }

    public void Dispose()
    {
        Restore();
        Array.ForEach(_signals, s => s.Dispose());
    }

    private unsafe void Restore()
    {
        fixed (byte* before = _before)
        {
            _ = Libc.tcsetattr(0, Now, before);
        }
    }
}
