using System.CommandLine;
using System.Text.Json;
using Cleave.Control;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>cleave ps</c>: the nodes of a lab, or the labs.</summary>
internal static class PsCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var all = new Option<bool>("--all", "-a") { Description = "List your labs instead of a lab's nodes" };
        var json = new Option<bool>("--json") { Description = "Print JSON (schema 1); process numbers are the lab's own there" };
        var command = new Command("ps", "List the nodes of a lab, with the host's process numbers, or with --all your labs") { lab, all, json };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(all))
            {
                LabRegistry.Sweep();
                Table.Print(["LAB", "STARTED", "FILE"], LabRegistry.List().Select(l => (string[])[l.Id, $"{l.Started:u}", l.Version == CleaveVersion.Current ? l.File : $"{l.File}  (of Cleave {CleaveVersion.Describe(l.Version)})"]));
                return ExitCodes.Ok;
            }

            LabRecord record = RunningLabs.Find(parsed.GetValue(lab));
            using var client = new LabClient(record);
            LabStatus status = await client.StatusAsync(cancel);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(status, ControlJson.Default.LabStatus));
                return ExitCodes.Ok;
            }

            IReadOnlyDictionary<int, int> pids = HostProcesses.Of(record);
            Console.Out.WriteLine($"lab {status.Id}, {status.State.ToString().ToLowerInvariant()}");
            Table.Print(
                ["NODE", "STATE", "PID", "ADDRESSES"],
                status.Nodes.Select(n => (string[])
                [
                    n.Name,
                    n.Exit is null ? n.State.ToString().ToLowerInvariant() : $"ended ({n.Exit})",
                    n.Pid is { } pid && pids.TryGetValue(pid, out int host) ? $"{host}" : "-",
                    string.Join(", ", n.Addresses),
                ]));
            return ExitCodes.Ok;
        });
        return command;
    }
}
