using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>Empty pipes, through which splice(2) moves bytes from socket to socket without copying them.</summary>
internal sealed class PipePool
{
    /// <summary>Bytes: what one direction of a connection holds at most while the other side does not take it.</summary>
    public const int Size = 1 << 17;

    private const int F_SETPIPE_SZ = 1031; // linux/fcntl.h
    private const int Kept = 16;

    private readonly Stack<Pipe> _empty = new();

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

        // Where the user has many pipes already (fs.pipe-user-pages-soft) it stays as large as it is.
        _ = Libc.fcntl(write.Fd, F_SETPIPE_SZ, Size);
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

        pipe.Read.Dispose();
        pipe.Write.Dispose();
    }
}

/// <summary>Both ends of a pipe.</summary>
internal sealed record Pipe(Descriptor Read, Descriptor Write);
