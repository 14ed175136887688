using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>Empty pipes, through which splice(2) moves bytes from socket to socket without copying them.</summary>
internal sealed class PipePool
{
    /// <summary>
    /// Bytes: what one direction of a connection holds at most while the other side does not take it. The larger a pipe is, the less a byte costs; but only the
    /// first are, since what all pipes of a user may hold is limited (fs.pipe-user-pages-soft) and the user's other programs have pipes, too.
    /// </summary>
    public const int Size = 1 << 19;

    private const int F_SETPIPE_SZ = 1031; // linux/fcntl.h
    private const int Kept = 16;

    private readonly Stack<Pipe> _empty = new();
    private int _made;

    /// <summary>An empty pipe; null if the machine is out of descriptors.</summary>
    public Pipe? TryRent()
    {
        if (_empty.TryPop(out Pipe? pipe))
        {
            return pipe;
        }

        Descriptor read, write;
        try
        {
            (read, write) = Descriptor.Pipe();
        }
        catch (LinuxException)
        {
            return null;
        }

        if (_made++ < Kept)
        {
            _ = Libc.fcntl(write.Fd, F_SETPIPE_SZ, Size); // where the user has many already it stays as large as it is
        }

        return new Pipe(read, write);
    }

    /// <summary>Takes it back.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="isEmpty">False: what is in it goes away with it.</param>
    public void Return(Pipe pipe, bool isEmpty)
    {
        if (isEmpty && _empty.Count < Kept)
        {
            _empty.Push(pipe);
            return;
        }

        _made--;
        pipe.Read.Dispose();
        pipe.Write.Dispose();
    }
}

/// <summary>Both ends of a pipe.</summary>
internal sealed record Pipe(Descriptor Read, Descriptor Write);
