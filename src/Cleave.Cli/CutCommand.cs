using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave cut</c></summary>
internal static class CutCommand
{
    public static Command Create() => FaultVerb.OfPairs(
        "cut",
        "Lose every packet between nodes, on top of what is cut already. Example: cleave cut a,b --to c --one-way",
        (from, to, bothWays, network) => new Fault.Cut(from, to, bothWays, network));
}
