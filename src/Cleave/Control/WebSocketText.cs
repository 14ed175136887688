using System.Net.WebSockets;

namespace Cleave.Control;

/// <summary>Whole text messages of a web socket.</summary>
internal static class WebSocketText
{
    /// <summary>The next one; null if the other side leaves before it has sent all of it, or sends something else.</summary>
    /// <param name="socket">Where from.</param>
    /// <param name="longest">In bytes; a longer one counts as none.</param>
    /// <param name="cancel">Gives up, and with it the socket.</param>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReceiveAsync(WebSocket socket, int longest, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            text.Write(buffer, 0, got.Count);
        }
        while (!got.EndOfMessage && text.Length <= longest);

        return got.MessageType == WebSocketMessageType.Text && got.EndOfMessage ? text.GetBuffer().AsMemory(0, (int)text.Length) : null;
    }
}
