using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave split</c></summary>
internal static class SplitCommand
{
    public static Command Create() => FaultVerb.OfClusters(
        "split",
        """
        Cut all pairs that no cluster has both of; clusters may overlap, and nodes not listed are alone.
        Replaces the partition in force. Example: cleave split a,b c,d
        """,
        "Nodes that go on seeing each other, with commas: a,b",
        clusters => new Fault.Split(clusters));
}
