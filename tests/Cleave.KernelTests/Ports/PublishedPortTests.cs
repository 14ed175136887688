using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Ports;

/// <summary>Published ports: who gets them, who is told where they are, and that they are free again.</summary>
public sealed class PublishedPortTests : KernelTest
{
    [Fact]
    public async Task A_page_is_fetched_at_the_port_that_the_file_says_and_everybody_says_where_that_is()
    {
        int port = PortServer.FreePort();
        CleaveCommand cleave = NewLab(PortServer.Lab($"[\"{port}:8080\", \"auto:{PortServer.Datagrams}/udp\"]"));
        cleave.Write("server.py", "import http.server; print('serving', flush=True); http.server.test(http.server.SimpleHTTPRequestHandler, port=8080)");
        string lab = (await cleave.OkAsync("up", "-d")).Trim();

        Assert.Contains("cleave.yaml", (await cleave.ShellAsync($"curl -sS -m 20 http://127.0.0.1:{port}/")).Output, StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{port}\n", await cleave.OkAsync("port", "web", "8080"));
        Assert.Equal($"127.0.0.1:{port}\n", await cleave.OkAsync("port", "web", "8080/tcp"));
        string datagrams = (await cleave.OkAsync("port", "web", "7006/udp")).Trim();
        Assert.Equal($"8080/tcp 127.0.0.1:{port}\n7006/udp {datagrams}\n", await cleave.OkAsync("port", "web"));
        Assert.Equal("", await cleave.OkAsync("port", "other"));
        Assert.Contains($"web   8080/tcp  127.0.0.1:{port}\n", await cleave.OkAsync("status"), StringComparison.Ordinal);
        using JsonDocument list = JsonDocument.Parse(await cleave.OkAsync("port", "web", "8080", "--json"));
        Assert.Equal(
            $$"""{"schema":1,"lab":"{{lab}}","ports":[{"node":"web","protocol":"tcp","address":"127.0.0.1","port":{{port}},"node_port":8080}]}""", list.RootElement.GetRawText());
        Assert.Contains($"\"port\":{port},\"node_port\":8080", await cleave.OkAsync("ps", "--json"), StringComparison.Ordinal);

        Outcome wrong = await cleave.RunAsync("port", "web", "8080/udp");
        Assert.Equal((2, $"cleave: node web of lab {lab} does not publish port 8080/udp; it publishes 8080/tcp, 7006/udp\n"), (wrong.Code, wrong.Errors));
        Assert.Equal((2, $"cleave: lab {lab} has no node 'wbe'; did you mean 'web'?\n"), await Refusal("port", "wbe"));
        Assert.Contains("'808O' is no port", (await cleave.RunAsync("port", "web", "808O")).Errors, StringComparison.Ordinal);
        await cleave.OkAsync("down");
        Assert.True(PortServer.IsFree(port));

        async Task<(int, string)> Refusal(params string[] arguments)
        {
            Outcome outcome = await cleave.RunAsync(arguments);
            return (outcome.Code, outcome.Errors);
        }
    }

    [Fact]
    public async Task Instances_of_one_file_side_by_side_take_free_ports()
    {
        CleaveCommand cleave = NewLab(PortServer.Lab($"[\"auto:{PortServer.Echo}\"]"));
        cleave.Write("server.py", "import os, socketserver\nclass Says(socketserver.BaseRequestHandler):\n    def handle(self): self.request.sendall(os.environ['CLEAVE_LAB'].encode())\n"
            + "print('serving', flush=True)\nsocketserver.TCPServer(('', 7000), Says).serve_forever()\n");
        string[] labs = [.. (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => cleave.OkAsync("up", "-d")))).Select(l => l.Trim())];
        foreach (string lab in labs)
        {
            using Socket socket = PortServer.Connect(await PortServer.FindAsync(cleave, "7000", lab));
            Assert.Equal(lab, PortServer.ReadToEnd(socket));
        }

