using System.CommandLine;
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
        var json = new JsonOption(() => ControlJson.Default.LabStatus, () => CliJson.Default.LabList, () => CliJson.Default.ProcessList);
        var processes = new Option<bool>("--processes", "-p") { Description = "List all processes of the lab instead of its nodes, for debuggers" };
        var command = new Command("ps", "List the nodes of a lab, with the host's process numbers, or with --all your labs") { lab, all, processes, json };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(all))
            {
                LabRegistry.Sweep();
                json.Print(parsed, LabList.Of(LabRegistry.List()), PrintLabs);
                return ExitCodes.Ok;
            }

            LabRecord record = RunningLabs.Find(parsed.GetValue(lab));
            using var client = new LabClient(record, plain: true);
            if (parsed.GetValue(processes))
            {
                var list = new ProcessList(ControlJson.Schema, record.Id, LabProcesses.Of(record, await client.StatusAsync(cancel)));
                json.Print(parsed, list, PrintProcesses);
                return ExitCodes.Ok;
            }

            json.Print(parsed, WithHostPids(await client.StatusAsync(cancel), HostProcesses.Of(record)), PrintNodes);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The lab host knows its own numbers only.</summary>
    private static LabStatus WithHostPids(LabStatus status, IReadOnlyDictionary<int, int> pids) => status with
    {
        Nodes = [.. status.Nodes.Select(n => n with { HostPid = n.Pid is { } pid && pids.TryGetValue(pid, out int host) ? host : null })],
    };

    private static void PrintLabs(LabList labs) =>
        Table.Print(["LAB", "STARTED", "FILE"], labs.Labs.Select(l => (string[])
        [
            l.Id,
            $"{l.Started:u}",
            l.Version == CleaveVersion.Current ? l.File : $"{l.File}  (Cleave {CleaveVersion.Describe(l.Version)})",
        ]));

    private static void PrintProcesses(ProcessList list) =>
        Table.Print(["NODE", "PID", "IN LAB", "IN NODE", "COMMAND"], list.Processes.Select(p => (string[])
        [
            p.Node ?? "-",
            $"{p.HostPid}",
            $"{p.Pid}",
            p.NodePid is { } inside ? $"{inside}" : "-",
            string.Join(' ', p.Command),
        ]));

    private static void PrintNodes(LabStatus status)
    {
        Console.Out.WriteLine($"lab {status.Id}, {Word(status.State)}{(status.Uplink is { } uplink ? $"; {uplink.Describe()}" : "")}");
        Table.Print(
            ["NODE", "STATE", "PID", "ADDRESSES"],
            status.Nodes.Select(n => (string[])
            [
                n.Name,
                State(n),
                n.HostPid is { } pid ? $"{pid}" : "-",
                string.Join(", ", n.Addresses),
            ]));
    }

    private static string State(NodeStatus node)
    {
        string state = Word(node.State);
        string exit = node.Exit is null ? "" : $" ({node.Exit})";
        return state + exit + (node.Restarts == 0 ? "" : $", {node.Restarts} restarts");
    }

    // Spelled out: an enum's own ToString looks its names up by reflection first, for a tenth of the time that ps takes.
    private static string Word(LabState state) => state switch
    {
        LabState.Starting => "starting",
        LabState.Ready => "ready",
        LabState.Ending => "ending",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static string Word(NodeState state) => state switch
    {
        NodeState.Idle => "idle",
        NodeState.Manual => "manual",
        NodeState.Waiting => "waiting",
        NodeState.Starting => "starting",
        NodeState.Ready => "ready",
        NodeState.Paused => "paused",
        NodeState.Restarting => "restarting",
        NodeState.Stopped => "stopped",
        NodeState.Ended => "ended",
        _ => state.ToString().ToLowerInvariant(),
    };
}
