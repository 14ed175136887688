using System.CommandLine;
using Cleave.Planning;
using Cleave.Registry;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave plan</c>: what a lab is made of, as commands.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        var command = new Command("plan", "Print, as ip, bridge, nft, sysctl and mount commands, everything that cleave up would do; does nothing") { file };
        command.SetAction(parsed =>
        {
            if (LabFiles.Read(parsed.GetValue(file)) is not var (topology, _))
            {
                return ExitCodes.WrongInput;
            }

            Console.Out.Write(PlanPrinter.Print(LabPlan.Of(topology, Machine.PlanInputs(topology))));
            return ExitCodes.Ok;
        });
        return command;
    }
}
