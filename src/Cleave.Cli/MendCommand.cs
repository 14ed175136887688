using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave mend</c></summary>
internal static class MendCommand
{
    public static Command Create() => FaultVerb.OfPairs(
        "mend",
        "Let packets pass again between nodes, whichever fault cut them. Example: cleave mend a,b --to c --one-way",
        (from, to, bothWays, network) => new Fault.Mend(from, to, bothWays, network));
}
