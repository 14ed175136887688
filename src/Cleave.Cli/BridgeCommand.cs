using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave bridge</c></summary>
internal static class BridgeCommand
{
    public static Command Create()
    {
        var via = new Option<string?>("--via")
        {
            Description = "The node that sees both halves; otherwise the middle one",
            HelpName = "NODE",
            CompletionSources = { Completions.Nodes },
        };
        return FaultVerb.OfOrder(
            "bridge",
            "Cut the nodes into two halves, and let one node see both; replaces the partition in force",
            [via],
            (parsed, nodes, order) => new Fault.Bridge(parsed.GetValue(via), nodes, order));
    }
}
