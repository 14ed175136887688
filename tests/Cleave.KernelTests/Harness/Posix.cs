using System.Runtime.InteropServices;

namespace Cleave.KernelTests.Harness;

internal static class Posix
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    public static bool IsRoot { get; } = Environment.IsPrivilegedProcess;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static extern int Kill(int pid, int signal);

    [DllImport("libc", EntryPoint = "chown", SetLastError = true, BestFitMapping = false)]
    public static extern int Chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int user, int group);
}
