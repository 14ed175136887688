using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Cleave.Names;
using Cleave.Planning;
using Cleave.Uplinks;

namespace Cleave.Host;

/// <summary>Puts questions to the name servers outside: one after the other, until one knows, in less time than askers wait.</summary>
internal sealed class NameForwarder
{
    private const int Port = 53;
    private const int Tries = 3;

    // A name server on the host's loopback is near, and pasta leads there by datagrams only.
    private const int DatagramOfTheLink = 4096;

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(1.5); // glibc and musl ask again after 5 s or a half of that

    private readonly ImmutableArray<(IPEndPoint At, int Datagram)> _servers;

    public NameForwarder(Uplink uplink) => _servers =
    [
        .. uplink.Resolvers.Select(IPAddress.Parse).Select(a => (
            new IPEndPoint(a, Port), uplink.Addresses.Any(u => LinkNetwork.Of(u).Contains(a)) ? DatagramOfTheLink : DnsWire.Datagram)),
    ];

    /// <summary>The answer for the asker; of a datagram's asker it may be too long.</summary>
    /// <param name="query">The question.</param>
    /// <param name="byTcp">Whether the asker takes answers of any length.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<byte[]> AskAsync(DnsQuery query, bool byTcp, CancellationToken cancel)
    {
        byte[]? failed = null;
        for (int attempt = 0; attempt < Tries && _servers.Length > 0; attempt++)
        {
            (IPEndPoint server, int datagram) = _servers[attempt % _servers.Length];
            var forwarding = new NameForwarding(query, BinaryPrimitives.ReadUInt16BigEndian(RandomNumberGenerator.GetBytes(2)), datagram);
            byte[]? answer = await TryAsync(c => ByDatagramAsync(forwarding, server, c), cancel);
            if (answer is not null && byTcp && NameForwarding.IsTruncated(answer))
            {
                answer = await TryAsync(c => ByTcpAsync(forwarding, server, c), cancel) ?? answer;
            }

            if (answer is not null && !NameForwarding.HasFailed(answer))
            {
                return forwarding.ForAsker(answer);
            }

            failed = answer is null ? failed : forwarding.ForAsker(answer);
        }

        return failed ?? DnsReply.Empty(query, DnsCode.ServerFailure);
    }

    /// <summary>Null if there is no answer in time, or nobody there.</summary>
    private static async Task<byte[]?> TryAsync(Func<CancellationToken, Task<byte[]>> ask, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TryLimit);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>From a port of its own, so that nobody who does not see the question can answer it.</summary>
    private static async Task<byte[]> ByDatagramAsync(NameForwarding forwarding, IPEndPoint server, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancel);
        await socket.SendAsync(forwarding.Question(), cancel);
        byte[] buffer = new byte[DatagramOfTheLink];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, cancel);
            if (forwarding.IsAnswer(buffer.AsSpan(0, length)))
            {
                return buffer[..length];
            }
        }
    }

    private static async Task<byte[]> ByTcpAsync(NameForwarding forwarding, IPEndPoint server, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancel);
        await using var stream = new NetworkStream(socket);
        await NameStream.WriteAsync(stream, forwarding.Question(), cancel);
        return await NameStream.ReadAsync(stream, DnsWire.Longest, cancel) is { } answer && forwarding.IsAnswer(answer)
            ? answer
            : throw new IOException("the server has closed the connection, or answered something else");
    }
}

/// <summary>Messages on a stream: each behind its length in two bytes (RFC 1035, section 4.2.2).</summary>
internal static class NameStream
{
    /// <summary>The next message; null at the end of the stream, or if it is longer than wanted.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int longest, CancellationToken cancel)
    {
        byte[] head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel) < head.Length)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(head);
        if (length > longest)
        {
            return null;
        }

        byte[] message = new byte[length];
        return await stream.ReadAtLeastAsync(message, length, throwOnEndOfStream: false, cancel) < length ? null : message;
    }

    public static async Task WriteAsync(Stream stream, byte[] message, CancellationToken cancel)
    {
        byte[] whole = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(whole, (ushort)message.Length);
        message.CopyTo(whole, 2);
        await stream.WriteAsync(whole, cancel);
    }
}
