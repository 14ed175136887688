using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;

namespace Cleave.Host;

/// <summary>A join over a web socket: the programs end when the user's side leaves, and at the latest when it is gone.</summary>
internal sealed class JoinSession : IDisposable
{
    private const int LongestOrder = 1 << 20;

    private readonly RunningLab _lab;
    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource _keep = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private JoinSession(RunningLab lab, WebSocket socket) => (_lab, _socket) = (lab, socket);

    /// <summary>The SHA-256 of a lab file's text, in hexadecimal.</summary>
    public static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Takes the order, the first message, and returns when the join has ended.</summary>
    public static async Task RunAsync(RunningLab lab, WebSocket socket)
    {
        if (await ReceiveAsync(socket) is not { } text || JsonSerializer.Deserialize(text.Span, ControlJson.Default.JoinOrder) is not { } order)
        {
            return; // gone before it said what it wants
        }

        using var session = new JoinSession(lab, socket);
        try
        {
            await session.RunAsync(order);
        }
        catch (Exception e) when (e is CleaveException or LinuxException)
        {
            await session.SendAsync(new JoinNews { Error = ErrorReply.For(e) });
        }

        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task RunAsync(JoinOrder order)
    {
        var join = await Join.ClaimAsync(_lab, order);
        using EventHub.Listener listener = _lab.Hub.Listen(past: false);
        Task left = Task.Run(() => ListenAsync(join));
        Task showing = Task.CompletedTask;
        try
        {
            await SendAsync(new JoinNews
            {
                Begin = new JoinBegin([.. join.Nodes.Select(n => n.Node.Name)], join.LeftAlone, order.FileHash != Hash(_lab.Order.Text)),
            });
            showing = ShowAsync(join, listener);
            await join.StartAsync();
            _ = SendWhenReadyAsync(join);
            Task first = await Task.WhenAny(_lab.End, join.End, left, _keep.Task);
            if (first == _keep.Task)
            {
                join.Keep();
            }
        }
        finally
        {
            // The lab's own end takes the programs with it, and shows how.
            if (!join.IsKept && !_lab.End.IsCompleted)
            {
                await join.StopAsync();
            }
        }

        if (_lab.End.IsCompleted && !join.End.IsCompleted && !left.IsCompleted)
        {
            await showing;
            await SendAsync(new JoinNews { End = new JoinEnd(null, $"the lab has ended: {_lab.End.Result.Reason}", LabEnds: true) });
            return;
        }

        listener.End();
        await showing;
        (int? code, string reason) = join.End.IsCompletedSuccessfully ? join.End.Result : ((int?)null, join.IsKept ? "they run on" : "the programs have been ended");
        await SendAsync(new JoinNews { End = new JoinEnd(code, reason, LabEnds: false) });
    }

    private async Task SendWhenReadyAsync(Join join)
    {
        await join.Ready;
        await SendAsync(new JoinNews { Ready = true });
    }

    /// <summary>What happens to the joined programs, and what the lab says of itself.</summary>
    private async Task ShowAsync(Join join, EventHub.Listener listener)
    {
        HashSet<string> names = [.. join.Nodes.Select(n => n.Node.Name)];
        await foreach (LabEvent happened in listener.ReadAsync(CancellationToken.None))
        {
            if (happened.Kind switch
            {
                EventKind.Log or EventKind.Node => names.Contains(happened.Node ?? ""),
                EventKind.Fault or EventKind.Lab => true,
                _ => false,
            })
            {
                await SendAsync(new JoinNews { Event = happened });
            }
        }
    }

    /// <summary>Takes what the user's side wants; returns when it wants to leave, or is gone.</summary>
    private async Task ListenAsync(Join join)
    {
        while (await ReceiveAsync(_socket) is { } text)
        {
            switch (JsonSerializer.Deserialize(text.Span, ControlJson.Default.JoinWord)?.Wish)
            {
                case JoinWish.Keep:
                    _keep.TrySetResult();
                    break;
                case JoinWish.Leave:
                    _ = Task.Run(() => ListenAsync(join)); // it may become impatient
                    return;
                case JoinWish.Kill:
                    _ = join.HurryAsync();
                    return;
            }
        }
    }

    /// <summary>Null: the other side is gone, or says what nobody understands.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReceiveAsync(WebSocket socket)
    {
        try
        {
            return await WebSocketText.ReceiveAsync(socket, LongestOrder, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task SendAsync(JoinNews news)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(news, ControlJson.Default.JoinNews);
        try
        {
            await _sending.WaitAsync();
            try
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await _socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                }
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The receiving side notices, too, and ends the programs.
        }
    }
}
