using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>A published port of TCP: for each connection to the host's side makes one to the node.</summary>
internal sealed unsafe class TcpPort(Descriptor socket, PortTarget target, PortLoop loop) : Watched(socket)
{
    private const int MostAtOnce = 64;

    private bool _isWaiting;

    public override bool Ticks => _isWaiting;

    public void Open() => loop.Add(this, Epoll.In);

    public override void Happened(uint events)
    {
        for (int i = 0; i < MostAtOnce; i++)
        {
            if (!loop.HasRoom)
            {
                Wait();
                return;
            }

            int client = Libc.accept4(Fd, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (client >= 0)
            {
                TcpLink.Begin(new Descriptor(client), target, loop);
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.EAGAIN:
                    return;
                case Libc.EMFILE or Libc.ENFILE or Libc.ENOMEM or Libc.ENOBUFS:
                    Wait();
                    return;
            }

            // One that has gone before it was taken, or a broken network on the way to it (accept(2)): the next.
        }
    }

    public override void Ticked(long now)
    {
        if (loop.HasRoom)
        {
            _isWaiting = false;
            loop.Change(this, Epoll.In);
        }
    }

    /// <summary>Leaves connections in the queue until others have ended.</summary>
    private void Wait()
    {
        _isWaiting = true;
        loop.Change(this, 0);
    }
}
