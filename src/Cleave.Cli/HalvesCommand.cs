using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave halves</c></summary>
internal static class HalvesCommand
{
    public static Command Create() => FaultVerb.OfOrder(
        "halves",
        "Cut the nodes into two halves, of an odd number the first smaller; replaces the partition in force",
        [],
        (_, nodes, order) => new Fault.Halves(nodes, order));
}
