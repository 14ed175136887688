using System.Diagnostics;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Linux;

namespace Cleave.Namespaces;

/// <summary>Which user and group ids exist inside a lab (user_namespaces(7)).</summary>
[JsonConverter(typeof(SnakeCaseEnum<IdMapKind>))]
public enum IdMapKind
{
    /// <summary>All that exist outside, each as itself: root runs the lab.</summary>
    Whole,

    /// <summary>The user as 0, and the user's subordinate ids from 1 on.</summary>
    Subordinate,

    /// <summary>The user as 0, and no other: programs that change their user id fail.</summary>
    Single,
}

/// <summary>Writes the id maps of a process that has just made its user namespace.</summary>
internal static class IdMap
{
    public static IdMapKind Write(int pid)
    {
        uint uid = Libc.getuid();
        uint gid = Libc.getgid();
        if (uid == 0)
        {
            File.WriteAllText($"/proc/{pid}/uid_map", Identity("/proc/self/uid_map"));
            File.WriteAllText($"/proc/{pid}/gid_map", Identity("/proc/self/gid_map"));
            return IdMapKind.Whole;
        }

        if (FindRange("/etc/subuid", uid) is { } users && FindRange("/etc/subgid", uid) is { } groups
            && Helper("newuidmap", $"{pid} 0 {uid} 1 1 {users}") && Helper("newgidmap", $"{pid} 0 {gid} 1 1 {groups}"))
        {
            return IdMapKind.Subordinate;
        }

        // Without privilege the kernel takes a map of one's own group only once setgroups is given up.
        File.WriteAllText($"/proc/{pid}/setgroups", "deny");
        File.WriteAllText($"/proc/{pid}/uid_map", $"0 {uid} 1");
        File.WriteAllText($"/proc/{pid}/gid_map", $"0 {gid} 1");
        return IdMapKind.Single;
    }

    /// <summary>Every id of the namespace we are in, as itself.</summary>
    private static string Identity(string map) =>
        string.Join('\n', File.ReadLines(map)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(range => $"{range[0]} {range[0]} {range[2]}"));

    /// <summary>The user's first range in subuid(5) or subgid(5), as "first count"; both files name the user, never a group.</summary>
    public static string? FindRange(string file, uint uid)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        string number = uid.ToString();
        return File.ReadLines(file)
            .Select(line => line.Split(':'))
            .Where(f => f.Length == 3 && (f[0] == Environment.UserName || f[0] == number))
            .Select(f => $"{f[1]} {f[2]}")
            .FirstOrDefault();
    }

    private static bool Helper(string program, string arguments)
    {
        try
        {
            using Process helper = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
            _ = helper.StandardError.ReadToEnd();
            helper.WaitForExit();
            return helper.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // uidmap is not installed
        }
    }
}
