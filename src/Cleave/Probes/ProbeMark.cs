using System.Net.Sockets;
using Cleave.Planning;

namespace Cleave.Probes;

/// <summary>Marks what Cleave itself sends between nodes, so that it is not taken for what programs send.</summary>
internal static class ProbeMark
{
    private const int TrafficClass = 67; // IPV6_TCLASS of linux/in6.h
    private const int CodePointShift = 2; // the two lower bits are for congestion (RFC 3168)

    /// <summary>Marks all that the socket sends.</summary>
    public static Socket Set(Socket socket)
    {
        int field = EvidenceRules.ProbeCodePoint << CodePointShift;
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, field);
        }
        else
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.IPv6, TrafficClass, BitConverter.GetBytes(field));
        }

        return socket;
    }
}
