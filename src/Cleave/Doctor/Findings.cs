using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Cleave.Doctor;

/// <summary>Something a lab does to the kernel, tried for real in namespaces that are thrown away.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Trial>))]
public enum Trial
{
    /// <summary>Make a user namespace.</summary>
    UserNamespace,

    /// <summary>Make a network namespace in it.</summary>
    NetworkNamespace,

    /// <summary>Make a mount namespace in it.</summary>
    MountNamespace,

    /// <summary>Make a PID namespace in it.</summary>
    PidNamespace,

    /// <summary>Make a UTS namespace in it, for a host name.</summary>
    UtsNamespace,

    /// <summary>Make an IPC namespace in it.</summary>
    IpcNamespace,

    /// <summary>Start a program that ignores SIGCHLD with coreutils' env, as PID 1 of a node does.</summary>
    IgnoreSignal,

    /// <summary>Start a program as root of all of them, its ids mapped, its /proc its own: what starts a lab.</summary>
    LabHost,

    /// <summary>Make as many network namespaces as the lab has nodes.</summary>
    NodeNamespaces,

    /// <summary>Set a host name.</summary>
    HostName,

    /// <summary>Join namespaces by a pidfd.</summary>
    Join,

    /// <summary>Mount a tmpfs.</summary>
    Tmpfs,

    /// <summary>Mount terminals of the lab's own.</summary>
    Terminals,

    /// <summary>Mount the sysfs of a new network namespace, for reading and writing.</summary>
    Sysfs,

    /// <summary>Mount it read-only.</summary>
    SysfsReadOnly,

    /// <summary>Make a bridge.</summary>
    Bridge,

    /// <summary>Make a veth cable from a port of the bridge into another namespace.</summary>
    Veth,

    /// <summary>Make a port static, with fixed forwarding entries and permanent neighbours.</summary>
    StaticPort,

    /// <summary>Use nf_tables at all: a table of family ip.</summary>
    Tables,

    /// <summary>Make a filter chain of family bridge.</summary>
    BridgeTables,

    /// <summary>Load the very rules, maps and sets of a cut, and take them back.</summary>
    Cut,

    /// <summary>Load the rules of a cut that answers.</summary>
    Answers,

    /// <summary>Open a raw ICMP socket.</summary>
    RawIcmp,

    /// <summary>Give a link an IPv6 address.</summary>
    IPv6,

    /// <summary>Put a netem queue on a link.</summary>
    Netem,

    /// <summary>Put an HTB queue on a link.</summary>
    Htb,

    /// <summary>Put a TBF queue on a link.</summary>
    Tbf,

    /// <summary>Make a VXLAN link.</summary>
    Vxlan,

    /// <summary>Make a TAP device with /dev/net/tun.</summary>
    Tap,
}

/// <summary>How a trial went.</summary>
/// <param name="Error">The error's name as errno(3) lists it, or "error" where none is known; null if it worked.</param>
/// <param name="Said">What the kernel or the tool said; null if it worked.</param>
public sealed record Outcome(string? Error = null, string? Said = null)
{
    /// <summary>True if it worked.</summary>
    [JsonIgnore]
    public bool Worked => Error is null;
}

/// <summary>
/// What was found on a machine: facts, no judgement. <see cref="Catalogue"/> judges, so that every verdict can be tested from findings that
/// nobody's machine has.
/// </summary>
public sealed record Findings
{
    /// <summary>The kernel's release, as uname -r prints it.</summary>
    public required string Kernel { get; init; }

    /// <summary>The user's id; 0 is root.</summary>
    public required uint User { get; init; }

    /// <summary>The user's name.</summary>
    public required string UserName { get; init; }

    /// <summary>The program file that asks for namespaces, which an AppArmor profile would name.</summary>
    public required string Program { get; init; }

    /// <summary>Sysctls by their name with dots; what this kernel does not have is missing.</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; init; } = Empty<string>();

