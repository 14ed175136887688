using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Cleave.Control;
using Cleave.Registry;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave logs</c>: what the nodes of a lab have printed.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> nodes = NodeArgument.Many("NODE", "Only these nodes", required: false);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what they print from now on, until the lab ends" };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "Only lines from then on: a time, or how long ago: 10s, 5m",
            HelpName = "TIME",
            CustomParser = ParseSince,
        };
        var tail = new Option<int?>("--tail", "-n") { Description = "Of the lines that are there, only so many at the end", HelpName = "N" };
        tail.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
            {
                result.AddError("--tail takes a number of lines, 0 or more");
            }
        });
        var json = new JsonOption(() => ControlJson.Default.LabEvent);
        var command = new Command(
            "logs", "Show what the nodes of a running lab have printed; the files stay after its end (cleave down says where)")
        {
            nodes, follow, since, tail, lab, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            LabRecord record = RunningLabs.Find(parsed.GetValue(lab));
            using var client = new LabClient(record);
            LabStatus status = await client.StatusAsync(cancel);
            HashSet<string> wanted = [.. parsed.GetValue(nodes) ?? []];
            string[] all = [.. status.Nodes.Select(n => n.Name)];
            if (wanted.FirstOrDefault(n => !all.Contains(n)) is { } unknown)
            {
                throw new InputException($"there is no node '{unknown}' in this lab; it has {string.Join(", ", all)}");
            }

            var terminal = Terminal.ForOutput(all);
            Action<LabEvent> show = json.IsGiven(parsed) ? json.Print : terminal.Write;
            string[] shown = [.. all.Where(n => wanted.Count == 0 || wanted.Contains(n))];
            var selection = new LogSelection(parsed.GetValue(since), parsed.GetValue(tail));
            if (parsed.GetValue(follow))
            {
                await foreach (LabEvent line in LogFiles.FollowAsync(record, shown, selection, client.WaitForEndAsync(cancel), cancel))
                {
                    show(line);
                }
            }
            else
            {
                foreach (LabEvent line in LogFiles.Read(record, shown, selection))
                {
                    show(line);
                }
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static DateTimeOffset? ParseSince(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        if (Duration.TryParse(given, out TimeSpan ago, out _, out _))
        {
            return DateTimeOffset.UtcNow - ago;
        }

        if (DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time))
        {
            return time;
        }

        result.AddError($"--since takes a time such as 2026-11-24T12:30:00, or how long ago, such as 10s, not '{given}'");
        return null;
    }
}
