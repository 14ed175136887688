using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave heal</c></summary>
internal static class HealCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var command = new Command("heal", "End the partition and every cut: everyone reaches everyone again") { lab };
        command.SetAction((parsed, cancel) => FaultVerb.ApplyAsync(parsed.GetValue(lab), new Fault.Heal(), cancel));
        return command;
    }
}
