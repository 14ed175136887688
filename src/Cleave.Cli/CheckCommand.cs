using System.CommandLine;
using Cleave.Control;
using Cleave.Scenarios;

namespace Cleave.Cli;

/// <summary><c>cleave check</c>: who reaches whom in fact.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var json = new JsonOption(() => ControlJson.Default.CheckResult);
        var command = new Command(
            "check",
            """
            Probe every ordered pair of nodes by ICMP (does an echo request arrive?) and by TCP (does a handshake meet anybody, which
            needs both directions), over IPv4 and IPv6 where both nodes have it, and compare with the rules in force. A difference
            is exit code 1.
            """)
        {
            lab, json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using LabClient client = RunningLabs.Connect(parsed.GetValue(lab));
            CheckResult result = await client.CheckAsync(cancel);
            json.Print(parsed, result, Print);
            return result.Agrees ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static void Print(CheckResult result)
    {
        foreach (IGrouping<string, PairCheck> network in result.Pairs.GroupBy(p => $"{p.Network}{By(p)}"))
        {
            var pairs = network.ToDictionary(p => (p.From, p.To));
            string[] nodes = [.. network.Select(p => p.From).Distinct()];
            Console.Out.WriteLine(PairMatrix.Draw(network.Key, nodes, (a, b) => Cell(pairs[(a, b)])));
        }

        Console.Out.WriteLine(". reaches   x cut, and nothing arrives   < packets arrive, the way back is cut   ! not as the rules say");
        PairCheck[] wrong = [.. result.Pairs.Where(p => !p.Agrees)];
        foreach (PairCheck pair in wrong)
        {
            Console.Out.WriteLine(
                $"{pair.From} -> {pair.To} on {pair.Network}{By(pair)}: icmp {Word(pair.Icmp)}, by the rules {Word(pair.Expected)}; " +
                $"tcp {pair.Tcp.ToString().ToLowerInvariant()}, by the rules {Word(pair.ExpectedTcp)}");
        }

        int probed = result.Pairs.Length;
        Console.Out.WriteLine(wrong.Length == 0 ? $"{probed} pairs probed, all as the rules say" : $"{probed} pairs probed, {wrong.Length} not as the rules say");
    }

    private static string By(PairCheck pair) => pair.Family == "ipv4" ? "" : $" by {pair.Family}";

    private static string Cell(PairCheck pair) => !pair.Agrees ? "!" : !pair.Icmp ? "x" : pair.Tcp == Reachability.Unreachable ? "<" : ".";

    private static string Word(bool reaches) => reaches ? "reachable" : "unreachable";
}
