using System.CommandLine;
using Cleave.Control;
using Cleave.Linux;

namespace Cleave.Cli;

/// <summary><c>cleave kill</c></summary>
internal static class KillCommand
{
    public static Command Create()
    {
        var signal = new Option<string?>("--signal", "-s")
        {
            Description = "Another signal, by name or number, to the nodes' programs alone",
            HelpName = "SIGNAL",
        };
        return NodeVerbs.Create(
            "kill",
            "KILL to every process of the nodes at once, as a crash; their `restart` applies",
            [signal],
            (parsed, nodes) =>
            {
                string? given = parsed.GetValue(signal);
                int number = given is null ? Signals.Kill : Signals.Parse(given)
                    ?? throw new InputException($"'{given}' is no signal: expected a name such as TERM or USR1, or a number from 1 to 64");
                return (
                    new NodeOrder(NodeVerb.Kill, nodes, number),
                    number == Signals.Kill ? "killed" : $"was sent {Signals.Name(number)}",
                    "nothing runs there");
            });
    }
}
