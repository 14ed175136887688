using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave status</c>: who reaches whom by the rules.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var json = new JsonOption(() => ControlJson.Default.FaultStatus);
        var command = new Command("status", "Show who reaches whom by the rules in force; cleave check finds out who does in fact") { lab, json };
        command.SetAction(async (parsed, cancel) =>
        {
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            json.Print(parsed, await client.FaultsAsync(cancel), Print);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(FaultStatus status)
    {
        Console.Out.WriteLine(status.Partition is null ? "no partition in force" : $"partition: {status.Partition}");
        foreach (NetworkCuts network in status.Networks)
        {
            var cut = network.Cuts.Select(c => (c[0], c[1])).ToHashSet();
            Console.Out.WriteLine();
            Console.Out.Write(PairMatrix.Draw(network.Network, network.Nodes, (a, b) => cut.Contains((a, b)) ? "x" : "."));
        }

        Console.Out.WriteLine("\n. reaches   x cut   (rows send, columns receive)");
    }
}
