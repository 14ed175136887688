using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Programs that Cleave starts.</summary>
internal static class ProgramChecks
{
    // unshare(1): --kill-child is of 2.32, --keep-caps of 2.35.
    private static readonly Version OldestUtilLinux = new(2, 35);

    private static readonly string[] Basics = ["sh", "setsid", "mount", "env", "sleep", "rm"];
    private static readonly string[] Printers = ["ip", "bridge", "nft"];

    public static ImmutableArray<Check> All { get; } =
    [
        new("unshare", Area.Programs, "unshare", "makes a lab's namespaces", Unshare),
        new("programs", Area.Programs, "sh, setsid, mount, env, sleep, rm", "start a lab, and PID 1 of each node", Base),
        new("ip-nft", Area.Programs, "ip, bridge, nft", "run what cleave plan prints; a lab needs none of them", Printed),
        new("pasta", Area.Programs, "pasta, slirp4netns", "the way out with gateway: user, one of the two", Outside),
    ];

    private static Verdict Unshare(Findings f, Needs needs)
    {
        if (f.Programs.GetValueOrDefault("unshare") is not { } path)
        {
            return Verdict.Missing("not on the PATH", "no lab can run", "sudo apt install util-linux (Fedora: sudo dnf install util-linux)");
        }

        if (f.UtilLinux is null || !Version.TryParse(f.UtilLinux, out Version? version))
        {
            return Verdict.Missing($"{path} is not util-linux's", "no lab can run", "install util-linux, and put its unshare first on the PATH");
        }

        return version >= OldestUtilLinux
            ? Verdict.Ok($"{path}, util-linux {f.UtilLinux}")
            : Verdict.Missing($"util-linux {f.UtilLinux}", "its unshare has no --keep-caps, and no lab can run", $"install util-linux {OldestUtilLinux} or later");
    }

    private static Verdict Base(Findings f, Needs needs)
    {
        string[] absent = [.. Basics.Where(p => !f.Programs.ContainsKey(p))];
        if (absent.Length > 0)
        {
            return Verdict.Missing($"not on the PATH: {string.Join(", ", absent)}", "no lab can run", "sudo apt install coreutils util-linux mount dash");
        }

        return f.Of(Trial.IgnoreSignal) is { Worked: false } failed
            ? Verdict.Missing($"env cannot ignore a signal: {failed.Said}", "no node can start", "install GNU coreutils 8.31 or later, and put its env first on the PATH")
            : Verdict.Ok("there");
    }

    private static Verdict Outside(Findings f, Needs needs)
    {
        const string Cost = "gateway: user does not work; sealed labs do";
        if (!f.Programs.ContainsKey("nsenter"))
        {
            return Verdict.Limited("nsenter is not on the PATH", Cost, "sudo apt install util-linux");
        }

        return f.Programs.ContainsKey("pasta") ? Verdict.Ok("pasta")
            : f.Programs.ContainsKey("slirp4netns") ? Verdict.Ok("slirp4netns: of IPv4 only")
            : Verdict.Limited("neither is on the PATH", Cost, "sudo apt install passt (Fedora: sudo dnf install passt)");
    }

    private static Verdict Printed(Findings f, Needs needs)
    {
        string[] absent = [.. Printers.Where(p => !f.Programs.ContainsKey(p))];
        return absent.Length == 0
            ? Verdict.Ok("there")
            : Verdict.Limited(
                $"not found: {string.Join(", ", absent)}", "what cleave plan prints cannot be run by hand", "sudo apt install iproute2 nftables");
    }
}
