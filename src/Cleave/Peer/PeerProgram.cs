using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Peer;

/// <summary>
/// A small program to see a network with: greets every other peer over UDP and TCP several times a second and logs, a line per
/// change, whom it hears, loses and finds again, and who does not hear it.
/// </summary>
/// <remarks>
/// UDP says which way a cut goes. Over TCP, one connection to every other peer carries greetings and their echoes, so that one is
/// down as soon as either way is cut; it is given up and made anew after <see cref="PeerOptions.Silence"/> without an echo.
/// </remarks>
public sealed class PeerProgram
{
    private readonly PeerOptions _options;
    private readonly TextWriter _log;
    private readonly Lock _lock = new();
    private readonly Acquaintances _acquaintances;
    private readonly long _start = Stopwatch.GetTimestamp();

    private PeerProgram(PeerOptions options, TextWriter log)
    {
        _options = options;
        _log = log;
        _acquaintances = new Acquaintances([.. options.Others.Select(o => o.Name)], options.Silence);
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Runs until it is cancelled, which is the ordinary end and no exception.</summary>
    /// <param name="options">Whom to greet, and how often.</param>
    /// <param name="log">Takes a line per change, flushed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">It cannot listen where it should.</exception>
    public static async Task RunAsync(PeerOptions options, TextWriter log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        using var udp = Bind(options.Listen, SocketType.Dgram, ProtocolType.Udp);
        using var tcp = Bind(options.Listen, SocketType.Stream, ProtocolType.Tcp);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        var program = new PeerProgram(options, log);
        program.Say($"{options.Name} listens on {options.Listen}, greets {string.Join(", ", options.Others.Select(o => o.Name))}");
        List<Task> tasks = [program.ListenAsync(udp, end.Token), program.GreetAsync(udp, end.Token), program.AcceptAsync(tcp, end.Token)];
        tasks.AddRange(options.Others.Select(other => program.KeepConnectionAsync(other, end.Token)));
        try
        {
            // The tasks end only when cancelled, or by a failure that ends all.
            await await Task.WhenAny(tasks);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(tasks).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static Socket Bind(IPEndPoint listen, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(listen.AddressFamily, type, protocol);
        try
        {
            socket.Bind(listen);
            if (type == SocketType.Stream)
                socket.Listen();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot listen on {listen} ({protocol}): {e.Message}", e);
        }
    }

    private void Say(string line)
    {
        lock (_lock)
        {
            _log.WriteLine(line);
            _log.Flush();
        }
    }

    private byte[] Greeting()
    {
        lock (_lock)
            return new Greeting(_options.Name, _acquaintances.Heard).ToBytes();
    }

    // ---- UDP: who hears whom

    private async Task ListenAsync(Socket udp, CancellationToken cancellationToken)
    {
        var buffer = new byte[Peer.Greeting.MaxBytes];
        var anyone = new IPEndPoint(udp.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (true)
        {
            try
            {
                var received = await udp.ReceiveFromAsync(buffer, anyone, cancellationToken);
                if (!Peer.Greeting.TryParse(buffer.AsSpan(0, received.ReceivedBytes), out var greeting))
                    continue;
                lock (_lock)
                    _acquaintances.Greeted(greeting.From, greeting.Hears.Contains(_options.Name), Now, Say);
            }
            catch (SocketException)
            {
                // An ICMP error about an earlier datagram, or one too long: neither is a greeting.
            }
        }
    }

    private async Task GreetAsync(Socket udp, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.Every);
        do
        {
            // What has arrived, but was not read yet (a busy machine), is no silence.
            if (udp.Available == 0)
            {
                lock (_lock)
                    _acquaintances.Tick(Now, Say);
            }

            var greeting = Greeting();
            foreach (var other in _options.Others)
            {
                try
                {
                    await udp.SendToAsync(greeting, other.EndPoint, cancellationToken);
                }
                catch (SocketException)
                {
                    // No route, or refused by a firewall: the silence over there says it all.
                }
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    // ---- TCP: whether a connection lives

    private async Task AcceptAsync(Socket tcp, CancellationToken cancellationToken)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                try
                {
                    connections.Add(EchoAsync(await tcp.AcceptAsync(cancellationToken), cancellationToken));
                    connections.RemoveAll(c => c.IsCompleted);
                }
                catch (SocketException)
                {
                    // Gone before it was accepted, or no descriptor is free: the other end tries again.
                    await Task.Delay(_options.Every, cancellationToken);
                }
            }
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    /// <summary>Sends back what comes. A cut hides the other end's farewell, so that silence ends the connection as well.</summary>
    private async Task EchoAsync(Socket connection, CancellationToken cancellationToken)
    {
        using var owned = connection;
        connection.NoDelay = true;
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                using var patience = Patience(_options.Silence * 5, cancellationToken);
                var count = await connection.ReceiveAsync(buffer, patience.Token);
                if (count == 0)
                    return;
                await SendAllAsync(connection, buffer.AsMemory(0, count), patience.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
        }
    }

    private async Task KeepConnectionAsync(PeerAddress other, CancellationToken cancellationToken)
    {
        TimeSpan? down = null;
        var wasUp = false;
        while (true)
        {
            var isUp = false;
            string reason;
            try
            {
                using var connection = new Socket(other.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                connection.NoDelay = true;
                // Nothing lingers in the kernel for a connection that was given up.
                connection.LingerState = new LingerOption(enable: true, seconds: 0);
                using (var patience = Patience(_options.Silence, cancellationToken))
                    await connection.ConnectAsync(other.EndPoint, patience.Token);
                reason = await ConverseAsync(
                    connection,
                    () =>
                    {
                        Say(down is { } since ? $"tcp to {other.Name} is up again after {Acquaintances.Seconds(Now - since)}" : $"tcp to {other.Name} is up");
                        down = null;
                        isUp = wasUp = true;
                    },
                    cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                reason = $"no answer for {Acquaintances.Seconds(_options.Silence)}";
            }
            catch (SocketException e)
            {
                reason = e.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "refused",
                    SocketError.ConnectionReset => "reset",
                    _ => e.Message,
                };
            }

            // Before the first time it is not down, but not yet up.
            if (isUp)
                Say($"tcp to {other.Name} is down ({reason})");
            if (wasUp)
                down ??= Now;
            await Task.Delay(_options.Every, cancellationToken);
        }
    }

    /// <summary>Greets, and waits for the echo, until the other end closes (the result says so) or fails to answer (an exception).</summary>
    private async Task<string> ConverseAsync(Socket connection, Action answered, CancellationToken cancellationToken)
    {
        var echo = new byte[Peer.Greeting.MaxBytes];
        var first = true;
        while (true)
        {
            var greeting = Greeting();
            using (var patience = Patience(_options.Silence, cancellationToken))
            {
                await SendAllAsync(connection, greeting, patience.Token);
                for (var missing = greeting.Length; missing > 0;)
                {
                    var count = await connection.ReceiveAsync(echo.AsMemory(0, Math.Min(missing, echo.Length)), patience.Token);
                    if (count == 0)
                        return "closed by the other end";
                    missing -= count;
                }
            }

            if (first)
                answered();
            first = false;
            await Task.Delay(_options.Every, cancellationToken);
        }
    }

    private static async Task SendAllAsync(Socket connection, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await connection.SendAsync(bytes, cancellationToken)..];
    }

    private static CancellationTokenSource Patience(TimeSpan time, CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(time);
        return source;
    }
}
