using System.Net;
using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>Asks by a TCP handshake whether somebody is there.</summary>
internal static class TcpProbe
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Tries until a connection is accepted.</summary>
    /// <param name="newSocket">Makes a TCP socket in the network namespace to ask from.</param>
    /// <param name="address">Whom to ask.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public static async Task UntilAcceptsAsync(Func<Socket> newSocket, IPAddress address, int port, CancellationToken cancel)
    {
        while (true)
        {
            using Socket socket = newSocket();
            if (await ConnectAsync(socket, address, port, TimeSpan.FromSeconds(1), cancel) == Reachability.Reachable)
            {
                return;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>One handshake from the network namespace in which the socket was made.</summary>
    /// <param name="socket">Made for the purpose; the caller disposes of it.</param>
    /// <param name="address">Whom to ask.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="patience">Silence for so long counts as unreachable.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<Reachability> ConnectAsync(
        Socket socket, IPAddress address, int port, TimeSpan patience, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), limit.Token);
            return Reachability.Reachable;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // An ICMP error that comes back while connect(2) still holds the socket, as where nodes are microseconds apart, is kept and reported
            // only after the second SYN; SO_ERROR has it before (socket(7)).
            return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0
                ? Answers.Of(new SocketException(error))
                : Reachability.Unreachable;
        }
        catch (SocketException e)
        {
            return Answers.Of(e);
        }
    }
}
