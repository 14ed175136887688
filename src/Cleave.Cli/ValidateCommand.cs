using System.CommandLine;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave validate</c>: is the file right?</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        Argument<string?> file = LabFiles.Argument();
        var json = new JsonOption(() => CliJson.Default.FileReport);
        var command = new Command("validate", "Check a lab file and report all its mistakes at once; exit code 2 if there are any") { file, json };
        command.SetAction(parsed =>
        {
            string path = LabFiles.Locate(parsed.GetValue(file));
            ReadResult read = TopologyReader.Load(path);
            json.Print(parsed, FileReport.Of(path, read), report => Print(report, read));
            return read.Topology is null ? ExitCodes.WrongInput : ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(FileReport report, ReadResult read)
    {
        if (report.Valid)
        {
            foreach (string warning in report.Warnings)
            {
                Console.Error.WriteLine($"warning: {warning}");
            }

            Console.Out.WriteLine(
                $"{report.File}: {report.Nodes.Length} nodes on {report.Networks.Length} networks{(report.Links.IsEmpty ? "" : $" and {report.Links.Length} links")}, {report.Scenarios.Length} scenarios, no mistakes");
        }
        else
        {
            LabFiles.Report(read.Diagnostics);
        }
    }
}
