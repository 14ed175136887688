using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave disjoint</c></summary>
internal static class DisjointCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> clusters = FaultVerb.Nodes("CLUSTER", "Nodes that go on seeing each other, with commas: a,b");
        var command = new Command(
            "disjoint",
            """
            Cut all pairs across clusters; every node of the lab is in exactly one.
            Replaces the partition in force. Example: cleave disjoint a,b c,d
            """)
        {
            clusters, lab,
        };
        command.SetAction((parsed, cancel) =>
            FaultVerb.ApplyAsync(parsed.GetValue(lab), new Fault.Disjoint([.. parsed.GetRequiredValue(clusters).Select(FaultVerb.Split)]), cancel));
        return command;
    }
}
