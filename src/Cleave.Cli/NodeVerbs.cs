using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary>What all verbs share that act on nodes' programs: they send one order to one lab and say what has become of the nodes.</summary>
internal static class NodeVerbs
{
    public static Command Create(string name, string description, NodeVerb verb, string done, string nothing)
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> nodes = Nodes();
        var command = new Command(name, description) { nodes, lab };
        command.SetAction((parsed, cancel) =>
            RunAsync(parsed.GetValue(lab), new NodeOrder(verb, FaultVerb.Split(parsed.GetRequiredValue(nodes))), done, nothing, cancel));
        return command;
    }

    public static Argument<string[]> Nodes() => FaultVerb.Nodes("NODE", "Nodes, tags, or all");

    public static async Task<int> RunAsync(string? lab, NodeOrder order, string done, string nothing, CancellationToken cancel)
    {
        using LabClient client = RunningLabs.Connect(lab);
        NodeReply reply = await client.OrderAsync(order, cancel);
        foreach (NodeResult result in reply.Nodes)
        {
            Console.Out.WriteLine($"{result.Node.Name}: {(result.Changed ? done : nothing)}");
        }

        return ExitCodes.Ok;
    }
}
