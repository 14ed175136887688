using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave cut</c></summary>
internal static class CutCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> from = FaultVerb.Nodes("NODE", "Nodes, with spaces or commas between them");
        var to = new Option<string[]>("--to")
        {
            Description = "The other side",
            HelpName = "NODE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var oneWay = new Option<bool>("--one-way") { Description = "Only packets from NODE to the other side" };
        var network = new Option<string?>("--network") { Description = "Only on this network, not on every one they share", HelpName = "NAME" };
        var command = new Command("cut", "Lose every packet between nodes, on top of what is cut already. Example: cleave cut a,b --to c --one-way") { from, to, oneWay, network, lab };
        command.SetAction((parsed, cancel) =>
        {
            ImmutableArray<string> senders = FaultVerb.Split(parsed.GetRequiredValue(from));
            ImmutableArray<string> receivers = FaultVerb.Split(parsed.GetRequiredValue(to));
            var fault = new Fault.Cut(senders, receivers, !parsed.GetValue(oneWay), parsed.GetValue(network));
            return FaultVerb.ApplyAsync(parsed.GetValue(lab), fault, cancel);
        });
        return command;
    }
}
