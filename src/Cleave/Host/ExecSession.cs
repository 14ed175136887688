using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>
/// A program that a user runs in a lab: a child of the lab host, with its bytes relayed over a web socket. With a terminal, that is made inside
/// the lab, so that job control is the kernel's.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    private const int LongestOrder = 64 * 1024 * 1024; // the kernel takes command lines of a few MiB

    private static readonly TimeSpan WriterLimit = TimeSpan.FromMilliseconds(500);

    private readonly RunningLab _lab;
    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly BlockingCollection<byte[]> _input = []; // the user's side bounds it, see ExecFrame.InputTaken
    private Terminal? _terminal;

    private ExecSession(RunningLab lab, WebSocket socket) => (_lab, _socket) = (lab, socket);

    /// <summary>Takes the order, the first message, and runs it to its end; the other side learns the exit code.</summary>
    public static async Task RunAsync(RunningLab lab, WebSocket socket)
    {
        if (await ReceiveOrderAsync(socket) is not { } order)
        {
            return; // gone before it said what it wants
        }

        using var session = new ExecSession(lab, socket);
        try
        {
            await session.RunAsync(order);
        }
        catch (Exception e) when (e is CleaveException or LinuxException)
        {
            session.Send(ExecFrame.Error, Encoding.UTF8.GetBytes($"cleave: {e.Message}\n"));
            session.SendExit(e switch
            {
                InputException => 2,
                LinuxException { Errno: Libc.ENOENT } => 127,
                LinuxException { Errno: Libc.EACCES or Libc.ENOEXEC } => 126,
                _ => 125,
            });
        }

        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _terminal?.Dispose();
        _sending.Dispose();
        _input.Dispose();
    }

    private async Task RunAsync(ExecOrder order)
    {
        (Child child, Descriptor input, Descriptor[] outputs) = order.Terminal is { } terminal ? StartOnTerminal(order, terminal) : StartOnPipes(order);

        Thread writer = Background("exec input", () => WriteInput(input));
        ExecFrame[] kinds = [ExecFrame.Output, ExecFrame.Error];
        Relay[] relays = [.. outputs.Select((o, i) => new Relay(o, bytes => Send(kinds[i], bytes)))];
        Task received = Task.Run(ReceiveAsync);

        if (await Task.WhenAny(child.Exit, received) == received && !child.Exit.IsCompleted)
        {
            // The user's side is gone: what a closed terminal or ssh connection does.
            _lab.Children.Signal(child, Libc.SIGHUP, group: true);
            _lab.Children.Signal(child, Libc.SIGTERM, group: true);
            _lab.Children.Signal(child, Libc.SIGCONT, group: true);
            _terminal?.Dispose();
        }

        ExitStatus status = await child.Exit;
        foreach (Relay relay in relays)
        {
            await Task.WhenAny(relay.CatchUpAsync(), received);
        }

        SendExit(status.ShellCode);
        _input.CompleteAdding();
        writer.Join(WriterLimit);
    }

    private (Child Child, Descriptor Input, Descriptor[] Outputs) StartOnTerminal(ExecOrder order, ExecTerminal terminal)
    {
        _terminal = Terminal.Open(terminal.Columns, terminal.Rows);
        Child child = Start(order, request => request with { Terminal = _terminal.Path });
        return (child, _terminal.Master, [_terminal.Master]);
    }

    private (Child Child, Descriptor Input, Descriptor[] Outputs) StartOnPipes(ExecOrder order)
    {
        (Descriptor inputRead, Descriptor inputWrite) = Descriptor.Pipe();
        (Descriptor outputRead, Descriptor outputWrite) = Descriptor.Pipe();
        (Descriptor errorRead, Descriptor errorWrite) = Descriptor.Pipe();
        using (inputRead)
        using (outputWrite)
        using (errorWrite)
            try
            {
                Child child = Start(order, request => request with { Input = inputRead, Output = outputWrite, Error = errorWrite });
                return (child, inputWrite, [outputRead, errorRead]);
            }
            catch
            {
                Array.ForEach([inputWrite, outputRead, errorRead], d => d.Dispose());
                throw;
            }
    }

    private Child Start(ExecOrder order, Func<SpawnRequest, SpawnRequest> withStreams) => order.NetworkOnly
        ? _lab.StartBeside(order.Node, r => withStreams(WithEnv(r, order)), order.Argv, order.Dir)
        : _lab.StartAs(UserOf(order), order.Node, r => withStreams(WithEnv(r, order)), order.Argv, order.Dir);

    private NodeUser? UserOf(ExecOrder order) =>
        order.User is not { } asked ? _lab.Topology.FindNode(order.Node)?.User
        : NodeUser.Find(asked, Text(NodeUser.PasswdFile), Text(NodeUser.GroupFile), out (string Message, string? Suggestion) error) is { } user ? user
        : throw new InputException(error.Suggestion is null ? error.Message : $"{error.Message}; did you mean '{error.Suggestion}'?");

    private static string Text(string file) => File.Exists(file) ? File.ReadAllText(file) : "";

    private static SpawnRequest WithEnv(SpawnRequest request, ExecOrder order)
    {
        var env = new Dictionary<string, string>(request.Env, StringComparer.Ordinal);
        if (order.Terminal?.Type is { } type)
        {
            env["TERM"] = type;
        }

        foreach ((string name, string value) in order.Env)
        {
            env[name] = value;
        }

        return request with { Env = env };
    }

    /// <summary>Null if the other side leaves before it has sent all of it.</summary>
    private static async Task<ExecOrder?> ReceiveOrderAsync(WebSocket socket)
    {
        try
        {
            return await WebSocketText.ReceiveAsync(socket, LongestOrder, CancellationToken.None) is { } text
                ? JsonSerializer.Deserialize(text.Span, ControlJson.Default.ExecOrder)
                : null;
        }
        catch (Exception e) when (e is WebSocketException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes the user's frames until the user's side closes.</summary>
    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult got = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (got.MessageType == WebSocketMessageType.Close || got.Count == 0)
                {
                    return;
                }

                switch ((ExecFrame)buffer[0])
                {
                    case ExecFrame.Input:
                        _input.Add(buffer[1..got.Count]);
                        break;
                    case ExecFrame.InputEnd:
                        _input.Add([]);
                        break;
                    case ExecFrame.Resize when got.Count == 5:
                        _terminal?.Resize(
                            BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(1)), BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(3)));
                        break;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // Gone without a goodbye, or the program has ended and takes no more.
        }
    }

    private unsafe void WriteInput(Descriptor input)
    {
        bool held = false;
        try
        {
            input.DangerousAddRef(ref held); // its number must not become another file's while we write
            foreach (byte[] bytes in _input.GetConsumingEnumerable())
            {
                if (bytes.Length == 0)
                {
                    break;
                }

                fixed (byte* first = bytes)
                {
                    for (nint done = 0; done < bytes.Length;)
                    {
                        nint wrote = Libc.write(input.Fd, first + done, (nuint)(bytes.Length - done));
                        if (wrote < 0)
                        {
                            return; // it reads no more
                        }

                        done += wrote;
                    }
                }

                Send(ExecFrame.InputTaken, []);
            }
        }
        catch (ObjectDisposedException)
        {
            // The session is over.
        }
        finally
        {
            if (held)
            {
                input.DangerousRelease();
            }

            if (_terminal is null)
            {
                input.Dispose();
            }
        }
    }

    private void SendExit(int code)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, code);
        Send(ExecFrame.Exit, bytes);
    }

    private void Send(ExecFrame kind, ReadOnlySpan<byte> bytes)
    {
        byte[] frame = [(byte)kind, .. bytes];
        _sending.Wait();
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None)
                    .AsTask().GetAwaiter().GetResult();
            }
        }
        catch (WebSocketException)
        {
            // The receiving side notices, too, and ends the program.
        }
        finally
        {
            _sending.Release();
        }
    }

    private static Thread Background(string name, Action work)
    {
        var thread = new Thread(() => work(), maxStackSize: 1 << 18) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }
}
