using System.Globalization;
using Cleave.Linux;

namespace Cleave.Trials;

/// <summary>Reads what /proc, /sys and /etc say of this process and machine.</summary>
internal static class ProcFacts
{
    /// <summary>A sysctl's value; null if this kernel does not have it, or does not show it here.</summary>
    public static string? Sysctl(string name) => Read("/proc/sys/" + name.Replace('.', '/'));

    /// <summary>A file's text without blanks at its ends; null if it cannot be read.</summary>
    public static string? Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim('\n', ' ', '\t', '\0') : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A number of /proc/self/status, Seccomp (0: no filter) for instance; 0 if it is not there.</summary>
    public static int Status(string name) => int.TryParse(
        (Read("/proc/self/status") ?? "").Split('\n').FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..],
        CultureInfo.InvariantCulture, out int value) ? value : 0;

    /// <summary>The kind of container we are in, as it tells itself; null if none does.</summary>
    public static string? Container()
    {
        // The files alone prove nothing: machines made from an image of a container keep them.
        if (LooksContained())
        {
            if (File.Exists("/run/.containerenv"))
            {
                return "podman";
            }

            if (File.Exists("/.dockerenv"))
            {
                return "docker";
            }
        }

        string? told = Environment.GetEnvironmentVariable("container") ?? Read("/run/systemd/container");
        string? init = Read("/proc/1/environ")?.Split('\0').FirstOrDefault(v => v.StartsWith("container=", StringComparison.Ordinal));
        told ??= init?["container=".Length..];
        if (told is { Length: > 0 })
        {
            return told;
        }

        return Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is null ? null : "kubernetes";
    }

    /// <summary>Whether the root is a stack of layers, or system calls are filtered, or parts of /proc are covered.</summary>
    private static bool LooksContained() =>
        Status("Seccomp") == 2
        || Mounts().Masked.Count > 0
        || (Read("/proc/self/mountinfo") ?? "").Split('\n').Any(l => l.Split(' ') is [_, _, _, _, "/", ..] && l.Contains("overlay", StringComparison.Ordinal));

    /// <summary>
    /// Paths below /proc and /sys that something is mounted over, and whether /sys is read-only; without the folders that the kernel keeps empty for mounts.
    /// </summary>
    public static (IReadOnlyList<string> Masked, bool SysIsReadOnly) Mounts()
    {
        string[] empty = ["/proc/sys/fs/binfmt_misc", "/sys/fs/", "/sys/kernel/", "/sys/firmware/efi/"];
        var masked = new SortedSet<string>(StringComparer.Ordinal);
        bool readOnly = false;
        foreach (string line in (Read("/proc/self/mountinfo") ?? "").Split('\n'))
        {
            string[] fields = line.Split(' ');
            if (fields.Length < 6)
            {
                continue;
            }

            (string point, string options) = (fields[4], fields[5]);
            if (point == "/sys")
            {
                readOnly = options.Split(',').Contains("ro");
            }
            else if ((point.StartsWith("/proc/", StringComparison.Ordinal) || point.StartsWith("/sys/", StringComparison.Ordinal))
                && !Array.Exists(empty, e => point.StartsWith(e, StringComparison.Ordinal)))
            {
                masked.Add(point);
            }
        }

        return ([.. masked], readOnly);
    }

    /// <summary>How many more processes our control groups may have: the least of all on the way up; <see cref="long.MaxValue"/> for no limit.</summary>
    public static long GroupProcesses()
    {
        long left = long.MaxValue;
        foreach (string line in (Read("/proc/self/cgroup") ?? "").Split('\n'))
        {
            string[] fields = line.Split(':', 3);
            if (fields.Length != 3 || (fields[1].Length > 0 && !fields[1].Split(',').Contains("pids")))
            {
                continue;
            }

            string root = fields[1].Length > 0 ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
            for (string? group = fields[2]; group is not null; group = Path.GetDirectoryName(group))
            {
                string folder = root + group.TrimEnd('/');
                if (long.TryParse(Read($"{folder}/pids.max"), out long limit) && long.TryParse(Read($"{folder}/pids.current"), out long used))
                {
                    left = Math.Min(left, limit - used);
                }
            }
        }

        return left;
    }

    /// <summary>Processes and threads on the machine, as /proc/loadavg counts them; 0 if it cannot be read.</summary>
    public static long RunningTasks() =>
        (Read("/proc/loadavg") ?? "").Split(' ') is [_, _, _, var running, ..] && long.TryParse(running.Split('/')[^1], CultureInfo.InvariantCulture, out long tasks) ? tasks : 0;

    /// <summary>Bytes that programs can have without others losing any (MemAvailable of proc(5)), and free swap space.</summary>
    public static long FreeMemory()
    {
        string[] lines = (Read("/proc/meminfo") ?? "").Split('\n');
        return KiB("MemAvailable:") is { } memory ? (memory + (KiB("SwapFree:") ?? 0)) << 10 : long.MaxValue;

        long? KiB(string name) => Array.Find(lines, l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
            && long.TryParse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>Whether a program may change user ids: setuid root, or with capabilities of its own.</summary>
    public static unsafe bool IsPrivileged(string? program)
    {
        if (program is null)
        {
            return false;
        }

        string file = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
        const int SetUserId = 0x800;
        byte* capabilities = stackalloc byte[64];
        return FileOwner.Of(file) is { } owner
            && ((owner.Uid == 0 && (owner.Mode & SetUserId) != 0) || Libc.getxattr(file, "security.capability", capabilities, 64) > 0);
    }
}
