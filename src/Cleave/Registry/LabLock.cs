using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Registry;

/// <summary>
/// Says that a lab is alive: a shared flock(2) on a file beside its folder, held by the command that starts it and by its lab host. The kernel
/// drops it when they die, however they die; who gets it exclusively may sweep what is left.
/// </summary>
internal sealed class LabLock : IDisposable
{
    private readonly Descriptor _file;

    private LabLock(Descriptor file) => _file = file;

    /// <summary>Marks the lab as alive, making the file if it is missing; null if a sweeper was faster and the lab is gone.</summary>
    public static LabLock? Hold(string path, bool create)
    {
        if (!create && FileOwner.Of(path) is null)
        {
            return null;
        }

        Descriptor file = Descriptor.Open(path, Libc.O_RDWR | (create ? Libc.O_CREAT : 0), 0x180 /* 0600 */);

        // Between open and flock a sweeper may have removed the file: then the path names another file, or none.
        if (Libc.flock(file.Fd, Libc.LOCK_SH | Libc.LOCK_NB) != 0 || FileOwner.Of(path) is not { } found || !IsSame(file, found))
        {
            file.Dispose();
            return null;
        }

        return new LabLock(file);
    }

    /// <summary>Takes the lock for sweeping; null while the lab is alive.</summary>
    public static LabLock? TryOwn(string path)
    {
        Descriptor file = Descriptor.Open(path, Libc.O_RDWR);
        if (Libc.flock(file.Fd, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return new LabLock(file);
        }

        int errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        return errno == Libc.EAGAIN ? null : throw new LinuxException($"lock {path}", errno);
    }

    public void Dispose() => _file.Dispose();

    private static bool IsSame(Descriptor file, FileOwner path) => FileOwner.Of(file).Inode == path.Inode;
}
