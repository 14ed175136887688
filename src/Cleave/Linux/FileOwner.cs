using System.Runtime.InteropServices;

namespace Cleave.Linux;

/// <summary>What statx(2) says of a path itself, symbolic links not followed unless that is asked for.</summary>
/// <param name="Uid">Its owner.</param>
/// <param name="Mode">Type and permission bits, as in stat(2).</param>
/// <param name="Inode">With the device, the identity of the file.</param>
internal readonly record struct FileOwner(uint Uid, ushort Mode, ulong Inode)
{
    /// <summary>True for a real directory, not a link to one.</summary>
    public bool IsDirectory => (Mode & 0xF000) == 0x4000;

    /// <summary>Permission bits of group and others.</summary>
    public int Others => Mode & 0x3F;

    private const uint BasicStats = 0x7ff;
    private const int Size = 256; // struct statx, the same on every architecture

    /// <summary>The device that it is on, minor and major number.</summary>
    public ulong Device { get; init; }

    /// <summary>Null if there is no such file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether to look at what a symbolic link leads to.</param>
    public static unsafe FileOwner? Of(string path, bool follow = false)
    {
        const int AtFdCwd = -100;
        const int NoFollow = 0x100;
        byte* buffer = stackalloc byte[Size];
        if (Libc.statx(AtFdCwd, path, follow ? 0 : NoFollow, BasicStats, buffer) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == Libc.ENOENT ? null : throw new LinuxException($"look at {path}", errno);
        }

        return Read(buffer);
    }

    /// <summary>Of an open file.</summary>
    public static unsafe FileOwner Of(SafeHandle file)
    {
        const int EmptyPath = 0x1000; // AT_EMPTY_PATH
        byte* buffer = stackalloc byte[Size];
        LinuxException.Check(Libc.statx((int)file.DangerousGetHandle(), string.Empty, EmptyPath, BasicStats, buffer), "look at an open file");
        return Read(buffer);
    }

    private static unsafe FileOwner Read(byte* buffer) => new(*(uint*)(buffer + 20), *(ushort*)(buffer + 28), *(ulong*)(buffer + 32))
    {
        Device = *(ulong*)(buffer + 136), // stx_dev_major, stx_dev_minor
    };
}
