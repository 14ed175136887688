using System.CommandLine;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>cleave down</c>: ends a lab.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var all = new Option<bool>("--all") { Description = "End every lab of yours on this machine" };
        var json = new JsonOption(() => CliJson.Default.LabList);
        var command = new Command("down", "End a lab: TERM to every program, KILL after 2 s; returns when nothing is left of it") { lab, all, json };
        command.SetAction(async (parsed, cancel) =>
        {
            LabRecord[] labs = parsed.GetValue(all) ? [.. LabRegistry.List()] : [RunningLabs.Find(parsed.GetValue(lab))];
            await Task.WhenAll(labs.Select(l => LabEnd.EndAsync(l, cancel)));
            json.Print(parsed, LabList.Of(labs), ended =>
            {
                foreach (ListedLab lab in ended.Labs)
                {
                    Console.Out.WriteLine($"{lab.Id} ended; its logs: {lab.Logs}");
                }
            });
            return ExitCodes.Ok;
        });
        return command;
    }
}
