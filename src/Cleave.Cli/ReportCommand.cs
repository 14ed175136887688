using System.CommandLine;
using Cleave.Runs;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave report</c>: what happened in a run.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var run = new Argument<string?>("RUN")
        {
            Description = "Its name, a part of it (the newest such), or its folder; otherwise the newest run",
            Arity = ArgumentArity.ZeroOrOne,
            CompletionSources = { Completions.Runs },
        };
        Option<string?> file = LabFiles.Option();
        var html = new Option<bool>("--html") { Description = "Make its page, report.html, which a run that was cut off does not have, and print the path" };
        var json = new JsonOption(() => RunJson.Default.RunReport);
        var command = new Command("report", "Tell what happened in a run of cleave test, of one that goes on or was cut off, too")
        {
            run, file, html, json,
        };
        command.SetAction(parsed =>
        {
            ListedRun found = RunArchive.Find(RunsCommand.FolderOf(parsed.GetValue(file)), parsed.GetValue(run));
            RunStory story = RunArchive.Story(found);
            if (parsed.GetValue(html))
            {
                Console.Out.WriteLine(RunArchive.WritePage(story, found));
                return ExitCodes.Ok;
            }

            json.Print(parsed, RunReport.Of(story, found), _ => Console.Out.Write(StoryText.Of(story, found)));
            return ExitCodes.Ok;
        });
        return command;
    }
}
