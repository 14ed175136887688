using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>A published port of UDP: each client has a socket of its own towards the node, until nothing has passed for a minute.</summary>
internal sealed unsafe class UdpPort(Descriptor socket, PortTarget target, PortLoop loop) : Watched(socket)
{
    /// <summary>Clients at a time; the one that has been silent for longest makes room for one more.</summary>
    public const int MostClients = 1024;

    private const int MostAtOnce = 64;
    private const long Patience = 60_000; // milliseconds

    private readonly Dictionary<(InetAddress Client, InetAddress Asked), Flow> _flows = [];

    public override bool Ticks => _flows.Count > 0;

    /// <summary>Clients that are known.</summary>
    public int Clients => _flows.Count;

    public void Open() => loop.Add(this, Epoll.In);

    public override void Happened(uint events)
    {
        fixed (byte* buffer = loop.Buffer)
        {
            for (int i = 0; i < MostAtOnce; i++)
            {
                nint length = Datagrams.Receive(Fd, buffer, out InetAddress client, out InetAddress asked);
                if (length < 0)
                {
                    return; // nothing more
                }

                FlowOf(client, asked)?.Send(buffer, length);
            }
        }
    }

    public override void Ticked(long now)
    {
        foreach (((InetAddress, InetAddress) ends, Flow flow) in _flows)
        {
            if (now - flow.Last > Patience)
            {
                End(ends, flow);
            }
        }
    }

    private Flow? FlowOf(InetAddress client, InetAddress asked)
    {
        if (_flows.TryGetValue((client, asked), out Flow? flow))
        {
            return flow;
        }

        if (_flows.Count >= MostClients)
        {
            var oldest = _flows.MinBy(f => f.Value.Last);
            End(oldest.Key, oldest.Value);
        }

        if (target.Connect(Libc.SOCK_DGRAM) is not { } node)
        {
            return null; // out of descriptors: the datagram is lost
        }

        flow = new Flow(node, this, client, asked);
        if (!loop.TryAdd(flow, Epoll.In))
        {
            loop.Close(flow);
            return null;
        }

        _flows.Add((client, asked), flow);
        return flow;
    }

    private void End((InetAddress, InetAddress) ends, Flow flow)
    {
        _flows.Remove(ends);
        loop.Close(flow);
    }

    /// <summary>What passes between one client and the node.</summary>
    private sealed class Flow(Descriptor node, UdpPort port, InetAddress client, InetAddress asked) : Watched(node)
    {
        /// <summary>When something passed last, by the loop's clock.</summary>
        public long Last { get; private set; } = port.Loop.Now;

        public void Send(byte* bytes, nint length)
        {
            Last = port.Loop.Now;

            // An ICMP error of an earlier datagram is reported in the place of this one (udp(7)).
            for (int attempt = 0; attempt < 2 && Libc.send(Fd, bytes, (nuint)length, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT) < 0; attempt++)
            {
                if (Marshal.GetLastPInvokeError() == Libc.EAGAIN)
                {
                    return;
                }
            }
        }

        public override void Happened(uint events)
        {
            fixed (byte* buffer = port.Loop.Buffer)
            {
                for (int i = 0; i < MostAtOnce; i++)
                {
                    nint length = Datagrams.Receive(Fd, buffer, out _, out _);
                    if (length < 0)
                    {
                        return; // nothing more, or an ICMP error, of which nobody can tell the client
                    }

                    Last = port.Loop.Now;
                    Datagrams.Send(port.Fd, buffer, length, asked, client);
                }
            }
        }
    }

    private PortLoop Loop => loop;
}
