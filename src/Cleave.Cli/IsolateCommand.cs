using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave isolate</c></summary>
internal static class IsolateCommand
{
    public static Command Create()
    {
        Argument<string[]> nodes = NodeArgument.Many("NODE", "Who is to be alone: nodes, tags or all", required: true);
        return FaultVerb.OfLoss(
            "isolate",
            "Cut each of the nodes off from all others, and from each other; replaces the partition in force",
            [nodes],
            parsed => new Fault.Isolate(NodeArgument.Split(parsed.GetRequiredValue(nodes))));
    }
}
