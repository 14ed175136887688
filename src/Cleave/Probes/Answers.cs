using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>What a socket's error says of who was asked.</summary>
internal static class Answers
{
    /// <summary>
    /// Only an answer from the network is a refusal: our own kernel saying that there is no route is silence. A firewall's ICMP error is "no route to
    /// host" by IPv4 and "permission denied" by IPv6; that nobody answers to ARP would be the former, too, but comes after three seconds, when no
    /// probe waits any more.
    /// </summary>
    public static Reachability Of(SocketException error) =>
        error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.AccessDenied
            ? Reachability.Refused
            : Reachability.Unreachable;
}
