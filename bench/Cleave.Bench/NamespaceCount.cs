using System.Runtime.InteropServices;
using Cleave.Linux;

namespace Cleave.Bench;

/// <summary>Network namespaces that live in the user namespace we are in, which must not be the machine's own.</summary>
internal static class NamespaceCount
{
    private const string Limit = "/proc/sys/user/max_net_namespaces";

    /// <summary>
    /// Waits until the kernel has freed all but so many: with the limit one above, making another fails for as long as there are more.
    /// </summary>
    public static void AwaitAtMost(int live)
    {
        string before = File.ReadAllText(Limit);
        File.WriteAllText(Limit, $"{live + 1}");
        int error = 0;
        var trying = new Thread(() =>
        {
            while (Libc.unshare(Libc.CLONE_NEWNET) != 0)
            {
                error = Marshal.GetLastPInvokeError();
                if (error != Libc.ENOSPC)
                {
                    return;
                }

                error = 0;
                _ = usleep(200);
            }
        });
        trying.Start();
        trying.Join();
        File.WriteAllText(Limit, before);
        if (error != 0)
        {
            throw new LinuxException("make a network namespace", error);
        }
    }

    [DllImport("libc")]
    private static extern int usleep(uint microseconds);
}
