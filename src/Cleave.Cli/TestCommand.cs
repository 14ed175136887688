using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Control;
using Cleave.Runs;
using Cleave.Scenarios;
using Cleave.Topology;
using Cleave.Trials;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave test</c>: runs scenarios, each in a lab of its own.</summary>
internal static class TestCommand
{
    private const int MostRuns = 1_000_000;
    private const int MostJobs = 1000;

    /// <summary>What the user has asked for.</summary>
    internal sealed record Options(string? File, string[] Scenarios, bool List, bool Keep, GatewayChoice? Gateway, JsonOption? Json, bool Quiet)
    {
        /// <summary>How often; null: without end, or once.</summary>
        public int? Repeat { get; init; }

        public bool UntilFailure { get; init; }

        public int Jobs { get; init; } = 1;

        public int? Seed { get; init; }

        /// <summary>Where the results of all runs are written as JUnit XML, or null.</summary>
        public string? Junit { get; init; }

        /// <summary>Whether the nodes' packets are recorded, whatever the file says.</summary>
        public bool Packets { get; init; }

        /// <summary>Whether the first run that does not pass is the last.</summary>
        public bool StopsAtFailure => Keep || UntilFailure;

        /// <summary>What labs say is shown, if one runs at a time.</summary>
        public bool ShowsEvents => !Quiet && Jobs == 1;

        /// <summary>Whether scenarios run more than once.</summary>
        public bool Repeats => UntilFailure || Repeat > 1;
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
        Option<int?> repeat = Number("--repeat", "N", "All of them, so many times, and say how often each does not pass", 1, MostRuns);
        var untilFailure = new Option<bool>("--until-failure") { Description = "Again and again, until one does not pass; with --repeat so many times at most" };
        Option<int?> jobs = Number("--jobs", "N", "So many labs at once, if processors and memory are enough for them", 1, MostJobs);
        Option<int?> seed = Number("--seed", "S", "Draw everything random from this, so that the schedule is that of another run; the next repetition takes the next", 0, int.MaxValue - 1);
        var junit = new Option<string?>("--junit") { Description = "Write the results of all runs into a file, as JUnit XML, too", HelpName = "FILE" };
        var pcap = new Option<bool>("--pcap") { Description = "Record the packets of each node, the newest, and keep them if the run does not pass (pcap: on-failure in the file)" };
        Option<string?> gateway = GatewayOption.Create();
        var json = new JsonOption(() => CliJson.Default.TestReport, () => CliJson.Default.ScenarioList);
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print the results only" };
        var command = new Command(
            "test",
            """
            Run the scenarios of a lab file, each in a fresh lab: wait until all nodes are ready, go through the steps, heal, judge.
            Values that steps saved are shown side by side; of a saved JSON object, each member. Each run leaves a folder, which the result names.
            Exit codes: 0 passed, 1 failed, 2 wrong input, 3 inconclusive, 4 this machine cannot, 5 the lab broke, 130 interrupted; of several the worst by 5, 1, 3, 0.
            """)
        {
            file, scenarios, list, keep, repeat, untilFailure, jobs, seed, junit, pcap, gateway, json, quiet,
        };
        command.SetAction((parsed, _) => RunAsync(new Options(
            parsed.GetValue(file),
            parsed.GetValue(scenarios) ?? [],
            parsed.GetValue(list),
            parsed.GetValue(keep),
            GatewayWords.Read(parsed.GetValue(gateway)),
            json.IsGiven(parsed) ? json : null,
            parsed.GetValue(quiet))
        {
            Repeat = parsed.GetValue(repeat),
            UntilFailure = parsed.GetValue(untilFailure),
            Jobs = parsed.GetValue(jobs) ?? 1,
            Seed = parsed.GetValue(seed),
            Junit = parsed.GetValue(junit),
            Packets = parsed.GetValue(pcap),
        }));
        return command;
    }

    private static Option<int?> Number(string name, string help, string description, int least, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = help };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out int value) && value >= least && value <= most))
            {
                result.AddError($"{name} takes a whole number, {least} to {most}, not '{token.Value}'");
            }
        });
        return option;
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
        options = Bound(options, topology);
        string[] nodes = [.. topology.Nodes.Select(n => n.Name)];
        Terminal terminal = options.Json is not null ? Terminal.ForErrors(nodes) : Terminal.ForOutput(nodes);
        using var signals = new UserSignals(); // up to here there is nothing to undo
        int seed = options.Seed ?? Seeds.New();
        var round = new TestRound(topology, text, options, terminal, signals);
        IEnumerable<PlannedRun> planned = TestPlan.Runs(chosen, options.Repeat ?? (options.UntilFailure ? null : 1), seed);
        ImmutableArray<(PlannedRun Run, ScenarioResult Result)> done = await round.RunAsync(planned);
        ImmutableArray<ScenarioResult> results = [.. done.Select(d => d.Result)];
        if (signals.Received && results.IsEmpty)
        {
            return ExitCodes.Interrupted;
        }

        int code = signals.Received ? ExitCodes.Interrupted : ExitCodes.Worst(results.Select(r => r.Verdict switch
        {
            Verdict.Passed => ExitCodes.Ok,
            Verdict.Failed => ExitCodes.Failed,
            Verdict.Inconclusive => ExitCodes.Inconclusive,
            _ => ExitCodes.LabBroke,
        }));
        // What the user has ended says nothing about the scenario.
        ImmutableArray<FlakeRate> rates = options.Repeats ? FlakeRate.Of(results.Where(r => !(signals.Received && r.Verdict == Verdict.Error))) : [];
        if (options.Junit is { } junit && done.Length > 0)
        {
            File.WriteAllText(junit, JunitXml.Of(topology.File, [.. done.Select(d => new JunitCase(d.Result, d.Result.Started ?? default, options.Repeats ? d.Run.Repetition : null))]));
        }

        if (options.Json is { } json)
        {
            json.Print(new TestReport(ControlJson.Schema, topology.File, code, results) { Seed = seed, Rates = rates });
        }
        else
        {
            Summary.Print(results, Console.Out, options.Repeats);
            Summary.PrintRates(rates, Console.Out);
            Summary.PrintNotRun(chosen.Select(s => s.Name).Except(results.Select(r => r.Scenario)), Console.Out);
            Summary.PrintKept(results, nodes[0], Console.Out);
        }

        return code;
    }

    private static Options Bound(Options options, LabTopology topology)
    {
        if (options.Jobs == 1)
        {
            return options;
        }

        (int jobs, string? why) = TestPlan.Jobs(options.Jobs, Environment.ProcessorCount, ProcFacts.FreeMemory(), Doctor.Needs.Of(topology));
        if (why is not null)
        {
            Console.Error.WriteLine($"warning: {why}");
        }

        return options with { Jobs = jobs };
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
}
