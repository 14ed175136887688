using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>A pseudo-terminal made inside the lab (pty(7)): the lab host holds the master end, a program gets the other as its terminal.</summary>
internal sealed class Terminal : IDisposable
{
    private const nuint SetWindowSize = 0x5414; // TIOCSWINSZ, asm-generic/ioctls.h

    private Terminal(Descriptor master, string path) => (Master, Path) = (master, path);

    /// <summary>Reads what the program prints, writes what the user types.</summary>
    public Descriptor Master { get; }

    /// <summary>Path of the program's end, /dev/pts/N of the lab's own instance.</summary>
    public string Path { get; }

    public static unsafe Terminal Open(int columns, int rows)
    {
        var master = new Descriptor(LinuxException.Check(Libc.posix_openpt(Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC), "make a terminal"));
        LinuxException.Check(Libc.grantpt(master.Fd), "make a terminal");
        LinuxException.Check(Libc.unlockpt(master.Fd), "make a terminal");
        byte* name = stackalloc byte[64];
        if (Libc.ptsname_r(master.Fd, name, 64) != 0)
        {
            throw new LinuxException("find the terminal's name", Marshal.GetLastPInvokeError());
        }

        var terminal = new Terminal(master, Marshal.PtrToStringUTF8((nint)name)!);
        terminal.Resize(columns, rows);
        return terminal;
    }

    /// <summary>Changes the window's size; the program gets SIGWINCH from the kernel.</summary>
    public unsafe void Resize(int columns, int rows)
    {
        var size = new Libc.WinSize { Columns = (ushort)columns, Rows = (ushort)rows };
        _ = Libc.ioctl(Master.Fd, SetWindowSize, &size);
    }

    public void Dispose() => Master.Dispose();
}
