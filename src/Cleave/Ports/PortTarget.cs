using System.Runtime.InteropServices;
using Cleave.Linux;
using Cleave.Namespaces;

namespace Cleave.Ports;

/// <summary>Where published traffic goes: an address of a node, from the fabric, or inside the node.</summary>
/// <param name="address">The node's address and port.</param>
/// <param name="make">Makes a socket in the right network namespace: family, kind.</param>
/// <param name="isFromFabric">Whether that is the fabric.</param>
internal sealed unsafe class PortTarget(InetAddress address, Func<int, int, int> make, bool isFromFabric)
{
    /// <summary>
    /// What is sent for published ports comes from these ports of the fabric's address, and nothing else does: by that it is told from probes and from
    /// what is run in the fabric, whose ports begin at 32768 (net.ipv4.ip_local_port_range).
    /// </summary>
    public const int FirstSource = 20_000;

    /// <summary>The last of them.</summary>
    public const int LastSource = 32_767;

    private static int _next = Random.Shared.Next(LastSource - FirstSource + 1);

    public InetAddress Address => address;

    /// <summary>From the fabric, over the network.</summary>
    public static PortTarget OverNetwork(InetAddress address) => new(address, (family, kind) => Libc.socket(family, kind, 0), isFromFabric: true);

    /// <summary>Inside the node.</summary>
    public static PortTarget Inside(int port, NodeRoom room, NamespaceThread thread) =>
        new(new InetAddress(System.Net.IPAddress.Loopback, port), (family, kind) => MakeIn(room, thread, family, kind), isFromFabric: false);

    /// <summary>Begins to connect, without waiting; null if that fails at once.</summary>
    public Descriptor? Connect(int kind)
    {
        byte* to = stackalloc byte[InetAddress.Size];
        uint length = address.Write(to);

        // More than one attempt where that pair of ports is in use between the two, or was a moment ago.
        for (int attempt = 0; attempt <= LastSource - FirstSource; attempt++)
        {
            int made = make(address.Family, kind | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (made < 0)
            {
                return null;
            }

            var socket = new Descriptor(made);
            int errno = isFromFabric ? Bind(socket, kind) : 0;
            if (errno == 0)
            {
                errno = Libc.connect(socket.Fd, to, length) == 0 ? 0 : Marshal.GetLastPInvokeError();
            }

            if (errno is 0 or Libc.EINPROGRESS)
            {
                return socket;
            }

            socket.Dispose();
            if (errno is not (Libc.EADDRNOTAVAIL or Libc.EADDRINUSE) || !isFromFabric)
            {
                return null;
            }
        }

        return null;
    }

    private int Bind(Descriptor socket, int kind)
    {
        if (kind == Libc.SOCK_STREAM)
        {
            int one = 1;
            _ = Libc.setsockopt(socket.Fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, &one, sizeof(int)); // one port serves as many connections as there are other ends
        }

        byte* from = stackalloc byte[InetAddress.Size];
        int port = FirstSource + (int)((uint)Interlocked.Increment(ref _next) % (LastSource - FirstSource + 1));
        return Libc.bind(socket.Fd, from, address.Any(port).Write(from)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>A socket in a node; negative if the node is going.</summary>
    private static int MakeIn(NodeRoom room, NamespaceThread thread, int family, int kind)
    {
        try
        {
            return thread.Run(() =>
            {
                NamespaceThread.JoinNetwork(room.Network);
                return Libc.socket(family, kind, 0);
            });
        }
        catch (Exception e) when (e is LinuxException or ObjectDisposedException)
        {
            return -1;
        }
    }
}
