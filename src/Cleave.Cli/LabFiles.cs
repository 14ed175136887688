using System.CommandLine;
using System.Text;
using Cleave.Doctor;
using Cleave.Topology;
using Cleave.Trials;

namespace Cleave.Cli;

/// <summary>Finds and reads lab files for the verbs that start from one.</summary>
internal static class LabFiles
{
    public static Option<string?> Option() => new("--file", "-f")
    {
        Description = "The lab file, or its folder; otherwise cleave.yaml here or in a folder above",
        HelpName = "FILE",
    };

    public static Argument<string?> Argument() => new("FILE")
    {
        Description = "The lab file, or its folder; otherwise cleave.yaml here or in a folder above",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Reads the file; null if it has mistakes, which have been printed.</summary>
    public static (LabTopology Topology, string Text)? Read(string? given)
    {
        ReadResult result = TopologyReader.Load(Locate(given));
        if (result.Topology is { } topology)
        {
            return (topology, File.ReadAllText(topology.File, Encoding.UTF8));
        }

        Report(result.Diagnostics);
        return null;
    }

    /// <summary>Prints the mistakes of a file, one a line, as compilers do.</summary>
    public static void Report(IEnumerable<Diagnostic> mistakes)
    {
        foreach (Diagnostic mistake in mistakes)
        {
            Console.Error.WriteLine(mistake);
        }
    }

    /// <summary>Says on standard error what this machine has less of than would be safe for a lab of this size.</summary>
    public static void WarnOfSize(LabTopology topology)
    {
        foreach (string warning in SizeWarnings.Of(MachineProbe.Sizes(Needs.Of(topology))))
        {
            Console.Error.WriteLine($"warning: {warning}");
        }
    }

    /// <summary>The path of the file meant; it may not exist.</summary>
    public static string Locate(string? given)
    {
        string path = given ?? Search() ?? TopologyReader.DefaultFile;
        return Directory.Exists(path) ? Path.Combine(path, TopologyReader.DefaultFile) : path;
    }

    /// <summary>The nearest cleave.yaml from a folder, the current one by default, upwards.</summary>
    public static string? Search(string? from = null)
    {
        for (var folder = new DirectoryInfo(from ?? Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, TopologyReader.DefaultFile);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
