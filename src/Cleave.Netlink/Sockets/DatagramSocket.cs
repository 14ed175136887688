using System.Runtime.InteropServices;
using static Cleave.Netlink.Kernel.NetlinkConstants;

namespace Cleave.Netlink.Sockets;

/// <summary>The descriptor under a <see cref="NetlinkSocket"/>: its options, and whole datagrams to and from the kernel.</summary>
internal sealed class DatagramSocket : IDisposable
{
    private const int WantedBuffer = 8 << 20;

    // The kernel refuses a datagram longer than the send buffer less 32 bytes.
    private const int SendOverhead = 32;

    /// <summary>The kernel reports an overrun once and drops the answer; so many in a row have another cause, and would not end.</summary>
    private const int MostOverruns = 1000;

    private readonly SocketDescriptor _descriptor;
    private readonly bool _isAdopted;
    private int _overruns; // in a row

    private DatagramSocket(SocketDescriptor descriptor, bool isAdopted = false)
    {
        _descriptor = descriptor;
        _isAdopted = isAdopted;
        SetOption(SOL_NETLINK, NETLINK_EXT_ACK, 1, required: false);
        SetOption(SOL_NETLINK, NETLINK_CAP_ACK, 1, required: false);
        // Root may exceed net.core.wmem_max; everybody else gets twice that at most, silently.
        if (!SetOption(SOL_SOCKET, SO_SNDBUFFORCE, WantedBuffer, required: false))
            SetOption(SOL_SOCKET, SO_SNDBUF, WantedBuffer, required: true);
        if (!SetOption(SOL_SOCKET, SO_RCVBUFFORCE, WantedBuffer, required: false))
            SetOption(SOL_SOCKET, SO_RCVBUF, WantedBuffer, required: true);
        SetTimeout(SO_RCVTIMEO);
        SetTimeout(SO_SNDTIMEO);
        Largest = GetOption(SOL_SOCKET, SO_SNDBUF) - SendOverhead;
    }

    /// <summary>The longest datagram that can be sent, in bytes.</summary>
    public int Largest { get; }

    public static DatagramSocket Open(NetlinkFamily family)
    {
        var descriptor = LibC.Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)family);
        var error = (Errno)Marshal.GetLastPInvokeError();
        if (descriptor.IsInvalid)
        {
            descriptor.Dispose();
            throw new NetlinkException($"Opening a netlink socket for {family} failed: {error}.", error);
        }

        try
        {
            return new DatagramSocket(descriptor);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a socket that another process has opened, whatever comes of it.</summary>
    public static DatagramSocket Adopt(int descriptor)
    {
        var owned = new SocketDescriptor(descriptor);
        try
        {
            return new DatagramSocket(owned, isAdopted: true);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    public void Dispose() => _descriptor.Dispose();

    /// <summary>Sends one datagram to the kernel, which carries out all of it before this returns.</summary>
    public unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Largest)
            throw TooLong(bytes.Length, Errno.EMSGSIZE);
        fixed (byte* start = bytes)
        {
            while (true)
            {
                // With an address the kernel asks what the sender may do; without one, what both the sender and the opener of the socket may.
                var kernel = new LibC.NetlinkAddress { Family = AF_NETLINK };
                var sent = _isAdopted
                    ? LibC.SendTo(_descriptor, start, (nuint)bytes.Length, 0, &kernel, (uint)sizeof(LibC.NetlinkAddress))
                    : LibC.Send(_descriptor, start, (nuint)bytes.Length, 0);
                var error = (Errno)Marshal.GetLastPInvokeError();
                if (sent == bytes.Length)
                    return;
                if (sent >= 0)
                    throw new NetlinkException($"The kernel took {sent} of {bytes.Length} bytes.", Errno.EIO);
                if (error == Errno.EINTR)
                    continue;
                throw error is Errno.EMSGSIZE or Errno.ENOBUFS or Errno.EAGAIN
                    ? TooLong(bytes.Length, error)
                    : new NetlinkException($"Sending {bytes.Length} bytes of netlink failed: {error}.", error);
            }
        }
    }

    private NetlinkException TooLong(int length, Errno error) => new(
        $"{length} bytes do not fit the socket's send buffer ({error}): at most {Largest}. Split the transaction, or raise net.core.wmem_max.",
        error);

    /// <summary>Receives one datagram from the kernel into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Where to put it.</param>
    /// <param name="wait">Wait for one, up to the time-out.</param>
    /// <param name="overrun">Set when answers were lost because the receive buffer was full.</param>
    /// <param name="empty">Without waiting: there was none.</param>
    public unsafe ReadOnlySpan<byte> Receive(byte[] buffer, bool wait, ref bool overrun, out bool empty)
    {
        empty = false;
        var flags = wait ? MSG_TRUNC : MSG_TRUNC | MSG_DONTWAIT;
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var from = default(LibC.NetlinkAddress);
                var fromSize = (uint)sizeof(LibC.NetlinkAddress);
                var size = LibC.Receive(_descriptor, start, (nuint)buffer.Length, flags, &from, &fromSize);
                var error = (Errno)Marshal.GetLastPInvokeError();
                if (size > buffer.Length)
                    throw new NetlinkException($"An answer of {size} bytes was cut off at {buffer.Length}.", Errno.EMSGSIZE);
                // Other processes can send to this socket, too; only the kernel has port 0.
                if (size >= 0 && from.PortId != 0)
                    continue;
                if (size >= 0)
                {
                    _overruns = 0;
                    return buffer.AsSpan(0, (int)size);
                }

                switch (error)
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.ENOBUFS when ++_overruns > MostOverruns:
                        throw new NetlinkException($"The kernel reported {MostOverruns} overruns of the receive buffer in a row.", Errno.ENOBUFS);
                    case Errno.ENOBUFS:
                        overrun = true;
                        return default;
                    case Errno.EAGAIN when !wait:
                        _overruns = 0;
                        empty = true;
                        return default;
                    case Errno.EAGAIN:
                        throw new NetlinkException($"The kernel gave no answer within {NetlinkSocket.AnswerTimeoutSeconds} s.", Errno.ETIMEDOUT);
                    default:
                        throw new NetlinkException($"Receiving netlink failed: {error}.", error);
                }
            }
        }
    }

    private unsafe bool SetOption(int level, int option, int value, bool required)
    {
        var result = LibC.SetSocketOption(_descriptor, level, option, &value, sizeof(int));
        var error = (Errno)Marshal.GetLastPInvokeError();
        if (result != 0 && required)
            throw new NetlinkException($"Setting socket option {level}/{option} failed: {error}.", error);
        return result == 0;
    }

    private unsafe int GetOption(int level, int option)
    {
        int value;
        uint size = sizeof(int);
        var result = LibC.GetSocketOption(_descriptor, level, option, &value, &size);
        var error = (Errno)Marshal.GetLastPInvokeError();
        return result == 0 ? value : throw new NetlinkException($"Reading socket option {level}/{option} failed: {error}.", error);
    }

    private unsafe void SetTimeout(int option)
    {
        var value = new LibC.TimeValue { Seconds = NetlinkSocket.AnswerTimeoutSeconds };
        var result = LibC.SetSocketOption(_descriptor, SOL_SOCKET, option, &value, (uint)sizeof(LibC.TimeValue));
        var error = (Errno)Marshal.GetLastPInvokeError();
        if (result != 0)
            throw new NetlinkException($"Setting the socket's timeout failed: {error}.", error);
    }
}
