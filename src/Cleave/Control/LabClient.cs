using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cleave.Linux;
using Cleave.Registry;

namespace Cleave.Control;

/// <summary>Talks to a running lab over its control socket. Thread-safe.</summary>
public sealed class LabClient : IDisposable
{
    private readonly LabRecord _lab;
    private readonly bool _plain;
    private readonly Lazy<Web> _web;

    /// <summary>For a lab of the registry.</summary>
    public LabClient(LabRecord lab)
        : this(lab, plain: false)
    {
    }

    /// <summary>For a lab of the registry.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="plain">
    /// For a command that asks one question and ends: status and faults are asked for by blocking calls, which cannot be cancelled but by the end of
    /// the process, and without HttpClient, whose start takes several times as long as the answer.
    /// </param>
    internal LabClient(LabRecord lab, bool plain)
    {
        (_lab, _plain) = (lab, plain);
        _web = new(() => new Web(lab));
    }

    /// <summary>The lab and its nodes, now.</summary>
    public Task<LabStatus> StatusAsync(CancellationToken cancel) =>
        _plain ? Task.FromResult(PlainRecords.Status(AskPlainly("GET", "/lab"))) : GetAsync("lab", ControlJson.Default.LabStatus, cancel);

    /// <summary>Returns when all nodes are ready.</summary>
    /// <exception cref="CleaveException">A node will not be.</exception>
    public async Task<LabStatus> WaitUntilReadyAsync(CancellationToken cancel) =>
        PlainRecords.Status(await Task.Run(() => AskPlainly("GET", "/ready"), cancel).WaitAsync(cancel)); // as DownAsync: it is all that `up -d` asks

    /// <summary>What is cut, now: every pair.</summary>
    public Task<FaultStatus> FaultsAsync(CancellationToken cancel) => FaultsAsync(isShort: false, cancel);

    /// <summary>What is cut, now.</summary>
    /// <param name="isShort">Whether large networks may be told by groups, since their pairs are millions.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task<FaultStatus> FaultsAsync(bool isShort, CancellationToken cancel)
    {
        string path = isShort ? "faults/short" : "faults";
        return _plain ? Task.FromResult(PlainRecords.Faults(AskPlainly("GET", "/" + path))) : GetAsync(path, ControlJson.Default.FaultStatus, cancel);
    }

    /// <summary>Puts a fault in force, or heals; returns when the kernel has taken it.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="isBrief">Whether the answer may leave out the pairs, which are a million in a large lab.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task<FaultStatus> ApplyAsync(FaultOrder fault, bool isBrief, CancellationToken cancel)
    {
        string path = isBrief ? "faults/brief" : "faults";
        return _plain
            ? Task.FromResult(PlainRecords.Faults(AskPlainly("POST", "/" + path, PlainRecords.Json(fault))))
            : PostAsync(path, fault, ControlJson.Default.FaultOrder, ControlJson.Default.FaultStatus, cancel);
    }

    /// <summary>What a fault would cut, on top of what is in force.</summary>
    public Task<FaultPreview> PreviewAsync(FaultOrder fault, CancellationToken cancel) =>
        PostAsync("faults/preview", fault, ControlJson.Default.FaultOrder, ControlJson.Default.FaultPreview, cancel);

    /// <summary>Starts, stops, kills, pauses, resumes or restarts programs; returns when it is done.</summary>
    public Task<NodeReply> OrderAsync(NodeOrder order, CancellationToken cancel) =>
        PostAsync("nodes", order, ControlJson.Default.NodeOrder, ControlJson.Default.NodeReply, cancel);

    /// <summary>Probes who reaches whom.</summary>
    public Task<CheckResult> CheckAsync(CancellationToken cancel) => PostAsync("check", ControlJson.Default.CheckResult, cancel);

    /// <summary>Runs a scenario to its end.</summary>
    public Task<ScenarioResult> TestAsync(string scenario, CancellationToken cancel) =>
        PostAsync("test", new ScenarioOrder(scenario), ControlJson.Default.ScenarioOrder, ControlJson.Default.ScenarioResult, cancel);

    /// <summary>Asks for the end of the lab; it ends after the answer. A lab of another Cleave understands this, too.</summary>
    public async Task DownAsync(CancellationToken cancel)
    {
        // Not HttpClient, whose start takes as long as the end of a small lab. A lab host that is stopped accepts the question and never answers.
        PlainAnswer answer = await Task.Run(() => Ask("POST", "/down", ""), cancel).WaitAsync(cancel);
        if (answer.Status is not (>= 200 and < 300))
        {
            throw Refused(answer, "/down");
        }
    }

