using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Ports;

/// <summary>What the tests of published ports have running in their node: one port for each way to behave.</summary>
internal static class PortServer
{
    public const int Echo = 7000;
    public const int CountsToTheEnd = 7001; // answers with the number of bytes when the other side has ended
    public const int Resets = 7002; // after a byte
    public const int Waits = 7003; // reads nothing until the file "go" is there, then counts
    public const int Notes = 7004; // prints how connections end
    public const int SendsAndResets = 7005; // 50,000 bytes, then a reset
    public const int Datagrams = 7006; // answers in capitals
    public const int LoopbackOnly = 7007; // echo at 127.0.0.1
    public const int Nobody = 7999;

    public const string Text = """
        import fcntl, os, resource, select, socket, struct, sys, termios, threading, time

        def server(port, talk, address=''):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(4096)
            def accept():
                while True:
                    connection, peer = listener.accept()
                    threading.Thread(target=talk, args=(connection, peer), daemon=True).start()
            threading.Thread(target=accept, daemon=True).start()

        def count(c):
            total = 0
            while chunk := c.recv(1 << 16):
                total += len(chunk)
            return total

        def counts(c, peer):
            c.sendall(b'%d\n' % count(c))
            c.close()

        def reset(c):
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            c.close()

        def resets(c, peer):
            c.recv(1)
            reset(c)

        def waits(c, peer):
            while not os.path.exists('go'):
                time.sleep(0.01)
            counts(c, peer)

        def notes(c, peer):
            try:
                c.sendall(b'x')
                print('counted %d and then the end' % count(c), flush=True)
            except ConnectionResetError:
                print('saw a reset', flush=True)
            c.close()

        def sends(c, peer):
            c.recv(1)
            c.sendall(b'y' * 50000)
            while struct.unpack('i', fcntl.ioctl(c, termios.TIOCOUTQ, b'    '))[0]:
                time.sleep(0.001)  # a reset takes back what has not been acknowledged
            reset(c)

        def echo(port, address=''):  # without threads: there are a thousand
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(4096)
            def loop():
                poll = select.epoll()
                poll.register(listener, select.EPOLLIN)
                open_ = {}
                while True:
                    for fd, _ in poll.poll():
                        if fd == listener.fileno():
                            c, peer = listener.accept()
                            open_[c.fileno()] = c
                            poll.register(c, select.EPOLLIN)
                        else:
                            try:
                                data = open_[fd].recv(1 << 16)
                                open_[fd].sendall(data)
                            except OSError:
                                data = b''
                            if not data:
                                open_.pop(fd).close()
            threading.Thread(target=loop, daemon=True).start()

        def datagrams(family, address):
            u = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                u.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            u.bind((address, 7006))
            while True:
                data, peer = u.recvfrom(65536)
                u.sendto(data.upper(), peer)

        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        echo(7000)
        server(7001, counts)
        server(7002, resets)
        server(7003, waits)
        server(7004, notes)
        server(7005, sends)
        echo(7007, '127.0.0.1')
        threading.Thread(target=datagrams, args=(socket.AF_INET, ''), daemon=True).start()
        print('serving', flush=True)
        threading.Event().wait()
        """;

    /// <summary>A lab with it.</summary>
    /// <param name="ports">The node's published ports, as in a file.</param>
    public static string Lab(string ports) => $$"""
        cleave: 1
        nodes:
          web: {ip: 172.23.0.1, run: [python3, server.py], ready: {log: serving}, ports: {{ports}}}
          other: {ip: 172.23.0.2}
        """;

    /// <summary>Where a published port is, from <c>cleave port</c>.</summary>
    public static async Task<IPEndPoint> FindAsync(CleaveCommand cleave, string port, string? lab = null) =>
        IPEndPoint.Parse((await cleave.OkAsync(lab is null ? ["port", "web", port] : ["port", "web", port, "--lab", lab])).Trim());

    /// <summary>A connection, with time limits so that a hang is a failure.</summary>
    public static Socket Connect(IPEndPoint to)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000, SendTimeout = 20_000, NoDelay = true };
        socket.Connect(to);
        return socket;
    }

    /// <summary>All until the end of the connection.</summary>
    public static string ReadToEnd(Socket socket)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (socket.Receive(buffer) is var count and not 0)
        {
            all.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>A port of 127.0.0.1 that nobody has at this moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Whether the port can be had now, as a lab would have it.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
