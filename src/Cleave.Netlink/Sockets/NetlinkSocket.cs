using System.Buffers;
using System.Runtime.InteropServices;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Sockets;

/// <summary>
/// A netlink socket. It belongs to the network namespace of the thread that opened it and works from every thread
/// afterwards, wherever these are. Calls are synchronous (the kernel answers in microseconds) and exclude each other.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    /// <summary>How long the kernel may take for one answer before <see cref="NetlinkException"/> says that it hangs, in seconds.</summary>
    public const int AnswerTimeoutSeconds = 10;


    // The kernel makes no datagram of a dump longer than 32 KiB.
    private const int ReceiveBufferSize = 64 << 10;

    // Should all requests of a chunk fail, the answers (about 1 KiB of the kernel's memory each) still fit an ordinary receive buffer.
    private const int LargestChunk = 64 << 10;
    private const int MostRequestsOfChunk = 250;
    private const int MaximumDumpAttempts = 10;

    private readonly DatagramSocket _datagrams;
    private readonly NetlinkWriter _query = new(256);
    private readonly Lock _lock = new();
    private uint _sequence;

    // Rented while an answer is read: there may be a socket for every node of a lab.
    private byte[] _received = [];

    private NetlinkSocket(NetlinkFamily family, DatagramSocket datagrams)
    {
        Family = family;
        _datagrams = datagrams;
    }

    /// <summary>The protocol it speaks.</summary>
    public NetlinkFamily Family { get; }

    /// <summary>The longest transaction that can be sent, in bytes: without root about twice net.core.wmem_max.</summary>
    public int LargestTransaction => _datagrams.Largest;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static NetlinkSocket Open(NetlinkFamily family) => new(family, DatagramSocket.Open(family));

    /// <summary>
    /// Takes over a socket that another process has opened in its own network namespace, and handed over. What it asks for the kernel allows by the rights
    /// of this process alone: who owns the user namespaces of two network namespaces can join them by it, though it is in neither.
    /// </summary>
    /// <param name="family">The protocol that it speaks.</param>
    /// <param name="descriptor">The socket; closed with this one, and if this fails.</param>
    /// <exception cref="NetlinkException">It is none.</exception>
    public static NetlinkSocket Adopt(NetlinkFamily family, int descriptor) => new(family, DatagramSocket.Adopt(descriptor));

    /// <inheritdoc/>
    public void Dispose() => _datagrams.Dispose();

    /// <summary>Sends all requests of the batch and waits until the kernel has carried them out. A batch longer than a chunk ends with the chunk that failed.</summary>
    /// <param name="batch">The requests.</param>
    /// <param name="isForgiven">Which failures count as success; null: none.</param>
    /// <exception cref="NetlinkException">A request failed; the exception says which, and what became of the others.</exception>
    public void Send(NetlinkBatch batch, Predicate<NetlinkFailure>? isForgiven = null)
    {
        var failures = Run(batch, stopAtFailure: true, isForgiven, out var attempted);
        if (failures.Count == 0)
            return;
        var more = failures.Count > 1 ? $" and {failures.Count - 1} more" : "";
        throw new NetlinkException($"The kernel refused {failures[0]}{more}.", failures, attempted);
    }

    /// <summary>
    /// Like <see cref="Send"/>, but goes on to the end and gives refusals back instead of throwing: for teardown, where much may be gone already.
    /// </summary>
    /// <returns>The requests that failed, in order; empty when all succeeded.</returns>
    /// <exception cref="NetlinkException">The kernel did not take a datagram, or did not answer.</exception>
    public IReadOnlyList<NetlinkFailure> TrySend(NetlinkBatch batch) => Run(batch, stopAtFailure: false, null, out _);

    /// <summary>Asks for all entries of a table. Asked again, up to ten times, when the table changed meanwhile.</summary>
    /// <typeparam name="T">What an entry is decoded to.</typeparam>
    /// <param name="type">The request's message type, such as RTM_GETLINK.</param>
    /// <param name="payload">What follows the request's header.</param>
    /// <param name="decode">Decodes one message, or leaves it out by returning null.</param>
    /// <exception cref="NetlinkException">The kernel refused, did not answer, or the table never stood still.</exception>
    /// <exception cref="NetlinkFormatException">The answer is malformed.</exception>
    public IReadOnlyList<T> Dump<T>(ushort type, ReadOnlySpan<byte> payload, MessageDecoder<T> decode)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(decode);
        return Ask(type, MessageFlags.Request | MessageFlags.Dump, payload, decode);
    }

    /// <summary>Asks for one entry, or for whatever else is answered without NLM_F_DUMP.</summary>
    /// <inheritdoc cref="Dump"/>
    public IReadOnlyList<T> Query<T>(ushort type, ReadOnlySpan<byte> payload, MessageDecoder<T> decode)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(decode);
        return Ask(type, MessageFlags.Request | MessageFlags.Acknowledge, payload, decode);
    }

    private List<NetlinkFailure> Run(NetlinkBatch batch, bool stopAtFailure, Predicate<NetlinkFailure>? isForgiven, out int attempted)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Family != Family)
            throw new ArgumentException($"A {batch.Family} batch cannot be sent on a {Family} socket.", nameof(batch));
        lock (_lock)
        {
            attempted = 0;
            var failures = new FailureCollector(batch);
            RentBuffer();
            try
            {
                while (attempted < batch.Count && (failures.List.Count == 0 || !stopAtFailure))
                {
                    var end = batch.IsTransaction ? batch.Count : EndOfChunk(batch, attempted);
                    SendChunk(batch, attempted, end, failures);
                    if (isForgiven is not null)
                        failures.List.RemoveAll(isForgiven);
                    attempted = end;
                }
            }
            finally
            {
                ReturnBuffer();
            }

            return failures.List;
        }
    }

    private List<T> Ask<T>(ushort type, MessageFlags flags, ReadOnlySpan<byte> payload, MessageDecoder<T> decode)
        where T : class
    {
        lock (_lock)
        {
            RentBuffer();
            try
            {
                for (var attempt = 0; attempt < MaximumDumpAttempts; attempt++)
                {
                    var entries = new List<T>();
                    var sequence = SendQuery(type, flags, payload);
                    if (CollectAnswer(sequence, decode, entries))
                        return entries;
                }
            }
            finally
            {
                ReturnBuffer();
            }
        }

        throw new NetlinkException($"The table changed during each of {MaximumDumpAttempts} dumps (type {type}).", Errno.EINTR);
    }

    private void RentBuffer() => _received = ArrayPool<byte>.Shared.Rent(ReceiveBufferSize);

    private void ReturnBuffer()
    {
        ArrayPool<byte>.Shared.Return(_received);
        _received = [];
    }

    private int EndOfChunk(NetlinkBatch batch, int start)
    {
        var limit = batch.OffsetOf(start) + Math.Min(LargestChunk, _datagrams.Largest);
        var end = start + 1;
        while (end < batch.Count && end - start < MostRequestsOfChunk && batch.OffsetOf(end + 1) <= limit)
            end++;
        return end;
    }

    private void SendChunk(NetlinkBatch batch, int start, int end, FailureCollector failures)
    {
        // One number more than there are requests: that before the first stands for a transaction as a whole.
        var first = _sequence + 2;
        _sequence = first + (uint)batch.Count;
        batch.Number(first);
        batch.SetAcknowledge(end - 1, true);
        try
        {
            _datagrams.Send(batch.Datagram(start, end));
        }
        finally
        {
            batch.SetAcknowledge(end - 1, false);
        }

        var overrun = false;
        var last = first + (uint)(end - 1);
        for (var done = false; !done;)
        {
            // The kernel has queued every answer before send returned, so after an overrun an empty queue is the end.
            var datagram = _datagrams.Receive(_received, wait: !overrun, ref overrun, out var empty);
            if (empty && overrun)
            {
                // Of a transaction one failure says all; otherwise those that were lost are unknown.
                if (failures.List.Count == 0 || !batch.IsTransaction)
                    throw new NetlinkException("The kernel's answers overran the receive buffer: what became of the batch is unknown.", Errno.ENOBUFS);
                return;
            }

            var messages = new MessageReader(datagram);
            while (messages.Read(out var message))
            {
                if (message.Header.Type != NLMSG_ERROR || message.Header.Sequence - (first - 1) > (uint)batch.Count)
                    continue;
                var index = (int)(message.Header.Sequence - first);
                var error = failures.Add(index, message);
                done |= message.Header.Sequence == last || (index < 0 && error != Errno.None);
            }
        }

        failures.Sort();
    }

    private uint SendQuery(ushort type, MessageFlags flags, ReadOnlySpan<byte> payload)
    {
        var sequence = ++_sequence;
        _query.Clear();
        var message = _query.BeginMessage(type, flags);
        payload.CopyTo(_query.Reserve(payload.Length));
        _query.EndMessage(message);
        MemoryMarshal.Write(_query.WrittenForPatching[8..], in sequence);
        _datagrams.Send(_query.Written);
        return sequence;
    }

    /// <returns>False when the dump was interrupted and has to be repeated.</returns>
    private bool CollectAnswer<T>(uint sequence, MessageDecoder<T> decode, List<T> entries)
        where T : class
    {
        var consistent = true;
        var overrun = false;
        NetlinkFormatException? malformed = null;
        while (true)
        {
            // Read to the end whatever happens: a dump left unread makes the kernel refuse the next one.
            var messages = new MessageReader(_datagrams.Receive(_received, wait: true, ref overrun, out _));
            while (messages.Read(out var message))
            {
                if (message.Header.Sequence != sequence)
                    continue;
                if (message.Header.Flags.HasFlag(MessageFlags.DumpInterrupted))
                    consistent = false;
                switch (message.Header.Type)
                {
                    case NLMSG_NOOP:
                        break;
                    case NLMSG_DONE or NLMSG_ERROR:
                        var failure = FailureCollector.Parse(0, message, _query.Written);
                        // The kernel found its table changed and gave up: to be repeated as well.
                        if (failure is { Error: Errno.EINTR })
                            return false;
                        if (failure is not null)
                            throw new NetlinkException($"The kernel refused {failure}.", [failure], 1);
                        return malformed is null ? consistent && !overrun : throw malformed;
                    default:
                        try
                        {
                            if (malformed is null && decode(message) is { } entry)
                                entries.Add(entry);
                        }
                        catch (NetlinkFormatException e)
                        {
                            malformed = e;
                        }

                        break;
                }
            }
        }
    }
}
