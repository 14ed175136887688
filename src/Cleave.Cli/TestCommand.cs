using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Processes;
using Cleave.Runs;
using Cleave.Scenarios;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave test</c>: runs scenarios, each in a lab of its own.</summary>
internal static class TestCommand
{
    private static readonly TimeSpan ShowLimit = TimeSpan.FromSeconds(2);

    private sealed record Options(string? File, string[] Scenarios, bool List, bool Keep, GatewayChoice? Gateway, JsonOption? Json, bool Quiet)
    {
        public int? Seed { get; init; }
    }

    public static Command Create()
    {
        Option<string?> file = LabFiles.Option();
        var scenarios = new Option<string[]>("--scenario", "-s")
        {
            Description = "Only this one; may be given again",
            HelpName = "NAME",
            CompletionSources = { Completions.Scenarios },
        };
        var list = new Option<bool>("--list") { Description = "Name the scenarios and run none" };
        var keep = new Option<bool>("--keep") { Description = "Stop at the first failure and leave its lab up, healed, to look into; cleave down ends it" };
        Option<string?> gateway = GatewayOption.Create();
        var json = new JsonOption(() => CliJson.Default.TestReport, () => CliJson.Default.ScenarioList);
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print the results only" };
        var command = new Command(
            "test",
            """
            Run the scenarios of a lab file, each in a fresh lab: wait until all nodes are ready, go through the steps, heal, judge.
            Values that steps saved are shown side by side; of a saved JSON object, each member.
            Exit codes: 0 passed, 1 failed, 2 wrong input, 4 this machine cannot, 5 the lab broke, 130 interrupted; of several the worst by 5, 1, 0.
            """)
        {
            file, scenarios, list, keep, gateway, json, quiet,
        };
        command.SetAction((parsed, _) => RunAsync(new Options(
            parsed.GetValue(file),
            parsed.GetValue(scenarios) ?? [],
            parsed.GetValue(list),
            parsed.GetValue(keep),
            GatewayWords.Read(parsed.GetValue(gateway)),
            json.IsGiven(parsed) ? json : null,
            parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RunAsync(Options options)
    {
        if (LabFiles.Read(options.File) is not var (topology, text))
        {
            return ExitCodes.WrongInput;
        }

        Scenario[] chosen = Choose(topology, options.Scenarios);
        if (options.List)
        {
            List(topology, chosen, options.Json);
            return ExitCodes.Ok;
        }

        if (chosen.Length == 0)
        {
            throw new InputException($"{topology.File} has no scenarios; cleave up starts its lab without one");
        }

        LabFiles.WarnOfSize(topology);
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
                results.Add(await RunOneAsync(topology, text, scenario, options, terminal, signals));
            }
            catch (CleaveException) when (signals.Received)
            {
                return ExitCodes.Interrupted; // the lab was killed before we had spoken to it
            }

            if (options.Keep && results[^1].Verdict != Verdict.Passed)
            {
                break;
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
            Summary.PrintNotRun(chosen.Skip(results.Count).Select(s => s.Name), Console.Out);
            Summary.PrintKept(results, nodes[0], Console.Out);
        }

        return code;
    }

    private static void List(LabTopology topology, Scenario[] scenarios, JsonOption? json)
    {
        ImmutableArray<ListedScenario> listed = [.. scenarios.Select(ListedScenario.Of)];
        if (json is not null)
        {
            json.Print(new ScenarioList(ControlJson.Schema, topology.File, listed));
        }
        else if (listed.Length > 0)
        {
            Table.Print(["SCENARIO", "LINE", "STEPS"], listed.Select(s => (string[])[s.Name, $"{s.Line}", $"{s.Steps}"]), Console.Out);
        }
    }

    private static Scenario[] Choose(LabTopology topology, string[] names)
    {
        string[] known = [.. topology.Scenarios.Select(s => s.Name)];
        return names.Length == 0 ? [.. topology.Scenarios] : [.. names.Distinct().Select(Find)];

        Scenario Find(string name)
        {
            string has = known.Length == 0 ? "it has none" : $"it has {string.Join(", ", known)}";
            string meant = Nearest.Of(name, known) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            return topology.Scenarios.FirstOrDefault(s => s.Name == name)
                ?? throw new InputException($"there is no scenario '{name}' in {topology.File}; {has}{meant}");
        }
    }

    private static async Task<ScenarioResult> RunOneAsync(
        LabTopology topology, string text, Scenario scenario, Options options, Terminal terminal, UserSignals signals)
    {
        RunFolder? run = null;
        try
        {
            ScenarioResult result = await RunInLabAsync(
                topology, text, scenario, options, () => (run = TryBegin(topology, scenario, options.Seed ?? Seeds.New()))?.Order, terminal, signals);
            return run is null ? result : run.Finish(result);
        }
        catch (CleaveException e) when (e is InputException or MachineException)
        {
            run?.Discard();
            throw;
        }
        finally
        {
            run?.Dispose();
        }
    }

    /// <summary>A scenario can run where nothing can be written.</summary>
    private static RunFolder? TryBegin(LabTopology topology, Scenario scenario, int seed)
    {
        try
        {
            return RunFolder.Begin(topology, scenario, seed, OwnEnvironment.Read(), TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"warning: nothing is recorded of this run: {e.Message}");
            return null;
        }
    }

    private static async Task<ScenarioResult> RunInLabAsync(
        LabTopology topology, string text, Scenario scenario, Options options, Func<RunOrder?> run, Terminal terminal, UserSignals signals)
    {
        // A program's end is the scenario's to judge here.
        var start = new LabOptions(UpCommand.HostCommand()) { Supervise = false, Gateway = options.Gateway, Run = run };
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
        if (!options.Quiet)
        {
            terminal.Say($"scenario {scenario.Name}, lab {lab.Record.Id}");
            UpCommand.SayUplink(lab.Uplink, terminal);
        }

        using var stopShowing = new CancellationTokenSource();
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task showing = options.Quiet ? Task.CompletedTask : ShowAsync(lab, terminal, shown, stopShowing.Token);
        ScenarioResult result;
        try
        {
            result = await lab.Client.TestAsync(scenario.Name, CancellationToken.None);
        }
        catch (CleaveException e) when (e is not (InputException or MachineException))
        {
            result = Broken(scenario, e);
        }

        if (options.Keep && result.Verdict == Verdict.Failed && !signals.Received)
        {
            await lab.DetachAsync(CancellationToken.None);
            result = result with { Lab = lab.Record.Id };
            await Task.WhenAny(showing, shown.Task, Task.Delay(ShowLimit));
            await stopShowing.CancelAsync();
        }
        else
        {
            await lab.StopAsync();
        }

        await showing;
        return result;
    }

    private static ScenarioResult Broken(Scenario scenario, CleaveException e) =>
        new(scenario.Name, Verdict.Error, e.Message, 0, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Until the lab ends, or it is cancelled.</summary>
    /// <param name="lab">What happens there is shown.</param>
    /// <param name="terminal">Where.</param>
    /// <param name="shown">Completed when the end of the scenario has been shown.</param>
    /// <param name="cancel">Ends it.</param>
    private static async Task ShowAsync(Lab lab, Terminal terminal, TaskCompletionSource shown, CancellationToken cancel)
    {
        try
        {
            await foreach (LabEvent happened in lab.Client.EventsAsync(cancel))
            {
                terminal.Write(happened);
                if (happened.Step is { Verb: "scenario", Seconds: not null })
                {
                    shown.TrySetResult();
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The lab lives on.
        }
    }
}
