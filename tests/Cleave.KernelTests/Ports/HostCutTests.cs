using System.Net.Sockets;
using System.Text;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Ports;

/// <summary>Cuts between nodes and the host.</summary>
public sealed class HostCutTests : KernelTest
{
    private const string Dual =
        """
        cleave: 1
        networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}, six: {subnet: "fd00:24::/64"}}
        nodes:
          web:
            ip: [172.23.0.1, "fd00:23::1", "fd00:24::1"]
            run: [python3, server.py]
            ready: {tcp: 7000}
            ports: ["auto:7000", "auto:7001", "auto:7006/udp", {node: 7007, via: loopback}, {node: 7008, via: six}]
          other: {ip: [172.23.0.2, "fd00:23::2"]}
        """;

    // An echo of IPv6 besides.
    private static readonly string Server = PortServer.Text.Replace("echo(7000)", "echo(7000)\necho6(7008)", StringComparison.Ordinal).Replace(
        "def datagrams(",
        "def echo6(port):\n    def talk(c):\n        while data := c.recv(1 << 16):\n            c.sendall(data)\n    l = socket.create_server(('fd00:24::1', port), family=socket.AF_INET6)\n"
        + "    def accept():\n        while True:\n            c, p = l.accept()\n            threading.Thread(target=talk, args=(c,), daemon=True).start()\n    threading.Thread(target=accept, daemon=True).start()\n\ndef datagrams(",
        StringComparison.Ordinal);

