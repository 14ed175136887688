using Cleave.Linux;

namespace Cleave.Host;

/// <summary>
/// Terminals of the lab's own: the host's would show programs in the lab the user's other terminals, and theirs to the user.
/// </summary>
internal static class LabTerminals
{
    public static void Mount()
    {
        LinuxException.Check(
            Libc.mount("devpts", "/dev/pts", "devpts", Libc.MS_NOSUID | Libc.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"),
            "mount the lab's terminals on /dev/pts");
        LinuxException.Check(
            Libc.mount("/dev/pts/ptmx", "/dev/ptmx", null, Libc.MS_BIND, null), "put the lab's terminals in place of /dev/ptmx");
    }
}
