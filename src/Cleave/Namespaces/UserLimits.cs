using Cleave.Linux;

namespace Cleave.Namespaces;

/// <summary>
/// The limits of the user's shell. The .NET runtime raises the soft limit of open files to the hard one when it starts, and children would inherit
/// that; programs that close "all" descriptors in a loop then take minutes.
/// </summary>
internal static class UserLimits
{
    /// <summary>How many files this process may have open.</summary>
    public static unsafe int OpenFiles()
    {
        Libc.RLimit ours;
        return Libc.getrlimit(Libc.RLIMIT_NOFILE, &ours) == 0 ? (int)Math.Min(ours.Soft, int.MaxValue) : 1024;
    }

    /// <summary>The soft limit of open files in the process that started us; null if it is ours, or cannot be found out.</summary>
    public static unsafe ulong? SoftFileLimit()
    {
        Libc.RLimit ours;
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, &ours) != 0)
        {
            return null;
        }

        try
        {
            string parent = File.ReadLines("/proc/self/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..].Trim();
            string[] line = File.ReadLines($"/proc/{parent}/limits")
                .First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return ulong.TryParse(line[3], out ulong soft) && soft < ours.Soft ? soft : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null; // started by a process that has ended, or by one of another user
        }
    }
}
