using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave ring</c></summary>
internal static class RingCommand
{
    public static Command Create() => FaultVerb.OfOrder(
        "ring",
        "Let every node see a majority, and no two the same one; replaces the partition in force",
        [],
        (_, nodes, order) => new Fault.Ring(nodes, order));
}