        await cleave.OkAsync("down", "--all");
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_names_the_lab_before_anything_is_made()
    {
        int port = PortServer.FreePort();
        CleaveCommand cleave = NewLab(PortServer.Lab($"[\"{port}:{PortServer.Echo}\"]") + "\nscenarios: {s: [sleep: 1ms], again: [sleep: 1ms]}\n");
        cleave.Write("server.py", PortServer.Text);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        string[] before = Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave"));

        string expected = $"cleave: {cleave.Folder}/cleave.yaml:3:83: port 127.0.0.1:{port} of the host (tcp), for node web, is in use by lab {lab}, for its node web "
            + $"(cleave down --lab {lab} ends it); with \"auto:7000\" Cleave takes a free port, which cleave port web tells\n";
        Assert.Equal(new Outcome(125, "", expected), await cleave.RunAsync("up", "-d"));
        Outcome test = await cleave.RunAsync("test");
        Assert.Equal((4, expected), (test.Code, test.Errors));
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")));

        await cleave.OkAsync("down");
        await cleave.OkAsync("test");
        Assert.True(PortServer.IsFree(port));
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_names_the_process_and_every_such_port()
    {
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(IPAddress.Any, 0));
        tcp.Listen();
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (int first, int second) = (((IPEndPoint)tcp.LocalEndPoint!).Port, ((IPEndPoint)udp.LocalEndPoint!).Port);
        CleaveCommand cleave = NewLab(PortServer.Lab($"[\"{first}:1\", \"auto:2\", \"{second}:3/udp\", \"192.0.2.1:4:4\"]"));

        Outcome outcome = await cleave.RunAsync("up", "-d");
        Assert.Equal(125, outcome.Code);
        string us = $"(process {Environment.ProcessId})";
        string[] lines = outcome.Errors.TrimEnd('\n').Split('\n');
        Assert.Collection(
            lines,
            l => Assert.Matches($"port 127.0.0.1:{first} of the host \\(tcp\\), for node web, is in use by .+ {System.Text.RegularExpressions.Regex.Escape(us)}; with \"auto:1\"", l),
            l => Assert.Matches($"port 127.0.0.1:{second} of the host \\(udp\\), for node web, is in use by .+ {System.Text.RegularExpressions.Regex.Escape(us)}; with \"auto:3/udp\"", l),
            l => Assert.Contains(
                Posix.IsRoot ? "port 192.0.2.1:4 of the host (tcp), for node web, cannot be opened: the host does not have the address 192.0.2.1" : "port 192.0.2.1:4 of the host (tcp), for node web,",
                l,
                StringComparison.Ordinal));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Ports_below_1024_are_for_root()
    {
        if (Posix.IsRoot)
        {
            Assert.Skip("root may open every port");
        }

        CleaveCommand cleave = NewLab(PortServer.Lab("[\"127.0.0.1:997:80\"]"));
        Outcome outcome = await cleave.RunAsync("up", "-d");
        Assert.Equal(125, outcome.Code);
        Assert.Contains(
            "port 127.0.0.1:997 of the host (tcp), for node web, is only for root, as all below 1024 (net.ipv4.ip_unprivileged_port_start): choose one from there on, or sudo sysctl net.ipv4.ip_unprivileged_port_start=997",
            outcome.Errors, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("down")]
    [InlineData("kill")]
    [InlineData("foreground")]
    public async Task The_ports_are_free_again_however_the_lab_ends(string end)
    {
        int port = PortServer.FreePort();
        CleaveCommand cleave = NewLab(PortServer.Lab($"[\"{port}:{PortServer.Echo}\"]"));
        cleave.Write("server.py", PortServer.Text);
        CleaveCommand.Background? up = null;
        if (end == "foreground")
        {
            up = cleave.StartInBackground("up");
            await up.SeesAsync($"port 7000/tcp is at 127.0.0.1:{port} of the host");
            await up.SeesAsync("all nodes are ready");
        }
        else
        {
            await cleave.OkAsync("up", "-d");
        }

        using Socket client = PortServer.Connect(new IPEndPoint(IPAddress.Loopback, port));
        client.Send("x"u8);
        Assert.Equal(1, client.Receive(new byte[1]));
        Assert.False(PortServer.IsFree(port));
        switch (end)
        {
            case "down":
                await cleave.OkAsync("down");
                break;
            case "kill":
                Assert.Equal(0, Posix.Kill(MachineState.LabHost(Runtime), Posix.SIGKILL));
                await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => "the lab is left");
                break;
            default:
                using (up)
                {
                    up!.Signal(2);
                    Assert.Equal(130, await up.EndsAsync());
                }

                break;
        }

        Assert.True(PortServer.IsFree(port));
    }

    [Fact]
    public async Task Other_addresses_of_the_host_are_published_when_they_are_written_out()
    {
        CleaveCommand cleave = NewLab("""
            cleave: 1
            networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}, six: {subnet: "fd00:24::/64"}}
            nodes:
              web:
                ip: [172.23.0.1, "fd00:23::1", "fd00:24::1"]
                run: [python3, server.py]
                ready: {log: serving}
                ports: ["[::1]:auto:7000", "127.0.0.7:auto:7000", {host: auto, node: 7008, address: "::1", via: six}, {node: 7007, via: loopback}, "0.0.0.0:auto:7006/udp"]
            """);
        cleave.Write("server.py", PortServer.Text.Replace("print('serving'", "threading.Thread(target=six, daemon=True).start(); print('serving'", StringComparison.Ordinal)
            .Replace("resource.setrlimit", "def six():\n    l = socket.create_server(('fd00:24::1', 7008), family=socket.AF_INET6)\n    while True:\n        c, p = l.accept(); c.sendall(p[0].encode()); c.close()\n\nresource.setrlimit", StringComparison.Ordinal));
        await cleave.OkAsync("up", "-d");
        IPEndPoint[] echoes = [.. (await cleave.OkAsync("port", "web", "7000")).Trim().Split('\n').Select(IPEndPoint.Parse)];
        Assert.Equal(["::1", "127.0.0.7"], echoes.Select(e => $"{e.Address}"));
        foreach (IPEndPoint at in (IPEndPoint[])[.. echoes, await PortServer.FindAsync(cleave, "7007")])
        {
            using Socket socket = PortServer.Connect(at);
            socket.Send("there and back"u8);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal("there and back", PortServer.ReadToEnd(socket));
        }

        using (Socket socket = PortServer.Connect(await PortServer.FindAsync(cleave, "7008")))
        {
            Assert.Equal("fd00:24::ffff", PortServer.ReadToEnd(socket));
        }

        // An answer comes from the address that was asked, which connect(2) insists on.
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        udp.Connect(new IPEndPoint(IPAddress.Parse("127.0.0.9"), (await PortServer.FindAsync(cleave, "7006")).Port));
        udp.Send("hello"u8);
        byte[] answer = new byte[16];
        Assert.Equal("HELLO", Encoding.ASCII.GetString(answer, 0, udp.Receive(answer)));
        await cleave.OkAsync("down");
    }
}
