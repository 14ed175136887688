using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave heal</c></summary>
internal static class HealCommand
{
    public static Command Create() =>
        FaultVerb.Of("heal", "End the partition, every cut, and failing names: everyone reaches everyone again", [], _ => new Fault.Heal());
}
