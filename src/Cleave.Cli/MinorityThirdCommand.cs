using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave minority-third</c></summary>
internal static class MinorityThirdCommand
{
    public static Command Create() => FaultVerb.OfOrder(
        "minority-third",
        "Cut the first nodes, fewer than a third, from the rest; replaces the partition in force",
        [],
        (_, nodes, order) => new Fault.MinorityThird(nodes, order));
}
