using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Probes;
using Cleave.Scenarios;

namespace Cleave.Tests.Probes;

/// <summary>UDP and HTTP probes against sockets of our own on the loopback interface.</summary>
public sealed class ProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_datagram_that_is_answered_has_reached_somebody_and_carried_what_it_should()
    {
        using Socket server = Bound(SocketType.Dgram);
        Task<Reachability> asking = AskUdpAsync(Port(server), "ping é", Patience);
        byte[] buffer = new byte[100];
        SocketReceiveFromResult got = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), TestContext.Current.CancellationToken);
        Assert.Equal("ping é", Encoding.UTF8.GetString(buffer.AsSpan(0, got.ReceivedBytes)));
        await server.SendToAsync(ReadOnlyMemory<byte>.Empty, got.RemoteEndPoint, TestContext.Current.CancellationToken); // an empty answer is one, too
        Assert.Equal(Reachability.Reachable, await asking);
    }

    [Fact]
    public async Task A_datagram_without_an_answer_is_unreachable_and_a_closed_port_refuses()
    {
        using Socket silent = Bound(SocketType.Dgram);
        Assert.Equal(Reachability.Unreachable, await AskUdpAsync(Port(silent), "", Impatience));

        int port = Port(silent);
        silent.Dispose();
        Assert.Equal(Reachability.Refused, await AskUdpAsync(port, "", Patience));
    }

    [Fact]
    public async Task An_http_request_is_sent_as_written_and_its_answer_read()
    {
        using Socket server = Listening();
        Task<(string Request, HttpMet Met)> both = ExchangeAsync(
            server,
            new Probe.Http(Port(server), "/a?b=1", "POST", [new("X-One", "1"), new("Content-Type", "text/x")], "höher", null),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nno: é");
        (string request, HttpMet met) = await both;
        Assert.StartsWith("POST /a?b=1 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"Host: n1:{Port(server)}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("X-One: 1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/x\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("höher", request, StringComparison.Ordinal);
        Assert.Equal(new HttpMet(Reachability.Reachable, 404, "no: é", true, null), met);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        using Socket server = Listening();
        (_, HttpMet met) = await ExchangeAsync(server, Get(server), "HTTP/1.1 302 Found\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(302, met.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello, I speak no HTTP\r\n\r\n")]
    public async Task Who_accepts_and_gives_no_http_answer_refuses(string answer)
    {
        using Socket server = Listening();
        (_, HttpMet met) = await ExchangeAsync(server, Get(server), answer);
        Assert.Equal(Reachability.Refused, met.Reach);
        Assert.Contains("accepted the connection and gave no HTTP answer", met.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_accepts_and_is_silent_is_unreachable_and_a_closed_port_refuses()
    {
        using Socket server = Listening();
        HttpMet met = await AskAsync(Get(server), Impatience);
        Assert.Equal(Reachability.Unreachable, met.Reach);
        Assert.Contains("gave no whole answer within 0.1 s", met.Trouble, StringComparison.Ordinal);

        Probe.Http ask = Get(server);
        server.Dispose();
        Assert.Equal(Reachability.Refused, (await AskAsync(ask, Patience)).Reach);
    }

    [Fact]
    public async Task A_body_longer_than_the_limit_is_known_to_be_cut()
    {
        using Socket server = Listening();
        string body = new('x', HttpProbe.LongestBody + 10);
        (_, HttpMet met) = await ExchangeAsync(server, Get(server), $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal((false, HttpProbe.LongestBody), (met.IsWhole, met.Body.Length));
    }

    private static Probe.Http Get(Socket server) => new(Port(server), "/", "GET", [], null, null);

    /// <summary>One request, and an answer; an empty one closes.</summary>
    private static async Task<(string Request, HttpMet Met)> ExchangeAsync(Socket server, Probe.Http ask, string answer)
    {
        Task<HttpMet> asking = AskAsync(ask, Patience);
        using Socket accepted = await server.AcceptAsync();
        var request = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n" + ask.Send, StringComparison.Ordinal))
        {
            int length = await accepted.ReceiveAsync(buffer);
            Assert.True(length > 0, request.ToString());
            request.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, length)));
        }

        byte[] bytes = Encoding.UTF8.GetBytes(answer);
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await accepted.SendAsync(bytes.AsMemory(sent));
        }

        accepted.Shutdown(SocketShutdown.Send);
        return (request.ToString(), await asking);
    }

    private static Task<HttpMet> AskAsync(Probe.Http ask, TimeSpan patience) => HttpProbe.AskAsync(
        () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), IPAddress.Loopback, "n1", ask, Patience, patience, CancellationToken.None);

    private static async Task<Reachability> AskUdpAsync(int port, string text, TimeSpan patience)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        return await UdpProbe.AskAsync(socket, IPAddress.Loopback, port, Encoding.UTF8.GetBytes(text), patience, CancellationToken.None);
    }

    private static Socket Listening()
    {
        Socket server = Bound(SocketType.Stream);
        server.Listen();
        return server;
    }

    private static Socket Bound(SocketType type)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