    /// <summary>Everything that happens, the newest past first, until the lab ends.</summary>
    public async IAsyncEnumerable<LabEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using HttpResponseMessage response = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "events"), HttpCompletionOption.ResponseHeadersRead, cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await NextLineAsync(reader, cancel) is { } line)
        {
            yield return JsonSerializer.Deserialize(line, ControlJson.Default.LabEvent)!;
        }
    }

    /// <summary>Returns when the lab has ended, and its log files are complete.</summary>
    public async Task WaitForEndAsync(CancellationToken cancel)
    {
        await foreach (LabEvent _ in EventsAsync(cancel))
        {
            // Their end is what we wait for.
        }
    }

    /// <summary>Starts programs of the lab that end with this process, or with the client that is returned.</summary>
    public async Task<JoinClient> JoinAsync(JoinOrder order, CancellationToken cancel) => new(await OpenAsync("join", order, ControlJson.Default.JoinOrder, cancel));

    /// <summary>Opens the web socket of a program to run; see <see cref="ExecFrame"/> for what goes over it.</summary>
    internal Task<WebSocket> ExecAsync(ExecOrder order, CancellationToken cancel) => OpenAsync("exec", order, ControlJson.Default.ExecOrder, cancel);

    private async Task<WebSocket> OpenAsync<T>(string path, T order, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        CleaveVersion.Require(_lab);
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(CleaveVersion.Header, CleaveVersion.Current);
        using var invoker = new HttpMessageInvoker(_web.Value.Handler, disposeHandler: false);
        try
        {
            await socket.ConnectAsync(new Uri("ws://lab/" + path), invoker, cancel);

            // Not a header: an environment and a command line may be longer than those can be.
            byte[] text = JsonSerializer.SerializeToUtf8Bytes(order, type);
            await socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancel);
        }
        catch (WebSocketException e)
        {
            socket.Dispose();
            throw Gone(e);
        }

        return socket;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_web.IsValueCreated)
        {
            _web.Value.Dispose();
        }
    }

    private static async Task<string?> NextLineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null; // the lab host was killed
        }
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        await ReadAsync(new HttpRequestMessage(HttpMethod.Get, path), type, cancel);

    private async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        await ReadAsync(new HttpRequestMessage(HttpMethod.Post, path), type, cancel);

    private async Task<TReply> PostAsync<TOrder, TReply>(
        string path, TOrder order, JsonTypeInfo<TOrder> orderType, JsonTypeInfo<TReply> replyType, CancellationToken cancel)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(order, orderType));
        return await ReadAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, replyType, cancel);
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using HttpResponseMessage response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancel);
        return JsonSerializer.Deserialize(body, type) ?? throw new CleaveException("the lab host gave an empty answer");
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        CleaveVersion.Require(_lab);
        return AskAsync(request, completion, cancel);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await _web.Value.Client.SendAsync(request, completion, cancel);
            }
            catch (HttpRequestException e)
            {
                throw Gone(e);
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancel);
                if (response.StatusCode == HttpStatusCode.Conflict
                    && JsonSerializer.Deserialize(body, ControlJson.Default.ErrorReply) is { } reply)
                {
                    throw reply.ToException();
                }

                throw new CleaveException($"the lab host answered {(int)response.StatusCode} to {request.RequestUri}");
            }
        }
    }

    private object? AskPlainly(string method, string path, string body = "")
    {
        CleaveVersion.Require(_lab);
        PlainAnswer answer = Ask(method, path, body);
        try
        {
            return answer.Status == 200 ? PlainJson.Parse(answer.Body) : throw Refused(answer, path);
        }
        catch (FormatException e)
        {
            throw Gone(e);
        }
    }

    private PlainAnswer Ask(string method, string path, string body)
    {
        try
        {
            using UnixSocket socket = UnixSocket.Connect(_lab.Socket);
            return PlainHttp.Ask(socket, method, path, body);
        }
        catch (Exception e) when (e is LinuxException or IOException)
        {
            throw Gone(e);
        }
    }

    private static CleaveException Refused(PlainAnswer answer, string path) => answer.Status == 409
        ? PlainRecords.Error(PlainJson.Parse(answer.Body)).ToException()
        : new CleaveException($"the lab host answered {answer.Status} to {path}");

    private CleaveException Gone(Exception e) => new($"lab {_lab.Id} does not answer; it may have just ended: {e.Message}", e);

    /// <summary>What HttpClient needs, made when it is needed.</summary>
    private sealed class Web : IDisposable
    {
        private readonly string _socket;

        public Web(LabRecord lab)
        {
            _socket = lab.Socket;
            Handler = new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectAsync(cancel) };
            Client = new HttpClient(Handler, disposeHandler: false) { BaseAddress = new Uri("http://lab/"), Timeout = Timeout.InfiniteTimeSpan };
            Client.DefaultRequestHeaders.Add(CleaveVersion.Header, CleaveVersion.Current);
        }

        public SocketsHttpHandler Handler { get; }

        public HttpClient Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            Handler.Dispose();
        }

        private async ValueTask<Stream> ConnectAsync(CancellationToken cancel)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
