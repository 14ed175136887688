using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary>What all verbs share that act on nodes' programs: they send one order to one lab and say what has become of the nodes.</summary>
internal static class NodeVerbs
{
    /// <summary>A verb that takes nodes and nothing else.</summary>
    public static Command Create(string name, string description, NodeVerb verb, string done, string nothing) =>
        Create(name, description, [], (_, nodes) => (new NodeOrder(verb, nodes), done, nothing));

    /// <summary>A verb.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="options">Its own options.</param>
    /// <param name="order">What it orders, and what is said of a node where that has done something, and where there was nothing to do.</param>
    public static Command Create(
        string name,
        string description,
        IEnumerable<Option> options,
        Func<ParseResult, System.Collections.Immutable.ImmutableArray<string>, (NodeOrder Order, string Done, string Nothing)> order)
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> nodes = NodeArgument.Many("NODE", "Nodes, tags, or all", required: true);
        var json = new JsonOption(() => ControlJson.Default.NodeReply);
        var command = new Command(name, description) { nodes };
        foreach (Option option in options)
        {
            command.Add(option);
        }

        command.Add(lab);
        command.Add(json);
        command.SetAction(async (parsed, cancel) =>
        {
            (NodeOrder ordered, string done, string nothing) = order(parsed, NodeArgument.Split(parsed.GetRequiredValue(nodes)));
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            json.Print(parsed, await client.OrderAsync(ordered, cancel), reply =>
            {
                foreach (NodeResult result in reply.Nodes)
                {
                    Console.Out.WriteLine($"{result.Node.Name}: {(result.Changed ? done : nothing)}");
                }
            });
            return ExitCodes.Ok;
        });
        return command;
    }
}
