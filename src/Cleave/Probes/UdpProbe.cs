using System.Net;
using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>Asks by a datagram whether somebody answers.</summary>
internal static class UdpProbe
{
    private const int LongestDatagram = 65_535;

    /// <summary>One datagram from the network namespace in which the socket was made, and what comes back: any datagram from that address and port
    /// is an answer, an ICMP error (port unreachable) is a refusal.</summary>
    /// <param name="socket">Made for the purpose; the caller disposes of it.</param>
    /// <param name="address">Whom to ask.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="payload">What to send; may be empty.</param>
    /// <param name="patience">Silence for so long counts as unreachable.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<Reachability> AskAsync(
        Socket socket, IPAddress address, int port, ReadOnlyMemory<byte> payload, TimeSpan patience, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            // A connected socket is told of ICMP errors (udp(7)) and hears nobody else.
            await socket.ConnectAsync(new IPEndPoint(address, port), limit.Token);
            await socket.SendAsync(payload, SocketFlags.None, limit.Token);
            _ = await socket.ReceiveAsync(new byte[LongestDatagram].AsMemory(), SocketFlags.None, limit.Token);
            return Reachability.Reachable;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Reachability.Unreachable;
        }
        catch (SocketException e)
        {
            return Answers.Of(e);
        }
    }
}
