using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Namespaces, and what can keep a user from making them.</summary>
internal static class NamespaceChecks
{
    private const string NoLab = "no lab can run";
    private const string AppArmorSysctl = "kernel.apparmor_restrict_unprivileged_userns";
    private const string DebianSysctl = "kernel.unprivileged_userns_clone";
    private const long PlentyOfNamespaces = 15000;
    private static readonly Version OldestKernel = new(5, 8); // setns(2) with a pidfd

    private static readonly (Trial Trial, string Name, string Sysctl)[] Kinds =
    [
        (Trial.NetworkNamespace, "network", "user.max_net_namespaces"),
        (Trial.MountNamespace, "mount", "user.max_mnt_namespaces"),
        (Trial.PidNamespace, "PID", "user.max_pid_namespaces"),
        (Trial.UtsNamespace, "UTS", "user.max_uts_namespaces"),
        (Trial.IpcNamespace, "IPC", "user.max_ipc_namespaces"),
    ];

    /// <summary>How many of each kind a user may have.</summary>
    public static ImmutableArray<Check> Limits { get; } =
    [
        .. Kinds.Select(k => new Check(
            k.Sysctl["user.".Length..].Replace('_', '-'), Area.Namespaces, $"{k.Name} namespaces", "one for each node", (f, needs) => Kind(f, needs, k.Trial, k.Sysctl))),
    ];

    public static ImmutableArray<Check> All { get; } =
    [
        new("kernel", Area.Namespaces, "kernel", "namespaces that can be joined together", Kernel),
        new("apparmor", Area.Namespaces, "AppArmor's restriction", "lets only named programs have user namespaces, on Ubuntu 23.10 and later", AppArmor),
        new("apparmor-unshare", Area.Namespaces, "AppArmor's profile of unshare", "takes all rights from what unshare starts, on Ubuntu 25.04 and later", AppArmorUnshare),
        new("userns-clone", Area.Namespaces, DebianSysctl, "Debian's switch for user namespaces", DebianSwitch),
        new("max-user-namespaces", Area.Namespaces, "user.max_user_namespaces", "how many user namespaces a user may have", MaxUser),
        new("user-namespace", Area.Namespaces, "user namespaces", "a lab without root", UserNamespace),
        .. Limits,
        new("node-namespaces", Area.Namespaces, "namespaces for all nodes", "as many network namespaces as nodes, at once", NodeNamespaces),
    ];

    /// <summary>Whether what keeps a lab host from starting is among these checks.</summary>
    public static bool Explain(Findings f) =>
        AppArmorRestricts(f) || f.UnshareIsConfined || f.Failed(Trial.UserNamespace) || Array.Exists(Kinds, k => f.Failed(k.Trial));

    private static Verdict Kernel(Findings f, Needs needs)
    {
        string[] parts = f.Kernel.Split('.', '-', '+');
        bool known = parts.Length >= 2 && int.TryParse(parts[0], out _) && int.TryParse(parts[1], out _);
        Version? version = known ? new Version(int.Parse(parts[0]), int.Parse(parts[1])) : null;
        return version is null || version >= OldestKernel
            ? Verdict.Ok(f.Kernel)
            : Verdict.Missing(f.Kernel, NoLab, $"install Linux {OldestKernel} or later");
    }

    /// <summary>Whether something that asks for privileges in a new user namespace was refused as if the user had none.</summary>
    private static bool PrivilegesAreRefused(Findings f) => Array.Exists(
        (Trial[])[Trial.UserNamespace, Trial.NetworkNamespace, Trial.MountNamespace, Trial.LabHost], t => f.Of(t)?.Error is "EPERM" or "EACCES");

    private static bool AppArmorRestricts(Findings f) => f.Sysctls.GetValueOrDefault(AppArmorSysctl) is { } value && value != "0" && f.User != 0;

    private static Verdict? AppArmor(Findings f, Needs needs)
    {
        if (!f.Sysctls.TryGetValue(AppArmorSysctl, out string? value))
        {
            return null;
        }

        if (!AppArmorRestricts(f))
        {
            return Verdict.Ok(value == "0" ? "off" : "not for root");
        }

        return !PrivilegesAreRefused(f)
            ? Verdict.Ok("on, but not for this program")
            : Verdict.Missing(
                $"{AppArmorSysctl} = {value}",
                NoLab,
                "safer, for this program alone (its file should be one that only root can change):",
                $"printf '%s\\n' 'abi <abi/4.0>,' 'profile cleave {f.Program} flags=(unconfined) {{' '  userns,' '}}' | sudo tee /etc/apparmor.d/cleave",
                "sudo apparmor_parser -r /etc/apparmor.d/cleave",
                "or for every program of this machine, as in Ubuntu 22.04 (right for a CI runner that is thrown away):",
                $"sudo sysctl -w {AppArmorSysctl}=0");
    }