    [Fact]
    public async Task Published_traffic_is_cut_and_all_else_of_the_fabric_passes()
    {
        CleaveCommand cleave = await UpAsync();
        using Socket four = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        using Socket six = PortServer.Connect(await PortServer.FindAsync(cleave, "7008"));
        using Socket inside = PortServer.Connect(await PortServer.FindAsync(cleave, "7007"));
        Socket[] over = [four, six];
        Assert.All((Socket[])[.. over, inside], s => Assert.True(Answers(s)));
        Assert.True(await DatagramsAnswerAsync(cleave));

        Assert.Equal("cut host <-> web: 2 ordered pairs are cut\n", await cleave.OkAsync("cut", "host", "--to", "web"));
        Assert.Contains("outside  host  web\nhost     -     x  \nweb      x     -  \n", await cleave.OkAsync("status"), StringComparison.Ordinal);

        // Established ones are cut, too, and new ones are silence after the host's kernel has accepted them.
        Assert.All(over, s => Assert.False(Answers(s)));
        Assert.False(await DatagramsAnswerAsync(cleave));
        using Socket late = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        Assert.False(Answers(late));

        // A connection inside the node is no traffic between the two; nor are nodes, ready checks and what runs in the fabric.
        Assert.True(Answers(inside));
        Assert.Equal("x", await cleave.InAsync("other", Ask("172.23.0.1", 7000)));
        Assert.Equal("x", await cleave.InAsync("fabric", Ask("172.23.0.1", 7000)));
        Assert.Equal("x", await cleave.InAsync("fabric", Ask("fd00:24::1", 7008)));
        await cleave.OkAsync("check");
        await cleave.OkAsync("restart", "web");
        await Wait.UntilAsync(async () => !(await cleave.OkAsync("ps", "--json")).Contains("\"state\":\"starting\"", StringComparison.Ordinal), () => "web does not become ready");

        // What was sent meanwhile arrives, and is answered, as after any cut; but the program has been started anew.
        await cleave.OkAsync("heal");
        using Socket after = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        Assert.True(Answers(after));
        Assert.True(await DatagramsAnswerAsync(cleave));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Each_direction_is_cut_alone_and_some_traffic_alone_and_connections_go_on_afterwards()
    {
        CleaveCommand cleave = await UpAsync();
        using Socket socket = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        using Socket counts = PortServer.Connect(await PortServer.FindAsync(cleave, "7001"));
        Assert.True(Answers(socket));

        // The node hears, and is not heard.
        await cleave.OkAsync("cut", "web", "--to", "host", "--one-way");
        Assert.False(Answers(socket));
        string status = await cleave.OkAsync("status");
        Assert.Matches("(?m)^web +host +([1-9][0-9]*) +\\1 +0$", status);

        // In the place of that, only what goes to port 7000.
        await cleave.OkAsync("mend", "web", "--to", "host");
        await cleave.OkAsync("cut", "host", "--to", "web", "--one-way", "--tcp", "7000");
        Assert.Contains("tcp 7000 on outside: host -> web\n", await cleave.OkAsync("status"), StringComparison.Ordinal);
        using Socket late = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        Assert.False(Answers(late));
        counts.Send("abc"u8);
        counts.Shutdown(SocketShutdown.Send);
        Assert.Equal("3\n", PortServer.ReadToEnd(counts));
        Assert.True(await DatagramsAnswerAsync(cleave));

        // Nothing is lost for good.
        await cleave.OkAsync("heal");
        late.ReceiveTimeout = socket.ReceiveTimeout = 20_000;
        Assert.Equal(1, late.Receive(new byte[1]));
        Assert.Equal(1, socket.Receive(new byte[1]));
        Assert.Equal("table bridge cleave {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}", await cleave.InAsync("fabric", "nft list ruleset"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Cuts_between_nodes_leave_published_traffic_alone()
    {
        CleaveCommand cleave = await UpAsync();
        using Socket socket = PortServer.Connect(await PortServer.FindAsync(cleave, "7000"));
        foreach (string[] verb in (string[][])[["isolate", "web"], ["cut", "web", "--to", "other"], ["isolate", "all", "--mode", "reject"], ["halves", "--arp"]])
        {
            await cleave.OkAsync(verb);
            Assert.True(Answers(socket), string.Join(' ', verb));
            using Socket late = PortServer.Connect(await PortServer.FindAsync(cleave, "7008"));
            Assert.True(Answers(late), string.Join(' ', verb));
            Assert.True(await DatagramsAnswerAsync(cleave));
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_scenario_cuts_the_host_for_a_time()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              web: {ip: 172.23.0.1, run: [python3, -m, http.server, "8000"], ready: {tcp: 8000}, ports: ["auto:8000"]}
            scenarios:
              host-lost:
                - {run: "! nft list ruleset | grep -q drop", node: fabric}
                - during: {cut: {between: [host, web], traffic: none}}
                  steps: [{run: "test $(nft list ruleset | grep -c 'port 20000-32767.*goto lost') = 2", node: fabric}]
                - cut: {from: web, to: [host], tcp: all, traffic: none}
                - {run: "nft list ruleset | grep drop", node: fabric}
                - mend: {from: host, to: web}
                - {run: "nft list ruleset | grep drop", node: fabric}
                - mend: {from: web, to: host}
                - {run: "! nft list ruleset | grep -q drop", node: fabric}
            """);
        await cleave.OkAsync("test");
    }

    private static string Ask(string address, int port) =>
        $"python3 -c 'import socket; s = socket.create_connection((\"{address}\", {port}), 20); s.sendall(b\"x\"); print(s.recv(1).decode())'";

    private static bool Answers(Socket socket)
    {
        socket.ReceiveTimeout = 1000;
        socket.Send("x"u8);
        try
        {
            return socket.Receive(new byte[1]) == 1;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut || e.SocketErrorCode == SocketError.WouldBlock)
        {
            return false;
        }
    }

    private static async Task<bool> DatagramsAnswerAsync(CleaveCommand cleave)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
        socket.Connect(await PortServer.FindAsync(cleave, "7006/udp"));
        socket.Send("x"u8);
        byte[] answer = new byte[10];
        try
        {
            return socket.Receive(answer) == 1 && Encoding.ASCII.GetString(answer, 0, 1) == "X";
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut || e.SocketErrorCode == SocketError.WouldBlock)
        {
            return false;
        }
    }

    private async Task<CleaveCommand> UpAsync()
    {
        CleaveCommand cleave = NewLab(Dual, "/var/tmp");
        cleave.Write("server.py", Server);
        await cleave.OkAsync("up", "-d");
        return cleave;
    }
}
