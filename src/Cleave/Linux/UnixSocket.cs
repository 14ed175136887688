using System.Runtime.InteropServices;
using System.Text;

namespace Cleave.Linux;

/// <summary>
/// A connection to a Unix socket, read and written with blocking calls. The framework's Socket brings an engine of its own along, whose start
/// takes as long as that of an empty program.
/// </summary>
internal sealed unsafe class UnixSocket : Stream
{
    private const int PathSize = 108; // sun_path of unix(7), the zero at its end included

    private readonly Descriptor _socket;

    private UnixSocket(Descriptor socket) => _socket = socket;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>For what is sent beside the bytes.</summary>
    public Descriptor Descriptor => _socket;

    /// <summary>The process that listens.</summary>
    public int PeerPid
    {
        get
        {
            int* credentials = stackalloc int[3]; // struct ucred: pid, uid, gid
            uint size = 12;
            LinuxException.Check(Libc.getsockopt(_socket.Fd, Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, &size), "ask who listens on a socket");
            return credentials[0];
        }
    }

    /// <summary>Connects to the socket of that path.</summary>
    /// <exception cref="LinuxException">Nobody listens there.</exception>
    public static UnixSocket Connect(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length >= PathSize)
        {
            throw new CleaveException($"the path of the socket is longer than {PathSize - 1} bytes: {path}");
        }

        var socket = new Descriptor(LinuxException.Check(Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0), "make a socket"));
        try
        {
            byte* address = stackalloc byte[2 + PathSize];
            new Span<byte>(address, 2 + PathSize).Clear();
            *(ushort*)address = Libc.AF_UNIX;
            Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, PathSize));
            LinuxException.Check(Libc.connect(socket.Fd, address, 2 + PathSize), $"connect to {path}");
            return new UnixSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* first = buffer)
            {
                count = Libc.read(_socket.Fd, first, (nuint)buffer.Length);
            }

            if (count >= 0)
            {
                return (int)count;
            }

            Retry(Marshal.GetLastPInvokeError(), "read from");
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint count;
            fixed (byte* first = buffer)
            {
                count = Libc.send(_socket.Fd, first, (nuint)buffer.Length, Libc.MSG_NOSIGNAL);
            }

            if (count < 0)
            {
                Retry(Marshal.GetLastPInvokeError(), "write to");
            }
            else
            {
                buffer = buffer[(int)count..];
            }
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Retry(int errno, string action)
    {
        if (errno != Libc.EINTR)
        {
            throw new IOException($"cannot {action} the socket: {Marshal.GetPInvokeErrorMessage(errno)}");
        }
    }
}
