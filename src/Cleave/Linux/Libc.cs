using System.Runtime.InteropServices;

namespace Cleave.Linux;

/// <summary>Every call into libc, with blittable signatures. Constants are those of the kernel's headers on every architecture .NET runs on.</summary>
internal static unsafe partial class Libc
{
    // linux/sched.h
    public const int CLONE_NEWNS = 0x00020000;
    public const int CLONE_NEWUTS = 0x04000000;
    public const int CLONE_NEWIPC = 0x08000000;
    public const int CLONE_NEWUSER = 0x10000000;
    public const int CLONE_NEWPID = 0x20000000;
    public const int CLONE_NEWNET = 0x40000000;
    public const int CLONE_FS = 0x00000200;

    // linux/mount.h
    public const ulong MS_RDONLY = 1;
    public const ulong MS_NOSUID = 2;
    public const ulong MS_NODEV = 4;
    public const ulong MS_NOEXEC = 8;
    public const ulong MS_BIND = 4096;
    public const ulong MS_MOVE = 8192;
    public const ulong MS_REC = 16384;
    public const ulong MS_PRIVATE = 1 << 18;
    public const int MNT_DETACH = 2; // linux/fs.h

    // asm-generic/fcntl.h
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_NOCTTY = 0x100;
    public const int O_CLOEXEC = 0x80000;

    // asm-generic/errno-base.h, errno.h
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int ENOEXEC = 8;
    public const int ECHILD = 10;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;

    // asm-generic/signal.h
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGABRT = 6;
    public const int SIGKILL = 9;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    // spawn.h (glibc and musl agree)
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;
    public const short POSIX_SPAWN_SETSID = 0x80;

    // linux/wait.h
    public const int P_ALL = 0;
    public const int P_PID = 1;
    public const int WNOHANG = 1;
    public const int WEXITED = 4;
    public const int WNOWAIT = 0x01000000;

    // sys/file.h
    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    public const int PR_SET_PDEATHSIG = 1;
    public const int RLIMIT_NPROC = 6;
    public const int RLIMIT_NOFILE = 7;
    public const int SOL_SOCKET = 1;
    public const int SO_PEERCRED = 17;

    private const string C = "libc";

    [StructLayout(LayoutKind.Sequential)]
    public struct RLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>siginfo_t as waitid fills it: 128 bytes, of which these fields are at the same offsets on all 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SigInfo
    {
        [FieldOffset(0)] public int Signo;
        [FieldOffset(8)] public int Code;
        [FieldOffset(16)] public int Pid;
        [FieldOffset(20)] public uint Uid;
        [FieldOffset(24)] public int Status;
    }

    /// <summary>struct winsize of asm-generic/termios.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WinSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort XPixels;
        public ushort YPixels;
    }

    [LibraryImport(C, SetLastError = true)]
    public static partial int setns(int fd, int kinds);

    [LibraryImport(C, SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int sethostname(byte* name, nuint length);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chown(string path, uint user, uint group);

    [LibraryImport(C, SetLastError = true)]
    public static partial int fchown(int fd, uint user, uint group);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string from, string to);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport(C, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint getxattr(string path, string name, byte* value, nuint size);

    [LibraryImport(C, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(C, SetLastError = true)]
    public static partial int poll(ulong* descriptors, nuint count, int timeout);

    [LibraryImport(C, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(C, SetLastError = true)]
    public static partial int connect(int fd, byte* address, uint length);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint send(int fd, byte* buffer, nuint count, int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int option, void* value, uint* length);

    [LibraryImport(C, SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int flock(int fd, int operation);

    [LibraryImport(C, SetLastError = true)]
    public static partial long syscall(long number, long a, long b, long c);

    [LibraryImport(C, SetLastError = true)]
    public static partial long syscall(long number, long a, byte* b, long c, void* d, nuint e);

    [LibraryImport(C, SetLastError = true)]
    public static partial int prctl(int option, ulong a, ulong b, ulong c, ulong d);

    [LibraryImport(C, SetLastError = true)]
    public static partial int capget(uint* header, uint* sets);

    [LibraryImport(C, SetLastError = true)]
    public static partial int capset(uint* header, uint* sets);

    [LibraryImport(C, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(C, SetLastError = true)]
    public static partial int waitid(int kind, int id, SigInfo* info, int options);

    [LibraryImport(C)]
    public static partial int getpid();

    [LibraryImport(C)]
    public static partial uint getuid();

    [LibraryImport(C)]
    public static partial uint getgid();

    [LibraryImport(C, SetLastError = true)]
    public static partial int getrlimit(int resource, RLimit* limit);

    [LibraryImport(C, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport(C, SetLastError = true)]
    public static partial int posix_openpt(int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int grantpt(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int unlockpt(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int ptsname_r(int fd, byte* buffer, nuint length);

    [LibraryImport(C, SetLastError = true)]
    public static partial int isatty(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int tcgetattr(int fd, byte* termios);

    [LibraryImport(C, SetLastError = true)]
    public static partial int tcsetattr(int fd, int when, byte* termios);

    [LibraryImport(C)]
    public static partial void cfmakeraw(byte* termios);

    [LibraryImport(C, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, byte* request);

    [LibraryImport(C, SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int capacity, int timeout);

    // posix_spawn: its objects are opaque; 512 bytes hold each of them on glibc and musl (336 and 80 bytes on x86-64 glibc).
    [LibraryImport(C)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(C)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(C)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int fd, int target);

    [LibraryImport(C)]
    public static partial int posix_spawn_file_actions_addopen(void* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport(C)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport(C)]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport(C)]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport(C)]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport(C)]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* set);

    [LibraryImport(C)]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* set);

    [LibraryImport(C)]
    public static partial int sigemptyset(void* set);

    [LibraryImport(C)]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** argv, byte** envp);
}
