using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.KernelTests.Harness;
using Cleave.Linux;
using Cleave.Ports;
using Cleave.Topology;

namespace Cleave.KernelTests.Ports;

/// <summary>What published ports do when there are more clients than they take: in this process, on its loopback.</summary>
public sealed class PortLimitTests
{
    private const int MostConnections = 16; // of a loop that has no descriptors to spare

    [Fact]
    public async Task Connections_beyond_the_limit_wait_until_others_have_ended()
    {
        using var node = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        IPEndPoint at = Publish(node, PortProtocol.Tcp, 0, out PortLoop loop, out _);
        node.Listen(100);
        Task accepting = AcceptAsync(node);
        var clients = Enumerable.Range(0, 2 * MostConnections).Select(_ => PortServer.Connect(at)).ToList();
        await Wait.UntilAsync(() => loop.Connections == MostConnections, () => $"{loop.Connections} connections");
        clients.ForEach(c => c.Send("x"u8));
        clients[..MostConnections].ForEach(c => Assert.Equal(1, c.Receive(new byte[1])));
        Assert.All(clients[MostConnections..], c => Assert.False(c.Poll(10_000, SelectMode.SelectRead)));
        Assert.Equal(MostConnections, loop.Connections);

        clients[..MostConnections].ForEach(c => c.Dispose());
        clients[MostConnections..].ForEach(c => Assert.Equal(1, c.Receive(new byte[1])));
        clients.ForEach(c => c.Dispose());
        await Wait.UntilAsync(() => loop.Connections == 0, () => $"{loop.Connections} connections");
        node.Dispose();
        await accepting;
    }

    [Fact]
    public async Task A_client_of_datagrams_that_is_silent_for_a_minute_is_forgotten_and_the_most_silent_one_makes_room()
    {
        long passed = 0;
        using var node = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        IPEndPoint at = Publish(node, PortProtocol.Udp, 20_000, out _, out UdpPort port, () => Environment.TickCount64 + Volatile.Read(ref passed));
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        using var second = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        first.Connect(at);
        second.Connect(at);
        EndPoint seen = Ask(first, "first");
        _ = Ask(second, "once");
        Volatile.Write(ref passed, 40_000);
        Assert.Equal(seen, Ask(first, "again")); // the same socket towards the node
        Volatile.Write(ref passed, 75_000);
        await Wait.UntilAsync(() => port.Clients == 1, () => $"{port.Clients} clients");
        Assert.Equal(seen, Ask(first, "still"));
        Volatile.Write(ref passed, 150_000);
        await Wait.UntilAsync(() => port.Clients == 0, () => $"{port.Clients} clients");
        Assert.NotEqual(seen, seen = Ask(first, "anew"));

        var others = new List<Socket>(); // open, or another one would have the same port
        for (int i = 0; i < UdpPort.MostClients + 10; i++)
        {
            others.Add(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 });
            others[i].Connect(at);
            _ = Ask(others[i], $"{i}");
        }

        Assert.Equal(UdpPort.MostClients, port.Clients);
        Assert.NotEqual(seen, Ask(first, "forgotten"));
        others.ForEach(o => o.Dispose());

        // Both ways; who the node has heard it from.
        EndPoint Ask(Socket client, string what)
        {
            byte[] text = new byte[100];
            client.Send(Encoding.ASCII.GetBytes(what));
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            int length = node.ReceiveFrom(text, ref from);
            Assert.Equal(what, Encoding.ASCII.GetString(text, 0, length));
            node.SendTo(text.AsSpan(0, length), from);
            Assert.Equal(what, Encoding.ASCII.GetString(text, 0, client.Receive(text)));
            return from;
        }
    }

    private static IPEndPoint Publish(Socket node, PortProtocol protocol, int openFiles, out PortLoop loop, out UdpPort udp, Func<long>? clock = null)
    {
        node.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var target = PortTarget.OverNetwork(new InetAddress(IPAddress.Loopback, ((IPEndPoint)node.LocalEndPoint!).Port));
        Descriptor socket = HostListeners.Open(new InetAddress(IPAddress.Loopback, 0), protocol);
        loop = new PortLoop(openFiles, clock);
        udp = null!;
        if (protocol == PortProtocol.Tcp)
        {
            new TcpPort(socket, target, loop).Open();
        }
        else
        {
            udp = new UdpPort(socket, target, loop);
            udp.Open();
        }

        return new IPEndPoint(IPAddress.Loopback, InetAddress.OfSocket(socket.Fd).Port);
    }

    /// <summary>An echo.</summary>
    private static async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptAsync();
                _ = EchoAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private static async Task EchoAsync(Socket client)
    {
        using (client)
        {
            byte[] buffer = new byte[100];
            while (await client.ReceiveAsync(buffer) is var length and not 0)
            {
                await client.SendAsync(buffer.AsMemory(0, length));
            }
        }
    }
}
