using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Cleave.Scenarios;

namespace Cleave.Probes;

/// <summary>
/// A raw ICMP or ICMPv6 socket on one of a node's addresses: sends echo requests, and sees those that arrive, so that one direction can be judged
/// without the way back. Must be made in the node's network namespace; works from every thread afterwards.
/// </summary>
internal sealed class IcmpSocket : IDisposable
{
    private const int HeaderSize = 8;
    private const int LeastIPv4Header = 20;
    private const int IPv6Header = 40;

    // RFC 792 and RFC 4443.
    private static readonly Types V4 = new(EchoRequest: 8, EchoReply: 0, Unreachable: 3);
    private static readonly Types V6 = new(EchoRequest: 128, EchoReply: 129, Unreachable: 1);

    private readonly Socket _socket;
    private readonly bool _isV6;
    private readonly Types _types;

    /// <param name="address">The address of the node to send from.</param>
    /// <param name="requestsOnly">True to receive nothing but echo requests of others.</param>
    public IcmpSocket(IPAddress address, bool requestsOnly)
    {
        _isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        _types = _isV6 ? V6 : V4;
        _socket = ProbeMark.Set(new Socket(address.AddressFamily, SocketType.Raw, _isV6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp));
        if (requestsOnly)
        {
            ReceiveRequestsOnly();
        }

        _socket.Bind(new IPEndPoint(address, 0));
    }

    /// <summary>Sends one echo request.</summary>
    /// <returns>False if our own kernel would not send it: no route, for instance.</returns>
    public bool TrySend(IPAddress to, ReadOnlySpan<byte> payload, ushort identifier = 0, ushort sequence = 0)
    {
        Span<byte> packet = stackalloc byte[HeaderSize + payload.Length];
        packet[..HeaderSize].Clear();
        packet[0] = _types.EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], identifier);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], sequence);
        payload.CopyTo(packet[HeaderSize..]);
        if (!_isV6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Checksum(packet)); // that of ICMPv6 is the kernel's work (RFC 3542)
        }

        try
        {
            return _socket.SendTo(packet, new IPEndPoint(to, 0)) == packet.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits for the next echo request that arrives.</summary>
    /// <returns>Its payload.</returns>
    public async Task<byte[]> ReceiveRequestAsync(CancellationToken cancel)
    {
        byte[] buffer = new byte[2048];
        while (true)
        {
            int length = await _socket.ReceiveAsync(buffer.AsMemory(), cancel);
            int header = _isV6 ? 0 : (buffer[0] & 0x0f) * 4; // of IPv4 the header comes along
            if (length >= header + HeaderSize && buffer[header] == _types.EchoRequest)
            {
                return buffer[(header + HeaderSize)..length];
            }
        }
    }

    /// <summary>One echo request and its answer.</summary>
    /// <param name="to">Whom to ask.</param>
    /// <param name="identifier">Tells this request from those of others.</param>
    /// <param name="patience">Silence for so long counts as unreachable.</param>
    /// <param name="cancel">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public async Task<Reachability> EchoAsync(IPAddress to, ushort identifier, TimeSpan patience, CancellationToken cancel)
    {
        if (!TrySend(to, "cleave"u8, identifier, 1))
        {
            return Reachability.Unreachable;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
                if (Judge(buffer.AsSpan(0, length), identifier) is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Reachability.Unreachable;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void ReceiveRequestsOnly()
    {
        const int SolRaw = 255; // linux/socket.h
        const int SolIcmpV6 = 58;
        const int Filter = 1; // ICMP_FILTER of linux/icmp.h, ICMPV6_FILTER of linux/icmpv6.h: a bit for each type that is not wanted
        byte[] unwanted = new byte[_isV6 ? 32 : 4];
        Array.Fill(unwanted, byte.MaxValue);
        uint word = ~(1u << (_types.EchoRequest % 32));
        BitConverter.TryWriteBytes(unwanted.AsSpan(_types.EchoRequest / 32 * 4), word);
        _socket.SetRawSocketOption(_isV6 ? SolIcmpV6 : SolRaw, Filter, unwanted);
    }

    private Reachability? Judge(ReadOnlySpan<byte> packet, ushort identifier)
    {
        ReadOnlySpan<byte> icmp = _isV6 ? packet : WithoutHeader(packet);
        if (icmp.Length < HeaderSize)
        {
            return null;
        }

        if (icmp[0] == _types.EchoReply)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(icmp[4..]) == identifier ? Reachability.Reachable : null;
        }

        // An error carries the packet it is about.
        ReadOnlySpan<byte> about = icmp[0] == _types.Unreachable ? WithoutHeader(icmp[HeaderSize..]) : default;
        return about.Length >= HeaderSize && about[0] == _types.EchoRequest && BinaryPrimitives.ReadUInt16BigEndian(about[4..]) == identifier
            ? Reachability.Refused
            : null;
    }

    /// <summary>What follows the IP header; our own requests have no options and extensions.</summary>
    private ReadOnlySpan<byte> WithoutHeader(ReadOnlySpan<byte> packet)
    {
        int header = packet.IsEmpty ? 0 : _isV6 ? IPv6Header : (packet[0] & 0x0f) * 4;
        return header < LeastIPv4Header || packet.Length < header ? default : packet[header..];
    }

    private static ushort Checksum(ReadOnlySpan<byte> packet)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < packet.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet[i..]);
        }

        if (packet.Length % 2 == 1)
        {
            sum += (uint)packet[^1] << 8;
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private readonly record struct Types(byte EchoRequest, byte EchoReply, byte Unreachable);
}
