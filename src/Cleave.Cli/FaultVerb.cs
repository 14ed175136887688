using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary>What all fault verbs share: they send one order to one lab and print what is cut then.</summary>
internal static class FaultVerb
{
    public static async Task<int> ApplyAsync(string? lab, Fault fault, CancellationToken cancel)
    {
        using LabClient client = RunningLabs.Connect(lab);
        FaultStatus status = await client.ApplyAsync(FaultOrder.For(fault), cancel);
        int cuts = status.Networks.Sum(n => n.Cuts.Length);
        Console.Out.WriteLine($"{FaultText.Describe(fault)}: {(cuts == 0 ? "nothing is cut" : $"{cuts} ordered pairs are cut")}");
        return ExitCodes.Ok;
    }

    public static Argument<string[]> Nodes(string name, string description) =>
        new(name) { Arity = ArgumentArity.OneOrMore, Description = description };

    /// <summary>"a,b": the nodes of one argument.</summary>
    public static ImmutableArray<string> Split(string argument) => [.. argument.Split(',', StringSplitOptions.RemoveEmptyEntries)];

    public static ImmutableArray<string> Split(IEnumerable<string> arguments) => [.. arguments.SelectMany(a => Split(a))];
}
