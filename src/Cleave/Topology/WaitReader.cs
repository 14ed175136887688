using System.Collections.Immutable;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verb <c>wait</c>.</summary>
internal static class WaitReader
{

    private static readonly Keys<Draft> WaitKeys = new("a wait", extensible: false)
    {
        { "ready", NodeStepReader.Targets, "Until these nodes are ready: nodes, tags or `all`.", (_, entry, draft) => draft.Ready = NodeStepReader.Group(draft.Scenario, entry.Value) },
        { "log", Shape.RegularExpression, "Until a line of the node's log matches that was logged since the step before this one began; in a first step any line.",
            (reading, entry, draft) => draft.Log = Pattern(draft.Scenario, entry.Value) },
        { "run", Shape.Command, "Until this command ends with exit code 0.", (_, entry, draft) => draft.Run = CommandReader.Read(draft.Scenario, entry.Value) },
        { "node", Shape.Any(Shape.OneOf(StepReader.Fabric), NodeStepReader.Targets), "Whose log, or where the command runs, which is the fabric by default: nodes, tags or `all`; each of them.",
            (_, entry, draft) => draft.Node = NodeStepReader.Group(draft.Scenario, entry.Value, StepReader.Fabric) },
    };

    public static KeyTable Table => WaitKeys;

    public static Step? Wait(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        var draft = new Draft(reading);
        if (WaitKeys.Read(reading.File, verb.Value, verb.Key.At, draft) is not { } present || verb.Value is not MapNode map)
            return null;

        var mistakes = reading.File.Mistakes;
        var kinds = map.Entries.Select(e => e.Key).Where(k => k.Value is "ready" or "log" or "run").ToList();
        foreach (var second in kinds.Skip(1))
            mistakes.Add(second.At, $"{Quote.Text(second.Value)} stands beside {Quote.Text(kinds[0].Value)} in one wait: expected one of ready, log and run");
        if (!present.Contains("ready") && !present.Contains("log") && !present.Contains("run"))
            mistakes.Add(verb.Key.At, "this says not what to wait for: expected 'ready', 'log' or 'run'");
        if (kinds.Count != 1)
            return null;

        var nodeAt = map.Entries.FirstOrDefault(e => e.Key.Value == "node").Key?.At;
        if (kinds[0].Value == "ready" && nodeAt is { } superfluous)
            mistakes.Add(superfluous, "'node' does not go with 'ready': expected the nodes after 'ready' itself");
        if (kinds[0].Value == "log" && !present.Contains("node"))
            mistakes.Add(verb.Key.At, "a wait for a line has no 'node': expected it here");
        if (kinds[0].Value == "log" && draft.Node is [StepReader.Fabric])
            mistakes.Add(nodeAt!.Value, "'fabric' has no log: expected nodes, tags or all");
        var within = step.Within ?? ReadyReader.DefaultWithin;
        return draft switch
        {
            { Ready: { } nodes } => new Step.WaitReady(step.At, step.Name, nodes, within),
            { Log: { } log, Node: { } nodes } => new Step.WaitLog(step.At, step.Name, nodes, log, within),
            { Run: { } run } => new Step.WaitRun(step.At, step.Name, new(run, draft.Node ?? [StepReader.Fabric], 0, null, null, null), within),
            _ => null,
        };
    }

    private static string? Pattern(ScenarioReading scenario, YamlNode value)
    {
        SavedValues.Check(scenario.File, value, scenario.Saved);
        return scenario.File.Pattern(value);
    }

    private sealed class Draft(ScenarioReading scenario)
    {
        public ScenarioReading Scenario => scenario;

        public ImmutableArray<string>? Ready { get; set; }

        public string? Log { get; set; }

        public Command? Run { get; set; }

        public ImmutableArray<string>? Node { get; set; }
    }
}
