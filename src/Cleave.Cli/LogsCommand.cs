using System.CommandLine;
using Cleave.Control;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>cleave logs</c>: what the nodes of a lab have printed.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        Argument<string[]> nodes = NodeArgument.Many("NODE", "Only these nodes", required: false);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what they print from now on, until the lab ends" };
        var json = new JsonOption(() => ControlJson.Default.LabEvent);
        var command = new Command(
            "logs", "Show what the nodes of a running lab have printed; the files stay after its end (cleave down says where)")
        {
            nodes, follow, lab, json,
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
            if (parsed.GetValue(follow))
            {
                await foreach (LabEvent line in LogFiles.FollowAsync(record, shown, client.WaitForEndAsync(cancel), cancel))
                {
                    show(line);
                }
            }
            else
            {
                foreach (LabEvent line in LogFiles.Read(record, shown))
                {
                    show(line);
                }
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
