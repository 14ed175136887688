using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Runs;

/// <summary>
/// A flock(2). Shared, on a run's own file, by the command that runs it and by its lab: while one of them lives, the run goes on, and the kernel drops
/// it when they die, however they die. Exclusive, on a file of all runs, by who begins one or removes some.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly Descriptor _file;

    private RunLock(Descriptor file) => _file = file;

    /// <summary>Marks a run as going on.</summary>
    public static RunLock Hold(string path) => Take(path, Libc.LOCK_SH);

    /// <summary>Waits until nobody else begins or removes runs.</summary>
    public static RunLock Own(string path) => Take(path, Libc.LOCK_EX);

    /// <summary>Whether somebody holds it.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            using var file = Descriptor.Open(path, flags: 0);
            return Libc.flock(file.Fd, Libc.LOCK_EX | Libc.LOCK_NB) != 0;
        }
        catch (LinuxException)
        {
            return false; // it is gone, or not ours to look at
        }
    }

    public void Dispose() => _file.Dispose();

    private static RunLock Take(string path, int kind)
    {
        Descriptor file = Descriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT, 0x180 /* 0600 */);
        while (Libc.flock(file.Fd, kind) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Libc.EINTR)
            {
                file.Dispose();
                throw new LinuxException($"lock {path}", errno);
            }
        }

        return new RunLock(file);
    }
}
