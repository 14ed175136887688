using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary>What all fault verbs share: they send one order to one lab and print what is cut then.</summary>
internal static class FaultVerb
{
    /// <summary>A verb.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="symbols">Its arguments and options, besides those that all fault verbs have.</param>
    /// <param name="fault">What it orders.</param>
    public static Command Of(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, Fault> fault)
    {
        Option<string?> lab = RunningLabs.Option();
        var json = new JsonOption(() => ControlJson.Default.FaultStatus);
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.Add(lab);
        command.Add(json);
        command.SetAction(async (parsed, cancel) =>
        {
            Fault ordered = fault(parsed);
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            json.Print(parsed, await client.ApplyAsync(FaultOrder.For(ordered), cancel), status => Print(ordered, status));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>A verb that names two sides.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="fault">What it orders: senders, receivers, whether both ways, and the network or null for all.</param>
    public static Command OfPairs(
        string name, string description, Func<ImmutableArray<string>, ImmutableArray<string>, bool, string?, Fault> fault)
    {
        Argument<string[]> from = NodeArgument.Many("NODE", "Nodes, with spaces or commas between them", required: true);
        Option<string[]> to = NodeArgument.Option("--to", "The other side");
        var oneWay = new Option<bool>("--one-way") { Description = "Only packets from NODE to the other side" };
        var network = new Option<string?>("--network")
        {
            Description = "Only on this network, not on every one they share",
            HelpName = "NAME",
            CompletionSources = { Completions.Networks },
        };
        return Of(name, description, [from, to, oneWay, network], parsed =>
            fault(Split(parsed.GetRequiredValue(from)), Split(parsed.GetRequiredValue(to)), !parsed.GetValue(oneWay), parsed.GetValue(network)));
    }

    /// <summary>A verb that names clusters of nodes.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="fault">What it orders.</param>
    public static Command OfClusters(string name, string description, Func<ImmutableArray<ImmutableArray<string>>, Fault> fault)
    {
        Argument<string[]> clusters = NodeArgument.Many("CLUSTER", "Nodes that go on seeing each other, with commas: a,b", required: true);
        return Of(name, description, [clusters], parsed => fault([.. parsed.GetRequiredValue(clusters).Select(Split)]));
    }

    /// <summary>"a,b": the nodes of one argument.</summary>
    public static ImmutableArray<string> Split(string argument) => [.. argument.Split(',', StringSplitOptions.RemoveEmptyEntries)];

    public static ImmutableArray<string> Split(IEnumerable<string> arguments) => [.. arguments.SelectMany(a => Split(a))];

    private static void Print(Fault fault, FaultStatus status)
    {
        int cuts = 0;
        foreach (NetworkCuts network in status.Networks)
        {
            cuts += network.Cuts.Length;
        }

        Console.Out.WriteLine($"{FaultText.Describe(fault)}: {(cuts == 0 ? "nothing is cut" : $"{cuts} ordered pairs are cut")}");
    }
}
