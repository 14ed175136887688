using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Cleave.Control;

/// <summary>The user's side of a join: the programs end when the connection does.</summary>
public sealed class JoinClient : IDisposable
{
    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1);

    internal JoinClient(WebSocket socket) => _socket = socket;

    /// <summary>What happens, until the join has ended: the last is its end or an error. Without either, the lab host was killed.</summary>
    public async IAsyncEnumerable<JoinNews> NewsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (await NextAsync(cancel) is { } text)
        {
            yield return JsonSerializer.Deserialize(text.Span, ControlJson.Default.JoinNews)!;
        }
    }

    /// <summary>Says what is wanted; nothing happens if the join has ended.</summary>
    public async Task SayAsync(JoinWish wish)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(new JoinWord(wish), ControlJson.Default.JoinWord);
        try
        {
            await _sending.WaitAsync();
            try
            {
                await _socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended; who reads the news knows how.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancel)
    {
        try
        {
            return await WebSocketText.ReceiveAsync(_socket, int.MaxValue, cancel);
        }
        catch (WebSocketException)
        {
            return null;
        }
    }
}
