using System.Collections.Immutable;
using Cleave.Namespaces;

namespace Cleave.Doctor;

/// <summary>User and group ids in a lab.</summary>
internal static class IdChecks
{
    private const string Cost = "one user id exists in a lab, so programs that change theirs (nginx's `user www-data`, su, sshd) fail there";

    public static ImmutableArray<Check> All { get; } =
    [
        new("ids", Area.Ids, "subordinate ids", "programs that change their user id in a node", Ids),
    ];

    private static Verdict Ids(Findings f, Needs needs)
    {
        Verdict verdict = Ids(f);
        if (needs.User is not var (node, user) || f.User == 0)
        {
            return verdict;
        }

        // What is limited for a lab as such keeps this one from running.
        return verdict.Status == Status.Limited
            ? Verdict.Missing($"{verdict.Found}, and node {node} runs as {user}", "this lab cannot run", [.. verdict.Remedy, "or start the lab as root"])
            : verdict.Status == Status.Ok && f.SubordinateUsers < user.Uid
            ? Verdict.Missing($"{f.SubordinateUsers} user ids, and node {node} runs as {user}", "this lab cannot run", $"a longer range for {f.UserName} in /etc/subuid and /etc/subgid", "or start the lab as root")
            : verdict;
    }

    private static Verdict Ids(Findings f)
    {
        if (f.User == 0)
        {
            return Verdict.Ok("all ids, as root runs the lab");
        }

        if (f.Ids == IdMapKind.Subordinate)
        {
            return Verdict.Ok($"{f.SubordinateUsers} user ids and {f.SubordinateGroups} group ids");
        }

        if (!f.Programs.ContainsKey("newuidmap") || !f.Programs.ContainsKey("newgidmap"))
        {
            return Verdict.Limited("no newuidmap and newgidmap", Cost, ["sudo apt install uidmap (Fedora: sudo dnf install shadow-utils-subid)", .. Range(f)]);
        }

        if (f.SubordinateUsers == 0 || f.SubordinateGroups == 0)
        {
            string[] files = [.. new[] { f.SubordinateUsers == 0 ? "/etc/subuid" : "", f.SubordinateGroups == 0 ? "/etc/subgid" : "" }.Where(n => n.Length > 0)];
            return Verdict.Limited($"no range for {f.UserName} in {string.Join(" and ", files)}", Cost, Range(f));
        }

        if (!f.MappersArePrivileged)
        {
            return Verdict.Limited(
                "newuidmap and newgidmap are not setuid root", Cost, "sudo chmod u+s \"$(command -v newuidmap)\" \"$(command -v newgidmap)\"");
        }

        if (f.NoNewPrivileges)
        {
            return Verdict.Limited(
                "no_new_privs is set, so newuidmap and newgidmap have no privilege", Cost,
                "start from a shell without it: docker run without --security-opt no-new-privileges, systemd without NoNewPrivileges=yes, sudo not below setpriv --no-new-privs");
        }

        return f.Ids is null
            ? Verdict.Untried("needs a lab host")
            : Verdict.Limited(
                "newuidmap or newgidmap refused to map them", Cost,
                "see what they say: newuidmap PID 0 $(id -u) 1 1 FIRST COUNT; in a container, its own ids must reach as far as /etc/subuid says");
    }

    private static ImmutableArray<string> Range(Findings f) => f.SubordinateUsers > 0 && f.SubordinateGroups > 0
        ? []
        : [$"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {f.UserName}", "(another range where somebody else has that one)"];
}
