using System.Net.Sockets;
using Cleave.Doctor;
using Cleave.Linux;
using Cleave.Netlink.Sockets;

namespace Cleave.Trials;

/// <summary>What went wrong in a trial, as errno(3) calls it.</summary>
internal static class TrialErrors
{
    // What tools say with LC_ALL=C (strerror(3) of glibc and musl agree on these).
    private static readonly (string Text, string Name)[] Known =
    [
        ("Operation not permitted", nameof(Errno.EPERM)),
        ("Permission denied", nameof(Errno.EACCES)),
        ("No space left on device", nameof(Errno.ENOSPC)),
        ("Invalid argument", nameof(Errno.EINVAL)),
        ("No such file or directory", nameof(Errno.ENOENT)),
        ("Cannot allocate memory", nameof(Errno.ENOMEM)),
        ("Too many open files", nameof(Errno.EMFILE)),
        ("Resource temporarily unavailable", nameof(Errno.EAGAIN)),
    ];

    /// <summary>The outcome of something that threw.</summary>
    public static Outcome Of(Exception e) => e switch
    {
        LinuxException l => new Outcome(Name(l.Errno), l.Message),
        NetlinkException n => new Outcome(n.ErrorName, n.KernelMessage is null ? n.ErrorName : $"{n.ErrorName} ({n.KernelMessage})"),
        SocketException s => new Outcome(Name(s.NativeErrorCode), s.Message),
        _ => OfText(e.Message),
    };

    /// <summary>The outcome of a tool that failed and said this.</summary>
    public static Outcome OfText(string said)
    {
        string line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "without a word";
        foreach ((string text, string name) in Known)
        {
            if (line.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return new Outcome(name, line);
            }
        }

        return new Outcome("error", line);
    }

    /// <summary>True for what a trial may end with; anything else is a bug of ours.</summary>
    public static bool IsExpected(Exception e) =>
        e is LinuxException or NetlinkException or SocketException or IOException or UnauthorizedAccessException or CleaveException;

    private static string Name(int errno) => ((Errno)errno).ToString();
}
