using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave split</c></summary>
internal static class SplitCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> clusters = FaultVerb.Nodes("CLUSTER", "Nodes that go on seeing each other, with commas: a,b");
        var command = new Command(
            "split",
            """
            Cut all pairs that no cluster has both of; clusters may overlap, and nodes not listed are alone.
            Replaces the partition in force. Example: cleave split a,b c,d
            """)
        {
            clusters, lab,
        };
        command.SetAction((parsed, cancel) =>
            FaultVerb.ApplyAsync(parsed.GetValue(lab), new Fault.Split([.. parsed.GetRequiredValue(clusters).Select(FaultVerb.Split)]), cancel));
        return command;
    }
}