    private static Verdict? AppArmorUnshare(Findings f, Needs needs)
    {
        if (!f.UnshareIsConfined || f.User == 0)
        {
            return null;
        }

        return !PrivilegesAreRefused(f)
            ? Verdict.Ok("there, but not in force")
            : Verdict.Missing(
                "/etc/apparmor.d/unshare-userns-restrict",
                NoLab,
                "sudo apparmor_parser -R /etc/apparmor.d/unshare-userns-restrict",
                "for good: sudo ln -s /etc/apparmor.d/unshare-userns-restrict /etc/apparmor.d/disable/");
    }

    private static Verdict? DebianSwitch(Findings f, Needs needs) => f.Sysctls.GetValueOrDefault(DebianSysctl) switch
    {
        null => null,
        "0" when f.User != 0 => Verdict.Missing("0", NoLab, Remedies.Sysctl(f, DebianSysctl, 1)),
        string value => Verdict.Ok(value),
    };

    private static Verdict MaxUser(Findings f, Needs needs)
    {
        const string Name = "user.max_user_namespaces";
        long? limit = f.Number(Name);
        if (limit == 0 || f.Of(Trial.UserNamespace)?.Error == "ENOSPC")
        {
            return Verdict.Missing(
                limit is null ? "reached" : limit == 0 ? "0" : $"{limit}, or that of a namespace around this one, is reached", NoLab, Remedies.Sysctl(f, Name, PlentyOfNamespaces));
        }

        return limit is null ? Verdict.Untried("this kernel has no such limit") : Verdict.Ok($"{limit}");
    }

    private static Verdict UserNamespace(Findings f, Needs needs)
    {
        Outcome? tried = f.Of(Trial.UserNamespace);
        if (tried is null)
        {
            return Verdict.Untried("no unshare to try with");
        }

        if (tried.Worked)
        {
            return Verdict.Ok("made");
        }

        bool explained = AppArmorRestricts(f) || f.Number("user.max_user_namespaces") == 0 || tried.Error == "ENOSPC"
            || (f.Sysctls.GetValueOrDefault(DebianSysctl) == "0" && f.User != 0);
        if (explained)
        {
            return Verdict.Missing($"refused: {tried.Said}", NoLab);
        }

        if (f.Seccomp == 2 || f.Container is not null)
        {
            string filter = f.Seccomp == 2 ? ", by the container's seccomp filter as it seems" : "";
            return Verdict.Missing($"refused: {tried.Said}{filter}", NoLab, Remedies.Container(f));
        }

        return Verdict.Missing(
            $"refused: {tried.Said}", NoLab,
            tried.Error == "EINVAL" ? "a kernel with CONFIG_USER_NS" : "see what forbids it: a security module, a sandbox around this shell, or an unmapped user id");
    }

    private static Verdict Kind(Findings f, Needs needs, Trial trial, string sysctl)
    {
        long? limit = f.Number(sysctl);
        long needed = needs.NetworkNamespaces;
        Outcome? tried = f.Of(trial);
        if (limit < needed || tried?.Error == "ENOSPC")
        {
            string found = limit < needed ? $"{sysctl} = {limit}, and {needed} are needed" : $"{sysctl} = {limit}, or that of a namespace around this one, is reached";
            return Verdict.Missing(found, needs.Nodes == 1 ? NoLab : $"no lab of {needs.Nodes} nodes can run", Remedies.Sysctl(f, sysctl, Math.Max(PlentyOfNamespaces, needed)));
        }

        return tried switch
        {
            null => Verdict.Untried("needs a user namespace"),
            { Worked: true } => Verdict.Ok(limit is null ? "made" : $"made; up to {limit}"),
            _ when AppArmorRestricts(f) || f.UnshareIsConfined => Verdict.Missing($"refused: {tried.Said}", NoLab),
            _ => Verdict.Missing($"refused: {tried.Said}", NoLab, Remedies.Container(f)),
        };
    }

    private static Verdict NodeNamespaces(Findings f, Needs needs)
    {
        Outcome? tried = f.Of(Trial.NodeNamespaces);
        string many = $"{needs.Nodes} at once";
        return tried switch
        {
            null => Verdict.Untried("needs a lab host"),
            { Worked: true } => Verdict.Ok($"made {many}"),
            { Error: "ENOSPC" } => Verdict.Missing(
                $"not {many}: {tried.Said}", $"no lab of {needs.Nodes} nodes can run", Remedies.Sysctl(f, "user.max_net_namespaces", PlentyOfNamespaces)),
            { Error: "EMFILE" } => Verdict.Missing($"not {many}: too many open files", $"no lab of {needs.Nodes} nodes can run", LimitChecks.MoreFiles(needs)),
            _ => Verdict.Missing($"not {many}: {tried.Said}", $"no lab of {needs.Nodes} nodes can run", "less memory in use, or fewer nodes"),
        };
    }
}
