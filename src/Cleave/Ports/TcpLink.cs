using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>
/// A connection of a client and the one to the node that goes with it. Bytes, the end of either direction and resets pass; what one side does not take
/// holds the other back, a pipe's content apart.
/// </summary>
internal sealed unsafe class TcpLink
{
    private const int TurnBytes = 1 << 20; // then others have their turn
    private const uint Move = 1; // SPLICE_F_MOVE
    private const uint NonBlock = 2; // SPLICE_F_NONBLOCK

    private readonly PortLoop _loop;
    private readonly End _client;
    private readonly End _node;
    private bool _isConnected;
    private bool _isClosed;

    private TcpLink(Descriptor client, Descriptor node, PortLoop loop)
    {
        _loop = loop;
        _client = new End(client, this);
        _node = new End(node, this);
        (_client.Other, _node.Other) = (_node, _client);
    }

    /// <summary>Takes over a client's connection.</summary>
    public static void Begin(Descriptor client, PortTarget target, PortLoop loop)
    {
        SetOption(client, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        if (target.Connect(Libc.SOCK_STREAM) is not { } node)
        {
            Reset(client);
            client.Dispose();
            return;
        }

        SetOption(node, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        var link = new TcpLink(client, node, loop);
        loop.Count(1);
        const uint Events = Epoll.In | Epoll.Out | Epoll.PeerHangUp | Epoll.EdgeTriggered;
        if (!loop.TryAdd(link._client, Events) || !loop.TryAdd(link._node, Events))
        {
            link.Abort();
        }
    }

    private void Happened(End end, uint events)
    {
        if (_isClosed)
        {
            return;
        }

        bool isBroken = (events & Epoll.Error) != 0;
        end.CanRead |= (events & (Epoll.In | Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error)) != 0;
        end.CanWrite |= (events & Epoll.Out) != 0;
        if (!_isConnected && end == _node)
        {
            if (ErrorOf(end) != 0)
            {
                Abort(); // refused, or nobody there: the client is told by a reset
                return;
            }

            _isConnected = (events & Epoll.Out) != 0;
        }

        if (isBroken)
        {
            // What came before the reset goes on before it.
            Pump(end);
            Abort();
        }
        else if (_isConnected)
        {
            GoOn();
        }
    }

    private void GoOn()
    {
        Pump(_client);
        Pump(_node);
        if (!_isClosed && _client.HasEnded && _node.HasEnded)
        {
            Close();
        }
    }

    /// <summary>Moves what comes from one end to the other, as far as it goes.</summary>
    private void Pump(End from)
    {
        if (_isClosed || from.HasEnded)
        {
            return;
        }

        End to = from.Other;
        for (nint moved = 0; ;)
        {
            if (from.InPipe > 0)
            {
                if (!to.CanWrite)
                {
                    return;
                }

                nint written = Libc.splice(from.Pipe!.Read.Fd, null, to.Fd, null, (nuint)from.InPipe, Move | NonBlock);
                if (written > 0)
                {
                    (from.InPipe, moved) = (from.InPipe - written, moved + written);
                }
                else if (!MayRetry(out bool isLater))
                {
                    Abort();
                    return;
                }
                else if (isLater)
                {
                    to.CanWrite = false;
                }
            }
            else if (from.IsAtEnd)
            {
                from.HasEnded = true;
                _ = Libc.shutdown(to.Fd, Libc.SHUT_WR);
                break;
            }
            else if (!from.CanRead)
            {
                break;
            }
            else if (moved >= TurnBytes)
            {
                _loop.Requeue(from);
                break;
            }
            else if ((from.Pipe ??= _loop.Pipes.TryRent()) is not { } pipe)
            {
                Abort(); // the machine is out of descriptors
                return;
            }
            else
            {
                nint read = Libc.splice(from.Fd, null, pipe.Write.Fd, null, PipePool.Size, Move | NonBlock);
                if (read > 0)
                {
                    from.InPipe = read;
                }
                else if (read == 0)
                {
                    from.IsAtEnd = true;
                }
                else if (!MayRetry(out bool isLater))
                {
                    Abort();
                    return;
                }
                else if (isLater)
                {
                    from.CanRead = false;
                }
            }
        }

        Return(from);
    }

    /// <summary>Whether the last call was only too early.</summary>
    private static bool MayRetry(out bool isLater)
    {
        int errno = Marshal.GetLastPInvokeError();
        isLater = errno == Libc.EAGAIN;
        return errno is Libc.EAGAIN or Libc.EINTR;
    }

    private void Abort()
    {
        if (!_isClosed)
        {
            Reset(_client.Descriptor);
            Reset(_node.Descriptor);
            Close();
        }
    }

    private void Close()
    {
        _isClosed = true;
        foreach (End end in (End[])[_client, _node])
        {
            Return(end);
            _loop.Close(end);
        }

        _loop.Count(-1);
    }

    private void Return(End end)
    {
        if (end.Pipe is { } pipe)
        {
            _loop.Pipes.Return(pipe, end.InPipe == 0);
            (end.Pipe, end.InPipe) = (null, 0);
        }
    }

    private static int ErrorOf(End end)
    {
        int error = 0;
        uint size = sizeof(int);
        return Libc.getsockopt(end.Fd, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &size) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    /// <summary>From now on closing it is a reset (SO_LINGER of socket(7) with no time).</summary>
    private static void Reset(Descriptor socket) => SetOption(socket, Libc.SOL_SOCKET, Libc.SO_LINGER, 1);

    /// <summary>Sets an option; the value's second half, if it has one, is zero.</summary>
    private static void SetOption(Descriptor socket, int level, int option, int value)
    {
        int* both = stackalloc int[2] { value, 0 };
        _ = Libc.setsockopt(socket.Fd, level, option, both, option == Libc.SO_LINGER && level == Libc.SOL_SOCKET ? 8u : 4u);
    }

    /// <summary>One of the two sockets, and what comes from it.</summary>
    private sealed class End(Descriptor socket, TcpLink link) : Watched(socket)
    {
        public End Other { get; set; } = null!;

        public bool CanRead { get; set; }

        public bool CanWrite { get; set; }

        /// <summary>Nothing more comes from it.</summary>
        public bool IsAtEnd { get; set; }

        /// <summary>And the other one has been told.</summary>
        public bool HasEnded { get; set; }

        public Pipe? Pipe { get; set; }

        public nint InPipe { get; set; }

        public override void Happened(uint events) => link.Happened(this, events);

        public override void GoOn()
        {
            if (!link._isClosed)
            {
                link.GoOn();
            }
        }
    }
}
