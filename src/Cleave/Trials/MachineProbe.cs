using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Cleave.Doctor;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Registry;

namespace Cleave.Trials;

/// <summary>Finds out what this machine lets this user do, by trying: each trial in namespaces of its own, gone when it ends. Takes about half a second.</summary>
public static class MachineProbe
{
    private static readonly string[] Sysctls =
    [
        "kernel.apparmor_restrict_unprivileged_userns", "kernel.unprivileged_userns_clone", "kernel.pid_max", "kernel.threads-max",
        "user.max_user_namespaces", "user.max_net_namespaces", "user.max_mnt_namespaces", "user.max_pid_namespaces",
        "user.max_uts_namespaces", "user.max_ipc_namespaces", "net.ipv4.neigh.default.gc_thresh3", "net.core.netdev_max_backlog",
    ];

    private static readonly string[] Programs =
        ["sh", "setsid", "unshare", "mount", "env", "sleep", "rm", "ip", "bridge", "nft", "newuidmap", "newgidmap", "pasta", "slirp4netns", "nsenter"];

    private static readonly (Trial Trial, string[] Options)[] Namespaces =
    [
        (Trial.NetworkNamespace, ["--net"]),
        (Trial.MountNamespace, ["--mount"]),
        (Trial.PidNamespace, ["--pid", "--fork", "--kill-child"]),
        (Trial.UtsNamespace, ["--uts"]),
        (Trial.IpcNamespace, ["--ipc"]),
    ];

    /// <summary>The findings.</summary>
    /// <param name="program">How <c>cleave</c> is started: the program, and what comes before the verb.</param>
    /// <param name="needs">What the lab in question needs.</param>
    public static Findings Examine(ImmutableArray<string> program, Needs needs)
    {
        Findings findings = Facts(program);
        var trials = ImmutableSortedDictionary.CreateBuilder<Trial, Outcome>();
        if (findings.Programs.ContainsKey("env"))
        {
            trials[Trial.IgnoreSignal] = Tool.Run("env", "--ignore-signal=CHLD", "env").Outcome;
        }

        IdMapKind? ids = null;
        if (findings.UtilLinux is not null)
        {
            trials[Trial.UserNamespace] = Tool.Run("unshare", "--user", "--keep-caps", "env").Outcome;
            if (trials[Trial.UserNamespace].Worked)
            {
                foreach ((Trial trial, string[] options) in Namespaces)
                {
                    trials[trial] = Patiently(() => Tool.Run("unshare", ["--user", "--keep-caps", .. options, "env"]).Outcome);
                }

                trials[Trial.LabHost] = Patiently(() => TryLabHost(out ids));
                foreach ((Trial trial, Outcome outcome) in RunKernelTrials(program, needs))
                {
                    trials[trial] = outcome;
                }
            }
        }

        return findings with { Trials = trials.ToImmutable(), Ids = ids };
    }

    /// <summary>What of the lab's size is too much for this machine, or nearly: from facts alone, which takes about a millisecond.</summary>
    public static Report Sizes(Needs needs) => Report.Of(Limits(), needs, Catalogue.Sizes);

    /// <summary>Why a lab of that size cannot run here, which is better said before anything is made; null if it can.</summary>
    /// <param name="program">How <c>cleave</c> is started: the program, and what comes before the verb.</param>
    /// <param name="needs">What the lab needs.</param>
    internal static MachineException? Refuse(ImmutableArray<string> program, Needs needs) =>
        Sizes(needs).CanRun ? null : Cannot(Report.Of(Facts(program), needs, Catalogue.Sizes).Obstacles()!, "");

    /// <summary>Why a lab that did not start could not, from the same catalogue; null if the machine is not to blame.</summary>
    public static MachineException? Explain(ImmutableArray<string> program, Needs needs, Exception failure)
    {
        string? obstacles = Report.Of(Examine(program, needs), needs).Obstacles();
        return obstacles is null ? null : Cannot(obstacles, $"; what failed: {FirstWords(failure.Message)}");
    }

    private static MachineException Cannot(string obstacles, string more) => new($"this machine cannot run the lab\n{obstacles}\nfor all of it: cleave doctor{more}");

    /// <summary>The kernel frees namespaces a moment after their last process; where the limit is tight, the next ones have to wait for that.</summary>
    private static Outcome Patiently(Func<Outcome> trial)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Outcome outcome = trial();
            if (outcome.Error != "ENOSPC" || Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(500))
            {
                return outcome;
            }

