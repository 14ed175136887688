using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave disjoint</c></summary>
internal static class DisjointCommand
{
    public static Command Create() => FaultVerb.OfClusters(
        "disjoint",
        """
        Cut all pairs across clusters; every node of the lab is in exactly one.
        Replaces the partition in force. Example: cleave disjoint a,b c,d
        """,
        "Nodes that go on seeing each other, with commas: a,b",
        clusters => new Fault.Disjoint(clusters));
}
