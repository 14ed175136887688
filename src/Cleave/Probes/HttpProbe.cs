using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>What an HTTP request met.</summary>
/// <param name="Reach">Reachable: there was an answer.</param>
/// <param name="Status">The status code of the answer; 0 without one.</param>
/// <param name="Body">The body of the answer, up to <see cref="HttpProbe.LongestBody"/>.</param>
/// <param name="IsWhole">False if the body is longer.</param>
/// <param name="Trouble">What went wrong after the connection was made, or null.</param>
internal readonly record struct HttpMet(Reachability Reach, int Status, string Body, bool IsWhole, string? Trouble);

/// <summary>Makes one HTTP/1.1 request: no proxy, no redirects followed, a connection of its own.</summary>
internal static class HttpProbe
{
    /// <summary>Bytes.</summary>
    public const int LongestBody = 1024 * 1024;

    /// <summary>Asks.</summary>
    /// <param name="newSocket">Makes a TCP socket in the network namespace to ask from.</param>
    /// <param name="address">Whom to ask.</param>
    /// <param name="host">What it is called in the Host field.</param>
    /// <param name="ask">The request.</param>
    /// <param name="connectPatience">Silence for so long after the first SYN counts as unreachable.</param>
    /// <param name="patience">And no whole answer for so long.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<HttpMet> AskAsync(
        Func<Socket> newSocket,
        IPAddress address,
        string host,
        Probe.Http ask,
        TimeSpan connectPatience,
        TimeSpan patience,
        CancellationToken cancel)
    {
        using Socket socket = newSocket();
        Reachability connected = await TcpProbe.ConnectAsync(socket, address, ask.Port, connectPatience, cancel);
        if (connected != Reachability.Reachable)
        {
            return new HttpMet(connected, 0, "", true, null);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,

            // Owned, because the handler gives a read up by closing the stream, and a socket left open would be read for ever.
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true)),
        };
        using var client = new HttpMessageInvoker(handler);
        using HttpRequestMessage request = Request(host, ask);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, limit.Token);
            await using Stream body = await response.Content.ReadAsStreamAsync(limit.Token);
            byte[] bytes = new byte[LongestBody + 1];
            int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, limit.Token);
            string text = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(length, LongestBody)));
            return new HttpMet(Reachability.Reachable, (int)response.StatusCode, text, length <= LongestBody, null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new HttpMet(Reachability.Unreachable, 0, "", true, $"accepted the connection and gave no whole answer within {patience.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Reset, closed, or not HTTP: somebody is there and says no. A dead program must not pass for a cut.
            return new HttpMet(Reachability.Refused, 0, "", true, $"accepted the connection and gave no HTTP answer ({(e.InnerException ?? e).Message})");
        }
    }

    private static HttpRequestMessage Request(string host, Probe.Http ask)
    {
        var request = new HttpRequestMessage(new HttpMethod(ask.Method), new Uri($"http://{host}:{ask.Port}{ask.Path}"));
        if (ask.Send is { } send)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(send));
        }

        foreach ((string name, string value) in ask.Headers)
        {
            // What belongs to a body is kept apart from the rest.
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.ConnectionClose = true;
        return request;
    }
}
