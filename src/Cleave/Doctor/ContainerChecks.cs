using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>What a container lets through of mounts, and whether a lab host can start in it; on a plain machine the same holds.</summary>
internal static class ContainerChecks
{
    public static ImmutableArray<Check> All { get; } =
    [
        new("container", Area.Container, "container", "runs in many, with some of their doors open", Container),
        new("proc", Area.Container, "a /proc of its own", "shows the processes of a node, and no others", Proc),
        new("lab-host", Area.Container, "lab host", "PID 1 of a lab, root of its user namespace", LabHost),
        new("sysfs", Area.Container, "a /sys of its own", "shows the network devices of a node, and no others", Sysfs),
        new("tmpfs", Area.Container, "tmpfs", "/tmp and /dev/shm of a node", (f, _) => Permitted(f, Trial.Tmpfs, "mounted")),
        new("terminals", Area.Container, "devpts", "terminals for exec and shell", (f, _) => Permitted(f, Trial.Terminals, "mounted")),
        new("host-name", Area.Container, "sethostname", "a host name for each node", (f, _) => Permitted(f, Trial.HostName, "set")),
        new("join", Area.Container, "setns, by a pidfd", "programs started in a node", (f, _) => Permitted(f, Trial.Join, "joined")),
    ];

    private static Verdict Container(Findings f, Needs needs)
    {
        string filter = f.Seccomp == 2 ? ", with a seccomp filter" : "";
        string label = f.Label is { Length: > 0 } given && given != "unconfined" ? $", labelled {given}" : "";
        return Verdict.Ok((f.Container ?? "none seen") + filter + label);
    }

    /// <summary>The kernel gives a user namespace a fresh /proc only if nothing covers parts of the one there is (mount_too_revealing in fs/namespace.c).</summary>
    private static bool ProcIsRefused(Findings f) => f.Of(Trial.LabHost) is { Worked: false, Said: { } said } && said.Contains("/proc", StringComparison.Ordinal);

    private static Verdict Proc(Findings f, Needs needs)
    {
        Outcome? tried = f.Of(Trial.LabHost);
        if (ProcIsRefused(f))
        {
            string[] masked = [.. f.Masked.Where(m => m.StartsWith("/proc/", StringComparison.Ordinal))];
            string why = masked.Length == 0 ? "" : $"; mounted over: {string.Join(", ", masked)}";
            return f.Container is null && masked.Length > 0 && f.Seccomp != 2
                ? Verdict.Missing($"refused{why}", "no lab can run", ["sudo umount " + string.Join(' ', masked), .. Remedies.Container(f)])
                : Verdict.Missing($"refused{why}", "no lab can run", Remedies.Container(f));
        }

        return tried is null or { Worked: false } ? Verdict.Untried("needs a lab host") : Verdict.Ok("mounted");
    }

    private static Verdict LabHost(Findings f, Needs needs) => f.Of(Trial.LabHost) switch
    {
        null => Verdict.Untried("needs user, network, mount, PID, UTS and IPC namespaces"),
        { Worked: true } => Verdict.Ok("started, its ids mapped"),
        _ when ProcIsRefused(f) => Verdict.Missing("cannot mount its /proc", "no lab can run"),
        { } failed when NamespaceChecks.Explain(f) => Verdict.Missing($"did not start: {failed.Said}", "no lab can run"),
        { } failed => Verdict.Missing($"did not start: {failed.Said}", "no lab can run", Remedies.Container(f)),
    };

    private static Verdict Sysfs(Findings f, Needs needs)
    {
        if (f.Of(Trial.Sysfs) is not { } tried)
        {
            return Verdict.Untried("needs a lab host");
        }

        if (tried.Worked)
        {
            return Verdict.Ok("mounted");
        }

        if (f.Of(Trial.SysfsReadOnly) is { Worked: true })
        {
            return Verdict.Limited(
                f.SysIsReadOnly ? "read-only, as this container's is" : "read-only",
                "programs in nodes cannot write below /sys (queues and timers of network devices, for instance)",
                "none without --privileged, and hardly ever needed");
        }

        string[] masked = [.. f.Masked.Where(m => m.StartsWith("/sys/", StringComparison.Ordinal) && m != "/sys/fs/cgroup")];
        return Verdict.Missing(
            $"refused: {tried.Said}" + (masked.Length == 0 ? "" : $"; mounted over: {string.Join(", ", masked)}"), "no lab can run", Remedies.Container(f));
    }

    private static Verdict Permitted(Findings f, Trial trial, string done) => f.Of(trial) switch
    {
        null => Verdict.Untried("needs a lab host"),
        { Worked: true } => Verdict.Ok(done),
        { } failed => Verdict.Missing($"refused: {failed.Said}", "no lab can run", Remedies.Container(f)),
    };
}
