using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Scenarios;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave test</c>: runs scenarios, each in a lab of its own.</summary>
internal static class TestCommand
{
    private sealed record Options(string? File, string[] Scenarios, JsonOption? Json, bool Quiet);

    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var scenarios = new Option<string[]>("--scenario", "-s") { Description = "Only this one; may be given again", HelpName = "NAME" };
        var json = new JsonOption(() => CliJson.Default.TestReport);
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print the results only" };
        var command = new Command(
            "test",
            """
            Run the scenarios of a lab file, each in a fresh lab: wait until all nodes are ready, go through the steps, heal, judge.
            Values that steps saved are shown side by side; of a saved JSON object, each member.
            Exit codes: 0 passed, 1 failed, 2 wrong input, 4 this machine cannot, 5 the lab broke, 130 interrupted.
            """)
        {
            file, scenarios, json, quiet,
        };
        command.SetAction((parsed, _) => RunAsync(
            new Options(parsed.GetValue(file), parsed.GetValue(scenarios) ?? [], json.IsGiven(parsed) ? json : null, parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RunAsync(Options options)
    {
        if (LabFiles.Read(options.File) is not var (topology, text))
        {
            return ExitCodes.WrongInput;
        }

        Scenario[] chosen = Choose(topology, options.Scenarios);
        string[] nodes = [.. topology.Nodes.Select(n => n.Name)];
        Terminal terminal = options.Json is not null ? Terminal.ForErrors(nodes) : Terminal.ForOutput(nodes);
        using var signals = new UserSignals(); // up to here there is nothing to undo
        var results = ImmutableArray.CreateBuilder<ScenarioResult>();
        foreach (Scenario scenario in chosen)
        {
            if (signals.Received)
            {
                return ExitCodes.Interrupted;
            }

            try
            {
                results.Add(await RunOneAsync(topology, text, scenario, options.Quiet ? null : terminal, signals));
            }
            catch (CleaveException) when (signals.Received)
            {
                return ExitCodes.Interrupted; // the lab was killed before we had spoken to it
            }
        }

        int code = signals.Received ? ExitCodes.Interrupted : ExitCodes.Worst(results.Select(r => r.Verdict switch
        {
            Verdict.Passed => ExitCodes.Ok,
            Verdict.Failed => ExitCodes.Failed,
            _ => ExitCodes.LabBroke,
        }));
        if (options.Json is { } json)
        {
            json.Print(new TestReport(ControlJson.Schema, topology.File, code, results.ToImmutable()));
        }
        else
        {
            Summary.Print(results, Console.Out);
        }

        return code;
    }

    private static Scenario[] Choose(LabTopology topology, string[] names)
    {
        string known = string.Join(", ", topology.Scenarios.Select(s => s.Name));
        if (topology.Scenarios.IsEmpty)
        {
            throw new InputException($"{topology.File} has no scenarios; cleave up starts its lab without one");
        }

        return names.Length == 0
            ? [.. topology.Scenarios]
            : [.. names.Select(n => topology.Scenarios.FirstOrDefault(s => s.Name == n)
                ?? throw new InputException($"there is no scenario '{n}' in {topology.File}; it has {known}"))];
    }

    private static async Task<ScenarioResult> RunOneAsync(
        LabTopology topology, string text, Scenario scenario, Terminal? terminal, UserSignals signals)
    {
        // A program's end is the scenario's to judge here.
        var start = new LabOptions(UpCommand.HostCommand()) { Supervise = false };
        Lab started;
        try
        {
            started = await Lab.StartAsync(topology, text, start, signals.First);
        }
        catch (CleaveException e) when (e is not (InputException or MachineException))
        {
            return Broken(scenario, e);
        }

        await using Lab lab = started;
        signals.Watch(lab);
        terminal?.Say($"scenario {scenario.Name}, lab {lab.Record.Id}");
        Task showing = terminal is null ? Task.CompletedTask : ShowAsync(lab, terminal);
        ScenarioResult result;
        try
        {
            result = await lab.Client.TestAsync(scenario.Name, CancellationToken.None);
        }
        catch (CleaveException e) when (e is not (InputException or MachineException))
        {
            result = Broken(scenario, e);
        }

        await lab.StopAsync();
        await showing;
        return result;
    }

    private static ScenarioResult Broken(Scenario scenario, CleaveException e) =>
        new(scenario.Name, Verdict.Error, e.Message, 0, ImmutableSortedDictionary<string, string>.Empty);

    private static async Task ShowAsync(Lab lab, Terminal terminal)
    {
        await foreach (LabEvent happened in lab.Client.EventsAsync(CancellationToken.None))
        {
            terminal.Write(happened);
        }
    }
}
