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
        var json = new JsonOption(() => ControlJson.Default.FaultStatus, () => ControlJson.Default.FaultPreview);
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Only print who would be cut from whom, and the rules; without a running lab, of the file's lab",
        };
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

        command.Add(dryRun);
        command.Add(lab);
        command.Add(json);
        command.SetAction(async (parsed, cancel) =>
        {
            Fault ordered = fault(parsed).Drawn(() => Random.Shared.Next());
            if (parsed.GetValue(dryRun))
            {
                return await FaultDryRun.RunAsync(ordered, parsed, lab, json, cancel);
            }

            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            FaultStatus status = await client.ApplyAsync(FaultOrder.For(ordered), isBrief: !json.IsGiven(parsed), cancel);
            json.Print(parsed, status, s => Console.Out.WriteLine($"{FaultText.Describe(ordered)}: {s.Summary}"));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>A verb under which packets are lost.</summary>
    /// <inheritdoc cref="Of"/>
    public static Command OfLoss(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, Fault.Loss> fault)
    {
        var manner = new MannerOptions();
        return Of(name, description, [.. symbols, .. manner.Loss], parsed => manner.Apply(parsed, fault(parsed)));
    }

    /// <summary>A verb that names two sides.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="fault">What it orders: senders, receivers, whether both ways, the network or null for all, and the rest of the command line.</param>
    /// <param name="manner">Options that it has besides.</param>
    public static Command OfPairs(
        string name,
        string description,
        Func<ImmutableArray<string>, ImmutableArray<string>, bool, string?, ParseResult, Fault> fault,
        IEnumerable<Symbol> manner)
    {
        Argument<string[]> from = NodeArgument.Many("NODE", "Nodes, tags or all, with spaces or commas between them; host, internet, fabric", required: true);
        Option<string[]> to = NodeArgument.Option("--to", "The other side");
        from.HelpName = "NODE"; // or help would show what it completes
        from.CompletionSources.Add(Completions.Outside);
        to.CompletionSources.Add(Completions.Outside);
        var oneWay = new Option<bool>("--one-way") { Description = "Only packets from NODE to the other side" };
        var network = new Option<string?>("--network")
        {
            Description = "Only on this network, not on every one they share, and not through routers",
            HelpName = "NAME",
            CompletionSources = { Completions.Networks },
        };
        return Of(name, description, [from, to, oneWay, network, .. manner], parsed =>
            fault(
                NodeArgument.Split(parsed.GetRequiredValue(from)),
                NodeArgument.Split(parsed.GetRequiredValue(to)),
                !parsed.GetValue(oneWay),
                parsed.GetValue(network),
                parsed));
    }

    /// <summary>A verb that names clusters of nodes.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="about">What each argument is.</param>
    /// <param name="fault">What it orders.</param>
    public static Command OfClusters(string name, string description, string about, Func<ImmutableArray<ImmutableArray<string>>, Fault.Loss> fault)
    {
        Argument<string[]> clusters = NodeArgument.Many("CLUSTER", about, required: true);
        return OfLoss(name, description, [clusters], parsed => fault([.. parsed.GetRequiredValue(clusters).Select(NodeArgument.Split)]));
    }

    /// <summary>A verb whose shape is made of the nodes in an order.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="symbols">Its arguments and options, besides those of the order.</param>
    /// <param name="fault">What it orders.</param>
    public static Command OfOrder(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, ImmutableArray<string>, ShapeOrder, Fault.Loss> fault)
    {
        Argument<string[]> nodes = NodeArgument.Many("NODE", "Whom it concerns, the others keep everybody; all nodes if none is named", required: false);
        var random = new Option<bool>("--random") { Description = "The nodes in a random order, whose seed is printed; otherwise in the file's order" };
        var seed = new Option<int?>("--seed") { Description = "The order that was drawn from this seed", HelpName = "NUMBER" };
        return OfLoss(name, description, [nodes, .. symbols, random, seed], parsed =>
            fault(
                parsed,
                NodeArgument.Split(parsed.GetValue(nodes) ?? []),
                parsed.GetValue(seed) is { } number ? ShapeOrder.Of(number) : parsed.GetValue(random) ? ShapeOrder.Random : ShapeOrder.OfFile));
    }
}