            Thread.Sleep(50);
        }
    }

    /// <summary>How many of something there can be, and nothing else.</summary>
    private static unsafe Findings Limits()
    {
        Libc.RLimit files = default, processes = default;
        long soft = (long?)UserLimits.SoftFileLimit() ?? (Libc.getrlimit(Libc.RLIMIT_NOFILE, &files) == 0 ? Number(files.Soft) : long.MaxValue);
        bool limited = Libc.getuid() != 0 && Libc.getrlimit(Libc.RLIMIT_NPROC, &processes) == 0;
        return new Findings
        {
            Kernel = ProcFacts.Read("/proc/sys/kernel/osrelease") ?? Environment.OSVersion.Version.ToString(),
            User = Libc.getuid(),
            UserName = Environment.UserName,
            Program = "cleave",
            Sysctls = Sysctls
                .Select(s => (Name: s, Value: ProcFacts.Sysctl(s)))
                .Where(s => s.Value is not null)
                .ToImmutableSortedDictionary(s => s.Name, s => s.Value!, StringComparer.Ordinal),
            SoftFiles = soft,
            HardFiles = HardFiles(),
            UserProcesses = limited ? Number(processes.Soft) : long.MaxValue,
            GroupProcesses = ProcFacts.GroupProcesses(),
            RunningTasks = ProcFacts.RunningTasks(),
            FreeMemory = ProcFacts.FreeMemory(),
        };
    }

    private static Findings Facts(ImmutableArray<string> program)
    {
        ImmutableSortedDictionary<string, string> programs = Programs
            .Select(p => (Name: p, Path: p is "ip" or "bridge" or "nft" ? Tool.Find(p, "/usr/sbin", "/sbin") : Tool.Find(p)))
            .Where(p => p.Path is not null)
            .ToImmutableSortedDictionary(p => p.Name, p => p.Path!, StringComparer.Ordinal);
        (IReadOnlyList<string> masked, bool sysIsReadOnly) = ProcFacts.Mounts();
        (string? runtime, string? trouble) = Runtime();
        return Limits() with
        {
            Program = program[0],
            Programs = programs,
            UtilLinux = programs.ContainsKey("unshare") ? UtilLinux() : null,
            MappersArePrivileged = ProcFacts.IsPrivileged(programs.GetValueOrDefault("newuidmap")) && ProcFacts.IsPrivileged(programs.GetValueOrDefault("newgidmap")),
            SubordinateUsers = Count(IdMap.FindRange("/etc/subuid", Libc.getuid())),
            SubordinateGroups = Count(IdMap.FindRange("/etc/subgid", Libc.getuid())),
            Container = ProcFacts.Container(),
            Seccomp = ProcFacts.Status("Seccomp"),
            NoNewPrivileges = ProcFacts.Status("NoNewPrivs") == 1,
            Label = ProcFacts.Read("/proc/self/attr/current"),
            Masked = [.. masked],
            SysIsReadOnly = sysIsReadOnly,
            UnshareIsConfined = File.Exists("/etc/apparmor.d/unshare-userns-restrict") && !File.Exists("/etc/apparmor.d/disable/unshare-userns-restrict"),
            RuntimeDirectory = runtime,
            RuntimeDirectoryTrouble = trouble,
            RuntimeDirectoryIsXdg = runtime is not null && RuntimeDirectory.Locate().IsXdg,
        };
    }

    private static unsafe long HardFiles()
    {
        Libc.RLimit files;
        return Libc.getrlimit(Libc.RLIMIT_NOFILE, &files) == 0 ? Number(files.Hard) : long.MaxValue;
    }

    private static long Number(ulong limit) => limit > long.MaxValue ? long.MaxValue : (long)limit;

    private static long Count(string? range) => range is not null && long.TryParse(range.Split(' ')[1], out long count) ? count : 0;

    private static (string? Path, string? Trouble) Runtime()
    {
        try
        {
            return (RuntimeDirectory.Ensure(), null);
        }
        catch (Exception e) when (e is CleaveException or IOException or UnauthorizedAccessException or LinuxException)
        {
            return (null, e.Message);
        }
    }

    /// <summary>"unshare from util-linux 2.38.1"; BusyBox and others say something else.</summary>
    private static string? UtilLinux()
    {
        string[] words = Tool.Run("unshare", "--version").Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        int name = Array.IndexOf(words, "util-linux");
        return name >= 0 && name + 1 < words.Length ? words[name + 1].Split('-')[0] : null;
    }

    private static Outcome TryLabHost(out IdMapKind? ids)
    {
        try
        {
            (Process process, IdMapKind kind) = UserNamespace.Start(["env"], change: env => env["LC_ALL"] = "C");
            using (process)
            {
                ids = kind;
                return Tool.Finish(process).Outcome;
            }
        }
        catch (CleaveException e)
        {
            ids = null;
            return TrialErrors.OfText(e.Message);
        }
    }

    private static ImmutableSortedDictionary<Trial, Outcome> RunKernelTrials(ImmutableArray<string> program, Needs needs)
    {
        ImmutableSortedDictionary<Trial, Outcome> none = ImmutableSortedDictionary<Trial, Outcome>.Empty;
        Process process;
        try
        {
            // With the host's processes: /proc may be refused, and the rest is to be known all the same.
            (process, _) = UserNamespace.Start([.. program, KernelTrials.Verb, $"{needs.Nodes}"], ownProcesses: false, change: env => env["LC_ALL"] = "C");
        }
        catch (CleaveException)
        {
            return none; // the lab host's own trial says why
        }

        using (process)
        {
            (Outcome outcome, string output) = Tool.Finish(process);
            try
            {
                if (outcome.Worked && JsonSerializer.Deserialize(output, DoctorJson.Default.ImmutableSortedDictionaryTrialOutcome) is { } trials)
                {
                    return trials;
                }
            }
            catch (JsonException e)
            {
                outcome = TrialErrors.OfText(e.Message);
            }

            return none.Add(Trial.NodeNamespaces, new Outcome(outcome.Error ?? "error", $"the trials broke off: {outcome.Said}"));
        }
    }

    /// <summary>What went wrong, without the stack that a broken program prints.</summary>
    private static string FirstWords(string text)
    {
        const int Enough = 300;
        string words = string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(l => !l.StartsWith("at ", StringComparison.Ordinal)));
        return words.Length <= Enough ? words : words[..Enough] + "…";
    }
}
