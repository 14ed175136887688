using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave cut</c></summary>
internal static class CutCommand
{
    public static Command Create()
    {
        var manner = new MannerOptions();
        return FaultVerb.OfPairs(
            "cut",
            "Lose packets between nodes, on top of what is cut already. Example: cleave cut a,b --to c --one-way --tcp 2380",
            (from, to, bothWays, network, parsed) => manner.Apply(parsed, new Fault.Cut(from, to, bothWays, network)),
            manner.Loss);
    }
}
