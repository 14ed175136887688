using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave isolate</c></summary>
internal static class IsolateCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> nodes = FaultVerb.Nodes("NODE", "Who is to be alone");
        var command = new Command("isolate", "Cut each of the nodes off from all others, and from each other; replaces the partition in force")
        {
            nodes, lab,
        };
        command.SetAction((parsed, cancel) =>
            FaultVerb.ApplyAsync(parsed.GetValue(lab), new Fault.Isolate(FaultVerb.Split(parsed.GetRequiredValue(nodes))), cancel));
        return command;
    }
}
