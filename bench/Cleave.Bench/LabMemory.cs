using System.Globalization;
using Cleave.Registry;

namespace Cleave.Bench;

/// <summary>What memory a lab takes: its lab host, the processes of its nodes, the kernel.</summary>
internal static class LabMemory
{
    private const long Reservation = 16L << 30; // the collector reserves far more addresses than anybody else

    /// <summary>The figures, in the order of a table: MB of the lab host, then kB a node.</summary>
    public static readonly IReadOnlyList<string> Parts = ["host", "host-share", "collector", "program-file", "libraries", "other", "nodes", "kernel"];

    /// <summary>Of the only lab whose runtime folder is below this one.</summary>
    /// <param name="runtime">The XDG_RUNTIME_DIR it was started with.</param>
    /// <param name="nodes">How many nodes it has.</param>
    /// <param name="kernelBefore">What <see cref="OfKernel"/> gave before it was started.</param>
    public static Dictionary<string, double> Measure(string runtime, int nodes, long kernelBefore)
    {
        double kernel = OfKernel() - kernelBefore;
        Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", runtime);
        int host = HostProcesses.LabHost(LabRegistry.List()[0]) ?? throw new InvalidOperationException("the lab has ended");
        Dictionary<string, double> parts = OfHost(host);
        parts["nodes"] = HostProcesses.Children(host).Sum(c => Rollup(c, "Pss:")) / (double)nodes;
        parts["kernel"] = kernel / nodes;
        return parts;
    }

    /// <summary>kB that the kernel has for all that is not a file's content or a process's own.</summary>
    public static long OfKernel() => File.ReadLines("/proc/meminfo")
        .Where(l => l.Split(':')[0] is "Slab" or "KernelStack" or "PageTables" or "Percpu")
        .Sum(Kilobytes);

    private static Dictionary<string, double> OfHost(int host)
    {
        var parts = new Dictionary<string, double>
        {
            ["host"] = Rollup(host, "Rss:") / 1024.0,
            ["host-share"] = Rollup(host, "Pss:") / 1024.0,
            ["collector"] = 0,
            ["program-file"] = 0,
            ["libraries"] = 0,
            ["other"] = 0,
        };

        string program = File.ResolveLinkTarget($"/proc/{host}/exe", false)!.FullName;
        foreach (Area area in Joined(File.ReadLines($"/proc/{host}/smaps")))
        {
            parts[area.File == program ? "program-file"
                : area.File.StartsWith('/') && !area.File.StartsWith("/memfd:", StringComparison.Ordinal) ? "libraries"
                : area.File.Length == 0 && area.End - area.Start > Reservation ? "collector"
                : "other"] += area.Kilobytes / 1024.0;
        }

        return parts;
    }

    /// <summary>Mappings (proc_pid_smaps(5)), with those that touch and have no file as one: the collector's is one reservation in many pieces.</summary>
    private static List<Area> Joined(IEnumerable<string> lines)
    {
        var areas = new List<Area>();
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Contains('-', StringComparison.Ordinal))
            {
                long[] ends = [.. words[0].Split('-').Select(e => (long)ulong.Parse(e, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
                string file = words.Length > 5 ? words[5].Trim() : "";
                if (areas.Count > 0 && areas[^1] is { File: "" } before && file.Length == 0 && before.End == ends[0])
                {
                    areas[^1] = before with { End = ends[1] };
                }
                else
                {
                    areas.Add(new Area(ends[0], ends[1], file, 0));
                }
            }
            else if (words[0] == "Pss:")
            {
                areas[^1] = areas[^1] with { Kilobytes = areas[^1].Kilobytes + Kilobytes(line) };
            }
        }

        return areas;
    }

    private static long Rollup(int process, string what) =>
        Kilobytes(File.ReadLines($"/proc/{process}/smaps_rollup").First(l => l.StartsWith(what, StringComparison.Ordinal)));

    private static long Kilobytes(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private sealed record Area(long Start, long End, string File, long Kilobytes);
}
