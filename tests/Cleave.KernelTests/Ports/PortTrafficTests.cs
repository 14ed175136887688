using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Ports;

/// <summary>What passes through a published port passes as it would between the two ends alone.</summary>
public sealed class PortTrafficTests : KernelTest
{
    private const int PipesKept = 16;
    private const string All = "[\"auto:7000-7006\", \"auto:7006/udp\", \"auto:7999\", {node: 7007, via: loopback}, {node: 7999, via: loopback}]";

    [Fact]
    public async Task The_end_of_one_direction_passes_alone_and_every_byte_before_it()
    {
        CleaveCommand cleave = await UpAsync();
        using (Socket socket = await ConnectAsync(cleave, PortServer.CountsToTheEnd))
        {
            byte[] block = RandomNumberGenerator.GetBytes(1 << 20);
            for (int i = 0; i < 20; i++)
            {
                socket.Send(block);
            }

            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal($"{20 << 20}\n", PortServer.ReadToEnd(socket));
        }

        foreach (int port in (int[])[PortServer.Echo, PortServer.LoopbackOnly])
        {
            using Socket socket = await ConnectAsync(cleave, port);
            byte[] sent = RandomNumberGenerator.GetBytes(8 << 20);
            Task sending = Task.Run(
                () =>
                {
                    socket.Send(sent);
                    socket.Shutdown(SocketShutdown.Send);
                },
                TestContext.Current.CancellationToken);
            byte[] received = new byte[sent.Length];
            int length = 0;
            while (socket.Receive(received, length, received.Length - length, SocketFlags.None) is var count and not 0)
            {
                length += count;
            }

            await sending;
            Assert.Equal(sent.Length, length);
            Assert.True(sent.AsSpan().SequenceEqual(received), "what came back is not what was sent");
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Resets_pass_in_both_directions_and_what_was_sent_before_them()
    {
        CleaveCommand cleave = await UpAsync();
        using (Socket socket = await ConnectAsync(cleave, PortServer.Resets))
        {
            socket.Send("x"u8);
            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => socket.Receive(new byte[1])).SocketErrorCode);
        }

        using (Socket socket = await ConnectAsync(cleave, PortServer.SendsAndResets))
        {
            socket.Send("x"u8);
            int length = 0;
            SocketException error = Assert.Throws<SocketException>(() =>
            {
                while (socket.Receive(new byte[1 << 16]) is var count and not 0)
                {
                    length += count;
                }
            });
            Assert.Equal((50_000, SocketError.ConnectionReset), (length, error.SocketErrorCode));
        }

        using (Socket socket = await ConnectAsync(cleave, PortServer.Notes))
        {
            Assert.Equal(1, socket.Receive(new byte[1]));
            socket.LingerState = new LingerOption(true, 0);
        }

        await LogsAsync(cleave, "saw a reset");
        using (Socket socket = await ConnectAsync(cleave, PortServer.Notes))
        {
            Assert.Equal(1, socket.Receive(new byte[1]));
            socket.Send("abc"u8);
        }

        await LogsAsync(cleave, "counted 3 and then the end");
        foreach (IPEndPoint nobody in await FindAsync(cleave, PortServer.Nobody))
        {
            using Socket socket = PortServer.Connect(nobody);
            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => socket.Receive(new byte[1])).SocketErrorCode);
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Who_does_not_read_holds_the_sender_back_and_loses_nothing()
    {
        CleaveCommand cleave = await UpAsync();
        int host = MachineState.LabHost(Runtime);
        using Socket socket = await ConnectAsync(cleave, PortServer.Waits);
        socket.Blocking = false;
        byte[] block = new byte[1 << 18];
        long sent = 0;
        long before = ResidentBytes(host);

        // Until nothing more goes for a second: everybody's buffers are full.
        for (int idle = 0; idle < 50;)
        {
            try
            {
                sent += socket.Send(block);
                idle = 0;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                idle++;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.True(sent < 256 << 20, "everything goes into a node that reads nothing");
        }

        Assert.True(ResidentBytes(host) - before < 32 << 20, "the lab host keeps what the node does not take");
        cleave.Write("go", "");
        socket.Blocking = true;
        socket.Send(block);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal($"{sent + block.Length}\n", PortServer.ReadToEnd(socket));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_thousand_connections_at_once_each_hear_their_own_and_no_descriptor_is_left()
    {
        const int Many = 1000;
        CleaveCommand cleave = await UpAsync();
        int host = MachineState.LabHost(Runtime);
        foreach (int port in (int[])[PortServer.Echo, PortServer.LoopbackOnly])
        {
            IPEndPoint at = await PortServer.FindAsync(cleave, $"{port}/tcp");
            int idle = Sockets(host);
            using (Socket first = PortServer.Connect(at))
            {
                Assert.Equal("warm", Say(first, "warm")); // what is kept for the next connection
            }

            await Wait.UntilAsync(() => Sockets(host) <= idle, () => "the first connection stays");
            int before = Descriptors(host);
            Socket[] all = [.. Enumerable.Range(0, Many).Select(_ => PortServer.Connect(at))];
            try
            {
                for (int i = 0; i < Many; i++)
                {
                    all[i].Send(Encoding.ASCII.GetBytes($"client {i:0000}"));
                }

                byte[] answer = new byte[11];
                for (int i = Many - 1; i >= 0; i--)
                {
                    Assert.Equal($"client {i:0000}", Read(all[i], answer));
                }

                Assert.True(Sockets(host) >= idle + (2 * Many), $"{Sockets(host)} sockets, {idle} before: they are not open at the same time");
            }
            finally
            {
                Array.ForEach(all, s => s.Dispose());
            }

            await Wait.UntilAsync(() => Descriptors(host) <= before, () => $"{Descriptors(host)} descriptors, {before} before");
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Aborted_refused_and_blocked_connections_leave_no_descriptor_either()
    {
        CleaveCommand cleave = await UpAsync();
        int host = MachineState.LabHost(Runtime);
        IPEndPoint[] ports = [.. (await Task.WhenAll(
            new[] { PortServer.Resets, PortServer.Waits, PortServer.Nobody, PortServer.SendsAndResets, PortServer.Notes }.Select(p => FindAsync(cleave, p)))).SelectMany(p => p)];
        (int idle, int before) = (Sockets(host), Descriptors(host));
        Storm(ports, 50);
        Assert.True(Sockets(host) > idle, "nothing was held back");
        cleave.Write("go", ""); // until then the node holds those that have ended, but have not been read
        await Wait.UntilAsync(() => Sockets(host) <= idle, () => $"{Sockets(host)} sockets, {idle} before");
        Assert.True(Descriptors(host) <= before + (2 * PipesKept), $"{Descriptors(host)} descriptors, {before} before");
        await cleave.OkAsync("down");

        static void Storm(IPEndPoint[] ports, int times)
        {
            byte[] much = new byte[4 << 20];
            foreach (int i in Enumerable.Range(0, times))
            {
                foreach (IPEndPoint port in ports)
                {
                    using Socket socket = PortServer.Connect(port);
                    socket.Blocking = false;
                    try
                    {
                        _ = socket.Send(much);
                    }
                    catch (SocketException)
                    {
                        // It has been reset meanwhile.
                    }

                    socket.LingerState = new LingerOption(i % 2 == 0, 0);
                }
            }
        }
    }

    [Fact]
    public async Task More_short_connections_than_there_are_ports_to_come_from_pass_one_after_the_other()
    {
        CleaveCommand cleave = await UpAsync();
        IPEndPoint at = await PortServer.FindAsync(cleave, $"{PortServer.Echo}/tcp");
        await Parallel.ForEachAsync(Enumerable.Range(0, 14_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, (i, _) =>
        {
            // The client ends first, so that it is the fabric's end that remembers the connection for a minute.
            using Socket socket = PortServer.Connect(at);
            Assert.Equal($"{i}", Say(socket, $"{i}"));
            return ValueTask.CompletedTask;
        });
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Datagrams_of_every_client_are_answered_to_that_client()
    {
        CleaveCommand cleave = await UpAsync();
        IPEndPoint at = await PortServer.FindAsync(cleave, $"{PortServer.Datagrams}/udp");
        Socket[] clients = [.. Enumerable.Range(0, 200).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 })];
        try
        {
            for (int i = 0; i < clients.Length; i++)
            {
                clients[i].SendTo(Encoding.ASCII.GetBytes($"client {i}"), at);
            }

            for (int i = 0; i < clients.Length; i++)
            {
                byte[] answer = new byte[100];
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                int length = clients[i].ReceiveFrom(answer, ref from);
                Assert.Equal(($"CLIENT {i}", $"{at}"), (Encoding.ASCII.GetString(answer, 0, length), $"{from}"));
            }

            // As large as they come, and empty.
            byte[] large = new byte[65_507];
            clients[0].SendTo(large, at);
            Assert.Equal(large.Length, clients[0].Receive(new byte[70_000]));
            clients[0].SendTo([], at);
            Assert.Equal(0, clients[0].Receive(new byte[100]));
        }
        finally
        {
            Array.ForEach(clients, c => c.Dispose());
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Nginx_serves_wrk_through_it()
    {
        Tool.Require("nginx", "nginx");
        Tool.Require("wrk", "wrk");
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web: {ip: 172.23.0.1, run: [nginx, -e, stderr, -c, "${env.CONF}"], ready: {tcp: 8000}, ports: ["auto:8000"]}
            """,
            "/var/tmp");
        cleave.Environment["CONF"] = Path.Combine(cleave.Folder, "nginx.conf");
        cleave.Write("nginx.conf", """
            daemon off; user root; worker_processes 1; pid /tmp/nginx.pid; error_log stderr;
            events { worker_connections 4096; }
            http {
              access_log off; client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
              server { listen 8000; location / { return 200 "hello\n"; } }
            }
            """);
        await cleave.OkAsync("up", "-d");
        string url = $"http://{(await cleave.OkAsync("port", "web", "8000")).Trim()}/";
        Assert.Equal("hello\n", (await cleave.ShellAsync($"curl -sS -m 20 {url}")).Output);
        Outcome wrk = await cleave.ShellAsync($"ulimit -n 4096; wrk -t 1 -c 1000 -d 2s --timeout 20s {url}");
        Assert.True(wrk.Code == 0 && !wrk.Output.Contains("Socket errors", StringComparison.Ordinal) && !wrk.Output.Contains("Non-2xx", StringComparison.Ordinal), $"{wrk}");
        Assert.DoesNotContain("\n  0 requests", wrk.Output, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    private static async Task<IPEndPoint[]> FindAsync(CleaveCommand cleave, int port) =>
        [.. (await cleave.OkAsync("port", "web", $"{port}/tcp")).Trim().Split('\n').Select(IPEndPoint.Parse)];

    private static async Task<Socket> ConnectAsync(CleaveCommand cleave, int port) => PortServer.Connect(await PortServer.FindAsync(cleave, $"{port}/tcp"));

    private static Task LogsAsync(CleaveCommand cleave, string text) => Wait.UntilAsync(
        () => cleave.OkAsync("logs").GetAwaiter().GetResult().Contains(text, StringComparison.Ordinal), () => $"the node has not printed '{text}'");

    private static string Say(Socket socket, string text)
    {
        socket.Send(Encoding.ASCII.GetBytes(text));
        return Read(socket, new byte[text.Length]);
    }

    private static string Read(Socket socket, byte[] answer)
    {
        int length = 0;
        while (length < answer.Length && socket.Receive(answer, length, answer.Length - length, SocketFlags.None) is var count and not 0)
        {
            length += count;
        }

        return Encoding.ASCII.GetString(answer, 0, length);
    }

    private static int Descriptors(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    private static int Sockets(int process) =>
        new DirectoryInfo($"/proc/{process}/fd").GetFileSystemInfos().Count(f => f.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static long ResidentBytes(int process) =>
        long.Parse(File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private async Task<CleaveCommand> UpAsync()
    {
        CleaveCommand cleave = NewLab(PortServer.Lab(All), "/var/tmp");
        cleave.Write("server.py", PortServer.Text);
        await cleave.OkAsync("up", "-d");
        return cleave;
    }
}
