using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Peer;

namespace Cleave.Tests.Peer;

/// <summary>Three peers in this process, on loopback addresses and ports of their own.</summary>
public class PeerProgramTests
{
    /// <summary>No test waits so long unless it fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Three_peers_hear_lose_and_find_each_other()
    {
        var list = $"a=127.0.0.11:{FreePort("127.0.0.11")} b=127.0.0.12:{FreePort("127.0.0.12")} c=127.0.0.13:{FreePort("127.0.0.13")}";
        await using var a = new RunningPeer("a", list);
        await using var b = new RunningPeer("b", list);
        await using (var c = new RunningPeer("c", list))
        {
            foreach (var peer in (RunningPeer[])[a, b, c])
                await peer.Log.WaitForAsync("hear everyone, and everyone hears me");
            await a.Log.WaitForAsync("tcp to b is up");
            await a.Log.WaitForAsync("tcp to c is up");
            await c.Log.WaitForAsync("tcp to b is up");
        }

        await a.Log.WaitForAsync("lost c (silent for ");
        await b.Log.WaitForAsync("lost c (silent for ");
        await a.Log.WaitForAsync("tcp to c is down (");

        await using var again = new RunningPeer("c", list);
        await a.Log.WaitForAsync("found c after ");
        await b.Log.WaitForAsync("found c after ");
        await a.Log.WaitForAsync("tcp to c is up again after ");
        await again.Log.WaitForAsync("hear everyone, and everyone hears me");
    }

    [Fact]
    public async Task A_peer_that_hears_nothing_back_says_who_is_deaf()
    {
        // A socket that greets, but is never reached by a's greetings: b's address in a's list is another one.
        var portOfA = FreePort("127.0.0.11");
        await using var a = new RunningPeer("a", $"a=127.0.0.11:{portOfA} b=127.0.0.12:{FreePort("127.0.0.12")}");
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var greeting = new Greeting("b", []).ToBytes();

        var line = a.Log.WaitForAsync("b does not hear me");
        while (!line.IsCompleted)
        {
            await deaf.SendToAsync(greeting, new IPEndPoint(IPAddress.Parse("127.0.0.11"), portOfA), TestContext.Current.CancellationToken);
            await Task.WhenAny(line, Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken));
        }

        await line;
    }

    [Fact]
    public async Task A_port_in_use_is_said()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.11"), 0));
        var endPoint = (IPEndPoint)other.LocalEndPoint!;
        Assert.True(PeerOptions.TryParse("a", $"a={endPoint} b=127.0.0.12", 7000, out var options, out _));

        var failure = await Assert.ThrowsAsync<IOException>(
            () => PeerProgram.RunAsync(options, TextWriter.Null, TestContext.Current.CancellationToken));

        Assert.StartsWith($"cannot listen on {endPoint} (Udp): ", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A port that is free for TCP and UDP, below those that the kernel gives to connections on their own.</summary>
    private static int FreePort(string address)
    {
        for (var port = 20_000 + Random.Shared.Next(10_000); ; port++)
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                tcp.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                udp.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                return port;
            }
            catch (SocketException) when (port < 32_000)
            {
            }
        }
    }

    private sealed class RunningPeer : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly Task _run;

        public RunningPeer(string name, string list)
        {
            Assert.True(PeerOptions.TryParse(name, list, PeerOptions.DefaultPort, out var options, out var mistake), mistake);
            options = options with { Every = TimeSpan.FromMilliseconds(20), Silence = TimeSpan.FromMilliseconds(500) };
            _run = PeerProgram.RunAsync(options, Log, _end.Token);
        }

        public LineLog Log { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _run;
            _end.Dispose();
        }
    }

    /// <summary>A log that can be waited for.</summary>
    private sealed class LineLog : TextWriter
    {
        private readonly List<string> _lines = [];
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            lock (_lines)
            {
                _lines.Add(value ?? "");
                _more.SetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task WaitForAsync(string start)
        {
            using var limit = new CancellationTokenSource(Patience);
            while (true)
            {
                Task more;
                lock (_lines)
                {
                    if (_lines.Exists(line => line.StartsWith(start, StringComparison.Ordinal)))
                        return;
                    more = _more.Task;
                }

                try
                {
                    await more.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    lock (_lines)
                        Assert.Fail($"no line '{start}' within {Patience}; the log:\n{string.Join('\n', _lines)}");
                }
            }
        }
    }
}
