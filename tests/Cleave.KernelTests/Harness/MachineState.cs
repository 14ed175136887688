using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cleave.KernelTests.Harness;

/// <summary>What a lab must leave as it was: the host's network, our mounts, and no process of ours.</summary>
public static partial class MachineState
{
    /// <summary>The host's network, as its own tools show it; what changes by itself (lifetimes, counters) left out.</summary>
    public static string HostNetwork()
    {
        string text = string.Join('\n', Show("ip", "-j", "addr"), Show("ip", "-6", "-j", "route"), Show("ip", "-j", "route"), Show("ip", "-j", "rule"));
        if (Posix.IsRoot)
        {
            text += Show("nft", "list", "ruleset") + Show("iptables-save");
        }

        return Lifetimes().Replace(Comments().Replace(text, ""), "");
    }

    /// <summary>Where something is mounted, as this process sees it.</summary>
    public static string Mounts() => File.ReadAllText("/proc/self/mountinfo");

    /// <summary>Processes that carry the mark of a test, wherever they have been reparented to.</summary>
    public static IReadOnlyList<string> MarkedProcesses(string mark)
    {
        string wanted = $"{CleaveCommand.Mark}={mark}";
        return Processes(folder => File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains(wanted));
    }

    /// <summary>The processes that work in one of these folders, or below.</summary>
    public static IReadOnlyList<string> ProcessesIn(IReadOnlyList<string> folders) => Processes(
        folder => new FileInfo(Path.Combine(folder, "cwd")).LinkTarget is { } cwd && folders.Any(f => cwd == f || cwd.StartsWith(f + "/", StringComparison.Ordinal)));

    /// <summary>"number: command line" of every other process that is meant.</summary>
    /// <param name="isMeant">Is given its folder in /proc.</param>
    private static List<string> Processes(Func<string, bool> isMeant)
    {
        var found = new List<string>();
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && pid != Environment.ProcessId)
            {
                try
                {
                    if (isMeant(folder))
                    {
                        found.Add($"{pid}: {File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ')}");
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Ended while we looked, or another user's.
                }
            }
        }

        return found;
    }

    /// <summary>The number of the one lab host among marked processes.</summary>
    public static int LabHost(string mark)
    {
        string host = Assert.Single(
            MarkedProcesses(mark), p => p.Contains(" lab-host", StringComparison.Ordinal) && !p.Contains("unshare", StringComparison.Ordinal));
        return int.Parse(host.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The network namespaces that marked processes are in.</summary>
    public static IReadOnlySet<string> MarkedNetworks(string mark) => MarkedProcesses(mark)
        .Select(p => new FileInfo($"/proc/{p.Split(':')[0]}/ns/net").LinkTarget ?? "")
        .Where(l => l.Length > 0)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Ends what a failed test has left.</summary>
    public static void KillMarked(string mark)
    {
        foreach (string process in MarkedProcesses(mark))
        {
            _ = Posix.Kill(int.Parse(process.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture), Posix.SIGKILL);
        }
    }

    private static string Show(string program, params string[] arguments)
    {
        if (Posix.IsRoot)
        {
            // Some tests enter namespaces, and a thread that the runtime starts meanwhile stays there; the first thread never leaves the host's.
            (program, arguments) = ("nsenter", [$"--net=/proc/{Environment.ProcessId}/ns/net", "sh", "-c", "command -v \"$0\" >/dev/null || exit 0; exec \"$0\" \"$@\"", program, .. arguments]);
        }

        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return ""; // not installed: it can have changed nothing
        }
    }

    [GeneratedRegex("""[,]?"(valid|preferred)_life_time":\d+""", RegexOptions.ExplicitCapture)]
    private static partial Regex Lifetimes();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();
}
