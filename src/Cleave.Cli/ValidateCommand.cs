using System.CommandLine;

namespace Cleave.Cli;

/// <summary><c>cleave validate</c>: is the file right?</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        var command = new Command("validate", "Check a lab file and report all its mistakes at once; exit code 2 if there are any") { file };
        command.SetAction(parsed =>
        {
            if (LabFiles.Read(parsed.GetValue(file)) is not var (topology, _))
            {
                return ExitCodes.WrongInput;
            }

            Console.Out.WriteLine(
                $"{topology.File}: {topology.Nodes.Length} nodes on {topology.Networks.Length} networks, {topology.Scenarios.Length} scenarios, no mistakes");
            return ExitCodes.Ok;
        });
        return command;
    }
}
