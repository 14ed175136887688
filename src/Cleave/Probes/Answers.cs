using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>What a socket's error says of who was asked.</summary>
internal static class Answers
{
    /// <summary>Only an answer from the network is a refusal: our own kernel saying that there is no route or no neighbour is silence.</summary>
    public static Reachability Of(SocketException error) =>
        error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset ? Reachability.Refused : Reachability.Unreachable;
}
