using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cleave.Bench;

/// <summary>Sends bursts of small packets from one socket and takes them in from another, on one processor.</summary>
internal sealed unsafe class PacketBursts : IDisposable
{
    private const int PayloadSize = 64;
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE

    private readonly int _from;
    private readonly int _to;
    private readonly int _size;
    private readonly byte* _payload;
    private readonly Vector* _vectors;
    private readonly Message* _messages;

    /// <summary>Both sockets stay the caller's.</summary>
    /// <param name="from">Connected.</param>
    /// <param name="to">Bound; its buffer holds a burst, and it gives up waiting after some time.</param>
    /// <param name="size">Packets a burst.</param>
    public PacketBursts(Socket from, Socket to, int size)
    {
        (_from, _to, _size) = ((int)from.Handle, (int)to.Handle, size);
        _payload = (byte*)NativeMemory.AllocZeroed(PayloadSize);
        _vectors = (Vector*)NativeMemory.AllocZeroed((nuint)(size * sizeof(Vector)));
        _messages = (Message*)NativeMemory.AllocZeroed((nuint)(size * sizeof(Message)));
        for (int i = 0; i < size; i++)
        {
            _vectors[i] = new Vector { Base = _payload, Length = PayloadSize };
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
        }
    }

    /// <summary>Runs bursts on one processor.</summary>
    /// <returns>Nanoseconds a packet, of the burst that a tenth is faster than: what disturbs a burst makes it slower.</returns>
    /// <exception cref="InvalidOperationException">A packet was lost.</exception>
    public double Run(int bursts)
    {
        ulong everywhere = 0;
        Check(sched_getaffinity(0, sizeof(ulong), &everywhere));
        ulong one = everywhere & (~everywhere + 1);
        Check(sched_setaffinity(0, sizeof(ulong), &one));
        try
        {
            double[] times = new double[bursts];
            for (int i = 0; i < bursts; i++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int sent = 0; sent < _size;)
                {
                    sent += Check(sendmmsg(_from, _messages + sent, (uint)(_size - sent), 0));
                }

                for (int received = 0; received < _size;)
                {
                    received += Check(recvmmsg(_to, _messages, (uint)(_size - received), WaitForOne, null));
                }

                times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / _size;
            }

            return times.Percentile(10);
        }
        finally
        {
            Check(sched_setaffinity(0, sizeof(ulong), &everywhere));
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_payload);
    }

    private static int Check(int result) => result >= 0
        ? result
        : throw new InvalidOperationException($"a packet was lost, or could not be sent or received: {Marshal.GetLastPInvokeErrorMessage()}");

    [DllImport("libc", SetLastError = true)]
    private static extern int sendmmsg(int socket, Message* messages, uint count, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int recvmmsg(int socket, Message* messages, uint count, int flags, void* timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_getaffinity(int thread, nuint size, ulong* mask);

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_setaffinity(int thread, nuint size, ulong* mask);

    /// <summary>struct iovec.</summary>
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr of 64-bit machines; what is not named here stays zero or does not matter.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Message
    {
        [FieldOffset(16)]
        public Vector* Vectors;

        [FieldOffset(24)]
        public nuint VectorCount;
    }
}
