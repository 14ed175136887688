using System.CommandLine;
using System.Globalization;
using Cleave.Control;
using Cleave.Runs;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave runs</c>: what <c>cleave test</c> has left.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var json = new JsonOption(() => RunJson.Default.RunList);
        var command = new Command("runs", "List the runs of cleave test that are kept, oldest first: the last 50, those that passed being removed first") { file, json };
        command.SetAction(parsed =>
        {
            json.Print(parsed, new RunList(ControlJson.Schema, RunArchive.List(FolderOf(parsed.GetValue(file)))), Print);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Where the runs of a lab file are looked for; the file may have mistakes by now.</summary>
    public static string FolderOf(string? file) => Path.GetDirectoryName(Path.GetFullPath(LabFiles.Locate(file)))!;

    private static void Print(RunList list)
    {
        if (list.Runs.IsEmpty)
        {
            return;
        }

        Table.Print(
            ["RUN", "STATE", "SECONDS", "SEED"],
            list.Runs.Select(r => (string[])[r.Run, Word(r.State), r.Seconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-", $"{r.Seed}"]),
            Console.Out);
    }

    private static string Word(RunState state) => state == RunState.CutOff ? "cut off" : state.ToString().ToLowerInvariant();
}
