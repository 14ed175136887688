using Microsoft.Win32.SafeHandles;

namespace Cleave.Linux;

/// <summary>An open file descriptor that is closed once.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    public int Fd => IsClosed || IsInvalid ? throw new ObjectDisposedException(nameof(Descriptor)) : (int)handle;

    /// <summary>Opens a file, close-on-exec.</summary>
    public static Descriptor Open(string path, int flags, uint mode = 0) =>
        new(LinuxException.Check(Libc.open(path, flags | Libc.O_CLOEXEC, mode), $"open {path}"));

    /// <summary>A pidfd: names a process for as long as it is held, whatever happens to its number (pidfd_open(2), Linux 5.3).</summary>
    public static Descriptor OfProcess(int pid)
    {
        const long PidfdOpen = 434;
        return new((int)LinuxException.Check((int)Libc.syscall(PidfdOpen, pid, 0, 0), $"open process {pid}"));
    }

    /// <summary>Both ends close-on-exec: what a child shall have is given to it explicitly.</summary>
    public static unsafe (Descriptor Read, Descriptor Write) Pipe()
    {
        int* fds = stackalloc int[2];
        LinuxException.Check(Libc.pipe2(fds, Libc.O_CLOEXEC), "make a pipe");
        return (new Descriptor(fds[0]), new Descriptor(fds[1]));
    }

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
