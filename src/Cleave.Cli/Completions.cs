using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Cleave.Faults;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Cli;

/// <summary>What shells complete: labs that run, and names of the lab meant, or where none runs, of the lab file.</summary>
internal static class Completions
{
    /// <summary>Ids of running labs.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Labs =
        _ => Items(LabRegistry.List().Select(l => l.Id));

    /// <summary>Nodes.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Nodes =
        context => Items(Lab(context) is { } lab ? LabRegistry.Nodes(lab) : File(context)?.Nodes.Select(n => n.Name) ?? []);

    /// <summary>Tags of nodes.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Tags =
        context => Items(File(context) is { } topology ? NodeTargets.Tags(topology) : []);

    /// <summary>Where programs can be run: nodes, and the fabric.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Places =
        context => Nodes(context).Append(new CompletionItem("fabric"));

    /// <summary>What is outside of the lab, as an end of cuts.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Outside = _ => Items(OutsideEnds.All);

    /// <summary>Networks.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Networks =
        context => Items(File(context)?.Networks.Select(n => n.Name) ?? []);

    /// <summary>Scenarios of the file.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Scenarios =
        context => Items(File(context)?.Scenarios.Select(s => s.Name) ?? []);

    /// <summary>Runs that are kept.</summary>
    public static readonly Func<CompletionContext, IEnumerable<CompletionItem>> Runs =
        context => Items(RunArchive.List(RunsCommand.FolderOf(Value(context, "--file"))).Select(r => r.Run));

    private static IEnumerable<CompletionItem> Items(IEnumerable<string> names) => names.Select(n => new CompletionItem(n));

    /// <summary>The lab that the line means; null if there is none, or several.</summary>
    private static LabRecord? Lab(CompletionContext context)
    {
        try
        {
            return RunningLabs.Find(Value(context, "--lab"));
        }
        catch (CleaveException)
        {
            return null;
        }
    }

    private static LabTopology? File(CompletionContext context) =>
        TopologyReader.Load(Value(context, "--file") is { } given ? LabFiles.Locate(given) : Lab(context)?.File ?? LabFiles.Locate(null)).Topology;

    private static string? Value(CompletionContext context, string option) =>
        context.ParseResult.CommandResult.Command.Options.FirstOrDefault(o => o.Name == option) is { } symbol
        && context.ParseResult.GetResult(symbol) is OptionResult { Tokens: [var token, ..] }
            ? token.Value
            : null;
}
