using System.CommandLine;
using Cleave.Control;
using Cleave.Linux;

namespace Cleave.Cli;

/// <summary><c>cleave kill</c></summary>
internal static class KillCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var signal = new Option<string?>("--signal", "-s")
        {
            Description = "Another signal, by name or number, to the nodes' programs alone",
            HelpName = "SIGNAL",
        };
        Argument<string[]> nodes = NodeVerbs.Nodes();
        var command = new Command("kill", "KILL to every process of the nodes at once, as a crash; their `restart` applies") { nodes, signal, lab };
        command.SetAction((parsed, cancel) =>
        {
            string? given = parsed.GetValue(signal);
            int? number = given is null ? null : Signals.Parse(given)
                ?? throw new InputException($"'{given}' is no signal: expected a name such as TERM or USR1, or a number from 1 to 64");
            return NodeVerbs.RunAsync(
                parsed.GetValue(lab),
                new NodeOrder(NodeVerb.Kill, FaultVerb.Split(parsed.GetRequiredValue(nodes)), number),
                number is null or 9 ? "killed" : $"was sent {Signals.Name(number.Value)}",
                "nothing runs there",
                cancel);
        });
        return command;
    }
}
