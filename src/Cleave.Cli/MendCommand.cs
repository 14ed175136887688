using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave mend</c></summary>
internal static class MendCommand
{
    public static Command Create()
    {
        var manner = new MannerOptions();
        return FaultVerb.OfPairs(
            "mend",
            "Let packets pass again between nodes, whichever fault cut them; of some traffic, only where just that is cut. Example: cleave mend a,b --to c --one-way",
            (from, to, bothWays, network, parsed) =>
                new Fault.Mend(from, to, bothWays, network) { Traffic = manner.Traffic(parsed), Except = manner.Except(parsed) },
            manner.Some);
    }
}
