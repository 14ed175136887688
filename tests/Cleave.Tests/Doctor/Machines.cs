using System.Collections.Immutable;
using Cleave.Doctor;
using Cleave.Namespaces;

namespace Cleave.Tests.Doctor;

/// <summary>Machines as the doctor may find them.</summary>
internal static class Machines
{
    /// <summary>An ordinary user of a machine that has everything.</summary>
    public static Findings Healthy { get; } = new()
    {
        Kernel = "6.12.1-amd64",
        User = 1000,
        UserName = "ann",
        Program = "/usr/local/bin/cleave",
        Sysctls = new Dictionary<string, string>
        {
            ["kernel.pid_max"] = "4194304",
            ["kernel.threads-max"] = "100000",
            ["user.max_user_namespaces"] = "60000",
            ["user.max_net_namespaces"] = "60000",
            ["user.max_mnt_namespaces"] = "60000",
            ["user.max_pid_namespaces"] = "60000",
            ["user.max_uts_namespaces"] = "60000",
            ["user.max_ipc_namespaces"] = "60000",
            ["net.ipv4.neigh.default.gc_thresh3"] = "1024",
            ["net.core.netdev_max_backlog"] = "1000",
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Trials = Enum.GetValues<Trial>().Where(t => t != Trial.SysfsReadOnly).ToImmutableSortedDictionary(t => t, _ => new Outcome()),
        Programs = new[] { "sh", "setsid", "unshare", "mount", "env", "sleep", "rm", "ip", "bridge", "nft", "newuidmap", "newgidmap", "pasta", "slirp4netns", "nsenter" }
            .ToImmutableSortedDictionary(p => p, p => $"/usr/bin/{p}", StringComparer.Ordinal),
        UtilLinux = "2.38.1",
        MappersArePrivileged = true,
        SubordinateUsers = 65536,
        SubordinateGroups = 65536,
        Ids = IdMapKind.Subordinate,
        SoftFiles = 1024,
        HardFiles = 524288,
        UserProcesses = 60000,
        GroupProcesses = long.MaxValue,
        RunningTasks = 500,
        FreeMemory = 8L << 30,
        RuntimeDirectory = "/run/user/1000/cleave",
        RuntimeDirectoryIsXdg = true,
    };

    /// <summary>With one sysctl set otherwise, or there at all.</summary>
    public static Findings With(this Findings findings, string sysctl, string value) => findings with { Sysctls = findings.Sysctls.SetItem(sysctl, value) };

    /// <summary>With a trial that failed.</summary>
    public static Findings Refusing(this Findings findings, Trial trial, string error, string said = "as it is") =>
        findings with { Trials = findings.Trials.SetItem(trial, new Outcome(error, said)) };

    /// <summary>With trials that could not be made.</summary>
    public static Findings NotTrying(this Findings findings, params IEnumerable<Trial> trials) => findings with { Trials = findings.Trials.RemoveRange(trials) };

    /// <summary>Where no user namespace can be made, so that nothing else could be tried.</summary>
    public static Findings WithoutUserNamespaces(this Findings findings, string error, string said) => findings with
    {
        Trials = ImmutableSortedDictionary<Trial, Outcome>.Empty
            .Add(Trial.IgnoreSignal, new Outcome()).Add(Trial.UserNamespace, new Outcome(error, said)),
        Ids = null,
    };

    /// <summary>Without a program.</summary>
    public static Findings Without(this Findings findings, string program) => findings with { Programs = findings.Programs.Remove(program) };

    /// <summary>Where a lab host starts as far as mounting its /proc.</summary>
    public static Findings WithMaskedProc(this Findings findings, string? container) => findings.Refusing(Trial.LabHost, "EACCES", "mount: /proc: permission denied.") with
    {
        Container = container,
        Seccomp = container is null ? 0 : 2,
        Masked = ["/proc/acpi", "/proc/sys", "/sys/firmware"],
    };
}
