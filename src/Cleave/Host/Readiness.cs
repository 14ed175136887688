using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Probes;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>Waits until a node is ready in the sense of its file.</summary>
internal sealed class Readiness(RunningLab lab, NodeRunner node, Ready ready, long logFrom)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private string _seen = "";

    /// <summary>What is not so yet, for a message: "does not accept connections on port 80".</summary>
    public string Missing => ready switch
    {
        Ready.Tcp tcp => $"does not accept connections on port {tcp.Port}",
        Ready.Http http => $"does not answer GET :{http.Port}{http.Path} with {(http.Status is { } status ? $"{status}" : "200 to 299")}{_seen}",
        Ready.Log log => $"has not logged a line that matches /{log.Pattern}/",
        Ready.Run run => $"is not ready by `{run.Command}`{_seen}",
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Why it is not, where that can be seen from here; otherwise empty.</summary>
    public string Why =>
        ready switch
        {
            Ready.Tcp tcp => Explain(tcp.Port),
            Ready.Http http => Explain(http.Port),
            _ => "",
        };

    /// <summary>Where the fabric reaches the node, from which it is asked then; null: it has ends of links to other nodes only, and is asked from inside.</summary>
    private Attachment? Near => node.Node.Attachments.FirstOrDefault(a => a.IsInReach);

    private IPAddress Address => Near?.Addresses[0] ?? node.Node.Address ?? IPAddress.Loopback;

    public Task UntilAsync(CancellationToken cancel) => ready switch
    {
        Ready.Tcp tcp => TcpProbe.UntilAcceptsAsync(NewSocket, Address, tcp.Port, cancel),
        Ready.Http http => UntilAnswersAsync(http, cancel),
        Ready.Log log => node.Log.WaitForAsync(Matches(log), logFrom, cancel),
        Ready.Run run => UntilSucceedsAsync(run, cancel),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Whether the program had said it before it ended; whoever waits for the line may not have been told yet.</summary>
    public bool WasSaid() =>
        ready is Ready.Log log && node.Log.WaitForAsync(Matches(log), logFrom, new CancellationToken(canceled: true)).IsCompletedSuccessfully;

    private string Explain(int port) =>
        node.Room.Init is { } init && Listeners.Explain(Listeners.On(init.Pid, port), port, Address) is { } why ? $": {why}" : "";

    private static Func<string, bool> Matches(Ready.Log log) => new Regex(log.Pattern, RegexOptions.CultureInvariant).IsMatch;

    private Socket NewSocket() => Near is null
        ? lab.Thread.Run(() =>
        {
            NamespaceThread.JoinNetwork(node.Room.Network);
            return Open();
        })
        : Open();

    private Socket Open() => new(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        Socket socket = NewSocket();
        try
        {
            await socket.ConnectAsync(Address, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task UntilAnswersAsync(Ready.Http http, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero, ConnectCallback = ConnectAsync };
        using var client = new HttpClient(handler) { Timeout = Patience };
        var uri = new Uri($"http://{new IPEndPoint(Address, http.Port)}{http.Path}");
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancel);
                if (http.Status is { } status ? (int)answer.StatusCode == status : answer.IsSuccessStatusCode)
                {
                    return;
                }

                _seen = $" (its last answer: {(int)answer.StatusCode})";
            }
            catch (HttpRequestException e)
            {
                _seen = $" (the last try: {e.Message})";
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                _seen = " (the last try: no answer within 1s)";
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private async Task UntilSucceedsAsync(Ready.Run run, CancellationToken cancel)
    {
        while (true)
        {
            string last = "";
            var lines = new LineSplitter(line => last = line);
            try
            {
                ExitStatus status = await NodeCommand.RunAsync(lab, node.Node.Name, run.Command, node.Node.User, lines.Write, cancel);
                if (status.ShellCode == 0)
                {
                    return;
                }

                _seen = $" (its last end: {status}{(last.Length == 0 ? "" : $", {last}")})";
            }
            catch (LinuxException e)
            {
                _seen = $" ({e.Message})";
            }

            await Task.Delay(Pause, cancel);
        }
    }
}