    /// <summary>Trials; what could not even be tried is missing.</summary>
    public ImmutableSortedDictionary<Trial, Outcome> Trials { get; init; } = ImmutableSortedDictionary<Trial, Outcome>.Empty;

    /// <summary>Programs by name, with their path; what is not on the PATH is missing.</summary>
    public ImmutableSortedDictionary<string, string> Programs { get; init; } = Empty<string>();

    /// <summary>The version of util-linux's unshare; null if it is none, or says none.</summary>
    public string? UtilLinux { get; init; }

    /// <summary>Whether newuidmap and newgidmap may write maps: they are setuid root, or have the capability.</summary>
    public bool MappersArePrivileged { get; init; }

    /// <summary>True where no program gains privileges by being executed (PR_SET_NO_NEW_PRIVS), newuidmap neither.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>How many subordinate user ids the user has in /etc/subuid, the first range.</summary>
    public long SubordinateUsers { get; init; }

    /// <summary>How many subordinate group ids, in /etc/subgid.</summary>
    public long SubordinateGroups { get; init; }

    /// <summary>Which user ids a lab would have; null if none could be started.</summary>
    public Namespaces.IdMapKind? Ids { get; init; }

    /// <summary>The soft limit of open files, as the user's shell has it.</summary>
    public long SoftFiles { get; init; }

    /// <summary>The hard limit of open files.</summary>
    public long HardFiles { get; init; }

    /// <summary>The limit of processes of this user (RLIMIT_NPROC); <see cref="long.MaxValue"/> for none.</summary>
    public long UserProcesses { get; init; }

    /// <summary>How many more processes this control group may have; <see cref="long.MaxValue"/> for no limit.</summary>
    public long GroupProcesses { get; init; }

    /// <summary>Processes and threads that run on the machine now, of all users.</summary>
    public long RunningTasks { get; init; }

    /// <summary>Bytes of memory that are to be had, swap space included; <see cref="long.MaxValue"/> if nobody knows.</summary>
    public long FreeMemory { get; init; } = long.MaxValue;

    /// <summary>Kind of container this runs in (docker, podman, lxc, …); null if it seems to be none.</summary>
    public string? Container { get; init; }

    /// <summary>Seccomp mode of this process (2: a filter), as /proc/self/status says.</summary>
    public int Seccomp { get; init; }

    /// <summary>AppArmor's or SELinux's label of this process; null without either.</summary>
    public string? Label { get; init; }

    /// <summary>Paths below /proc and /sys that something is mounted over.</summary>
    public ImmutableArray<string> Masked { get; init; } = [];

    /// <summary>True where /sys is mounted read-only.</summary>
    public bool SysIsReadOnly { get; init; }

    /// <summary>True if /etc/apparmor.d/unshare-userns-restrict is there and not disabled (Ubuntu 25.04 and later).</summary>
    public bool UnshareIsConfined { get; init; }

    /// <summary>Where sockets of labs go; null if no place could be had.</summary>
    public string? RuntimeDirectory { get; init; }

    /// <summary>Why no place could be had for them; null if there is one.</summary>
    public string? RuntimeDirectoryTrouble { get; init; }

    /// <summary>True if that place is in $XDG_RUNTIME_DIR.</summary>
    public bool RuntimeDirectoryIsXdg { get; init; }

    /// <summary>True for the kernel of the Windows Subsystem for Linux.</summary>
    [JsonIgnore]
    public bool IsWsl => Kernel.Contains("microsoft", StringComparison.OrdinalIgnoreCase);

    /// <summary>How a trial went; null if it could not be tried.</summary>
    public Outcome? Of(Trial trial) => Trials.GetValueOrDefault(trial);

    /// <summary>True if it was tried and failed.</summary>
    public bool Failed(Trial trial) => Of(trial) is { Worked: false };

    /// <summary>A sysctl as a number; null if it is missing or none.</summary>
    public long? Number(string sysctl) => long.TryParse(Sysctls.GetValueOrDefault(sysctl), out long value) ? value : null;

    private static ImmutableSortedDictionary<string, T> Empty<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
