using System.Runtime.InteropServices;

namespace Cleave.Linux;

/// <summary>A system call failed.</summary>
public sealed class LinuxException : Exception
{
    /// <summary>Wraps an errno.</summary>
    /// <param name="action">What was tried, as the user would say it: "mount a tmpfs on /tmp".</param>
    /// <param name="errno">The error number of the call.</param>
    public LinuxException(string action, int errno)
        : base($"cannot {action}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})") => Errno = errno;

    /// <summary>The error number of the call, as errno(3) lists them.</summary>
    public int Errno { get; }

    /// <summary>Throws if the result says so; reads errno, so it must be the very next thing after the call.</summary>
    internal static int Check(int result, string action)
    {
        if (result < 0)
        {
            throw new LinuxException(action, Marshal.GetLastPInvokeError());
        }

        return result;
    }
}
