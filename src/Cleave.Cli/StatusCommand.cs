using System.CommandLine;
using System.Text.Json;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary><c>cleave status</c>: who reaches whom by the rules.</summary>
internal static class StatusCommand
{
    private const int MostPairs = 40; // a screen
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var watch = new Option<bool>("--watch", "-w") { Description = "Print it again whenever it changes, until Ctrl-C or the end of the lab" };
        var json = new JsonOption(() => ControlJson.Default.FaultStatus);
        var command = new Command("status", "Show who reaches whom by the rules in force; cleave check finds out who does in fact") { watch, lab, json };
        command.SetAction(async (parsed, cancel) =>
        {
            LabRecord found = RunningLabs.Find(parsed.GetValue(lab));
            using var client = new LabClient(found, plain: true);
            bool isShort = !json.IsGiven(parsed);
            FaultStatus now = await client.FaultsAsync(isShort, cancel);
            json.Print(parsed, now, s => Print(s, found));
            if (parsed.GetValue(watch))
            {
                await WatchAsync(client, isShort, found.Id, now, s => json.Print(parsed, s, again => Again(again, found)), cancel);
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task WatchAsync(LabClient client, bool isShort, string lab, FaultStatus last, Action<FaultStatus> print, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Often, cancel);
                FaultStatus now = await client.FaultsAsync(isShort, cancel);
                if (Text(now) != Text(last))
                {
                    print(now);
                    last = now;
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C: enough seen.
        }
        catch (CleaveException) when (LabRegistry.List().All(l => l.Id != lab))
        {
            Console.Error.WriteLine($"lab {lab} has ended");
        }
    }

    private static string Text(FaultStatus status) => JsonSerializer.Serialize(
        status with { Windows = [.. status.Windows.Select(w => w with { Seconds = 0, Sentence = "" })] }, ControlJson.Default.FaultStatus); // time goes by of itself

    /// <summary>On a terminal in the place of the last one.</summary>
    private static void Again(FaultStatus status, LabRecord lab)
    {
        Console.Out.Write(Console.IsOutputRedirected ? "\n" : "\e[H\e[2J");
        Print(status, lab);
    }

    private static void Print(FaultStatus status, LabRecord lab)
    {
        Console.Out.WriteLine(status.Partition is null ? "no partition in force" : $"partition: {status.Partition}");
        FaultMatrix.Print(status);
        foreach (WindowEvidence window in status.Windows)
        {
            Console.Out.WriteLine($"\n{window.Sentence}");
            PairEvidence[] pairs = [.. window.Pairs.Where(p => p.Attempted.Packets > 0 || p.Probes > 0)];
            if (pairs.Length > 0)
            {
                Table.Print(["FROM", "TO", "ATTEMPTED", "LOST", "LEAKED"], pairs.Take(MostPairs).Select(p => (string[])
                    [p.From, p.To, $"{p.Attempted.Packets}", $"{p.Lost.Packets}", $"{p.Leaked.Packets}"]));
            }

            if (pairs.Length > MostPairs)
            {
                Console.Out.WriteLine($"and {pairs.Length - MostPairs} pairs more, see --json");
            }
        }

        if (lab.Ports.Length > 0)
        {
            Console.Out.WriteLine();
            Table.Print(["NODE", "PORT", "HOST"], lab.Ports.Select(p => (string[])[p.Node, p.NodeText, p.HostText]));
        }

        if (status.Uplink is { } uplink)
        {
            Console.Out.WriteLine(uplink.Describe());
        }
    }
}
