using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave partial</c></summary>
internal static class PartialCommand
{
    public static Command Create() => FaultVerb.OfClusters(
        "partial",
        "Cut groups from each other, while nodes in none of them see everybody; replaces the partition in force. Example: cleave partial a,b c",
        "Nodes of one group, with commas: a,b",
        groups => new Fault.Partial(groups));
}
