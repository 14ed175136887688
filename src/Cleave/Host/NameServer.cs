using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Linux;
using Cleave.Names;

namespace Cleave.Host;

/// <summary>
/// Answers questions about names at port 53 of the fabric's address on every network, by UDP and TCP. What a node can have it do at once is bounded;
/// what is beyond that is not answered, as by a server that is too busy, and asked again.
/// </summary>
internal sealed class NameServer : IDisposable
{
    private const int Port = 53;
    private const int SO_BINDTODEVICE = 25; // asm-generic/socket.h
    private const int LongestQuestion = 4096;
    private const int MostForwarded = 128; // at once; each has a socket
    private const int MostWaiting = 1024; // with those
    private const int MostOfOne = 256;
    private const int MostConnections = 128;
    private const int MostConnectionsOfOne = 32;

    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    private readonly RunningLab _lab;
    private readonly LabNames _names;
    private readonly NameAnswers _answers;
    private readonly NameForwarder? _forwarder;
    private readonly List<Socket> _sockets = [];
    private readonly SemaphoreSlim _forwarding = new(MostForwarded);
    private readonly Allowance _waiting = new(MostWaiting, MostOfOne);
    private readonly Allowance _connections = new(MostConnections, MostConnectionsOfOne);

    private NameServer(RunningLab lab, LabNames names)
    {
        _lab = lab;
        _names = names;
        _answers = new NameAnswers(names, lab.Uplink is not null);
        _forwarder = lab.Uplink is null ? null : new NameForwarder(lab.Uplink.Uplink);
    }

    /// <summary>Starts to answer; the fabric has its addresses already.</summary>
    /// <exception cref="LinuxException">A socket cannot be made.</exception>
    public static NameServer Start(RunningLab lab)
    {
        var names = new LabNames(lab.Topology);
        var server = new NameServer(lab, names);
        try
        {
            for (int network = 0; network < lab.Topology.Networks.Length; network++)
            {
                foreach (IPAddress address in names.FabricOn(network))
                {
                    server.Listen(network, address);
                }
            }

            return server;
        }
        catch (SocketException e)
        {
            server.Dispose();
            throw new CleaveException($"the fabric cannot answer at port {Port}: {e.Message}", e);
        }
    }

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    private void Listen(int network, IPAddress address)
    {
        Socket datagrams = Open(network, address, SocketType.Dgram, ProtocolType.Udp);
        Socket streams = Open(network, address, SocketType.Stream, ProtocolType.Tcp);
        streams.Listen(MostConnections);
        _ = Task.Run(() => ServeAsync(datagrams, network));
        _ = Task.Run(() => AcceptAsync(streams, network));
    }

    private Socket Open(int network, IPAddress address, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(address.AddressFamily, type, protocol);
        _sockets.Add(socket);

        // From other networks, and from the host's side, the address is out of reach.
        socket.SetRawSocketOption(Libc.SOL_SOCKET, SO_BINDTODEVICE, Encoding.ASCII.GetBytes(_names.FabricLink(network)));
        socket.Bind(new IPEndPoint(address, Port));
        return socket;
    }

    private async Task ServeAsync(Socket socket, int network)
    {
        byte[] buffer = new byte[LongestQuestion];
        EndPoint anyone = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_lab.Ending.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, _lab.Ending);
                var from = (IPEndPoint)received.RemoteEndPoint;
                switch (_answers.Answer(buffer.AsSpan(0, received.ReceivedBytes), network, from.Address, _lab.NameFaults))
                {
                    case NameAnswer.Reply reply:
                        Send(reply.Query, reply.Message, from);
                        break;
                    case NameAnswer.Forward forward:
                        _ = ForwardAsync(forward.Query, from);
                        break;
                }
            }
            catch (SocketException)
            {
                // An answer of before was not wanted, or memory is short: the next question may fare better.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }

        void Send(DnsQuery? query, byte[] message, IPEndPoint to)
        {
            try
            {
                socket.SendTo(query is null ? message : DnsReply.Fit(query, message), to);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Nobody is there, or the lab ends.
            }
        }

        async Task ForwardAsync(DnsQuery query, IPEndPoint from)
        {
            if (await AskAsync(query, from.Address, byTcp: false) is { } answer)
            {
                Send(query, answer, from);
            }
        }
    }

    private async Task AcceptAsync(Socket socket, int network)
    {
        while (!_lab.Ending.IsCancellationRequested)
        {
            try
            {
                Socket connection = await socket.AcceptAsync(_lab.Ending);
                IPAddress from = ((IPEndPoint)connection.RemoteEndPoint!).Address;
                if (_connections.TryTake(from))
                {
                    _ = ServeAsync(connection, network, from);
                }
                else
                {
                    connection.Dispose();
                }
            }
            catch (SocketException)
            {
                await Task.Delay(10); // no descriptor is free, for instance
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>One question after the other, until the asker has no more, or takes its time.</summary>
    private async Task ServeAsync(Socket connection, int network, IPAddress from)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_lab.Ending);
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            while (true)
            {
                limit.CancelAfter(IdleLimit);
                if (await NameStream.ReadAsync(stream, LongestQuestion, limit.Token) is not { } question)
                {
                    return;
                }

                byte[]? answer = _answers.Answer(question, network, from, _lab.NameFaults) switch
                {
                    NameAnswer.Reply reply => reply.Message,
                    NameAnswer.Forward forward => await AskAsync(forward.Query, from, byTcp: true),
                    _ => null,
                };
                if (answer is not null)
                {
                    limit.CancelAfter(IdleLimit);
                    await NameStream.WriteAsync(stream, answer, limit.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It is gone, or the lab ends.
        }
        finally
        {
            connection.Dispose();
            _connections.Give(from);
        }
    }

    /// <summary>Null if too much is asked at once, or the lab ends.</summary>
    private async Task<byte[]?> AskAsync(DnsQuery query, IPAddress from, bool byTcp)
    {
        if (!_waiting.TryTake(from))
        {
            return null;
        }

        try
        {
            await _forwarding.WaitAsync(_lab.Ending);
            try
            {
                return await _forwarder!.AskAsync(query, byTcp, _lab.Ending);
            }
            finally
            {
                _forwarding.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            _waiting.Give(from);
        }
    }

    /// <summary>How much there may be at once, in all and of one asker.</summary>
    private sealed class Allowance(int most, int mostOfOne)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<IPAddress, int> _taken = [];
        private int _all;

        public bool TryTake(IPAddress who)
        {
            lock (_lock)
            {
                int own = _taken.GetValueOrDefault(who);
                if (_all >= most || own >= mostOfOne)
                {
                    return false;
                }

                _taken[who] = own + 1;
                _all++;
                return true;
            }
        }

        public void Give(IPAddress who)
        {
            lock (_lock)
            {
                _all--;
                if (--_taken[who] == 0)
                {
                    _taken.Remove(who);
                }
            }
        }
    }
}
