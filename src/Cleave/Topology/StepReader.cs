using System.Collections.Immutable;
using Cleave.Faults;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>What stands beside the verb of a step.</summary>
internal sealed class StepDraft(Location at, ScenarioReading reading)
{
    public Location At => at;

    public ScenarioReading Reading => reading;

    public string? Name { get; set; }

    public string Node { get; set; } = StepReader.Fabric;

    public TimeSpan? Within { get; set; }

    public TimeSpan? For { get; set; }

    public ImmutableArray<Step> Steps { get; set; } = [];

    public string? Save { get; set; }

    /// <summary>The siblings that are there, well or badly written, and where.</summary>
    public Dictionary<string, Location> Present { get; } = [];
}

/// <summary>Reads steps: one verb each, with the siblings that the verb takes.</summary>
internal static class StepReader
{
    /// <summary>Where commands run if the step does not say.</summary>
    public const string Fabric = "fabric";

    private delegate Step? ReadVerb(ScenarioReading reading, MapEntry verb, StepDraft step);

    private delegate Fault? ReadFault(ScenarioReading reading, YamlNode value);

    // A new verb is a line in one of these tables, a new sibling a line in the third.
    private static readonly Dictionary<string, ReadFault> Faults = new()
    {
        ["isolate"] = FaultReader.Isolate,
        ["split"] = FaultReader.Split,
        ["disjoint"] = FaultReader.Disjoint,
        ["cut"] = FaultReader.Cut,
        ["mend"] = FaultReader.Mend,
        ["heal"] = FaultReader.Heal,
    };

    private static readonly Dictionary<string, (string[] Siblings, ReadVerb Read)> Others = new()
    {
        ["during"] = (["for", "steps"], During),
        ["repeat"] = (["steps"], Repeat),
        ["parallel"] = ([], Parallel),
        ["sleep"] = ([], Sleep),
        ["run"] = (["node", "within", "save"], CommandReader.Run),
        ["expect"] = (["within", "for"], ExpectReader.Expect),
        ["wait"] = (["within"], ExpectReader.Wait),
    };

    private static readonly Dictionary<string, Action<StepDraft, YamlNode>> Siblings = new()
    {
        ["name"] = (step, value) => step.Name = step.Reading.File.Text(value, "a name for the step"),
        ["node"] = (step, value) => step.Node = step.Reading.Names.One(value, Fabric) ?? Fabric,
        ["within"] = (step, value) => step.Within = step.Reading.File.Time(value),
        ["for"] = (step, value) => step.For = step.Reading.File.Time(value),
        ["steps"] = (step, value) => step.Steps = Steps(step.Reading, value),
        ["save"] = (step, value) => step.Save = CommandReader.Save(step.Reading, value),
    };

    private static readonly string[] Verbs = [.. Faults.Keys, .. Others.Keys];
    private static readonly string[] NoFaults = ["heal", "mend"];
    private static readonly string[] FaultsOfDuring = [.. Faults.Keys.Except(NoFaults)];
    private static readonly string[] All = [.. Verbs, .. Siblings.Keys];

    /// <summary>A list of steps that is not empty.</summary>
    public static ImmutableArray<Step> Steps(ScenarioReading reading, YamlNode node)
    {
        const string Expected = "a list of steps";
        if (node is ListNode { Items.Count: > 0 } list)
            return [.. list.Items.Select(i => One(reading, i)).OfType<Step>()];
        if (node is ListNode)
            reading.File.Mistakes.Add(node.At, $"an empty list stands here: expected {Expected}");
        else
            reading.File.Wrong(node, Expected);
        return [];
    }

    private static Step? One(ScenarioReading reading, YamlNode node)
    {
        switch (node)
        {
            case TextNode { Value: "heal" }:
                return new Step.Apply(node.At, Name: null, new Fault.Heal());
            case TextNode { IsEmpty: false } text:
                if (Verbs.Contains(text.Value))
                    reading.File.Mistakes.Add(node.At, $"{Quote.Text(text.Value)} stands alone: expected '{text.Value}:' and its value");
                else
                    reading.File.Mistakes.AddUnknown(node.At,
                        $"{Quote.Text(text.Value)} is no step: expected 'heal', or a mapping with one of {Quote.Choices(Verbs)}",
                        text.Value, Verbs);
                return null;
            case MapNode map:
                return FromMapping(reading, map);
            default:
                reading.File.Wrong(node, "a step: 'heal', or a mapping with one verb such as isolate or run");
                return null;
        }
    }

    private static Step? FromMapping(ScenarioReading reading, MapNode map)
    {
        var verbs = map.Entries.Where(e => Verbs.Contains(e.Key.Value)).ToList();
        var unknown = map.Entries.Where(e => !All.Contains(e.Key.Value)).ToList();
        foreach (var (key, _) in unknown)
            reading.File.Mistakes.AddUnknown(key.At,
                $"{Quote.Text(key.Value)} is no verb and no sibling of one: "
                + $"expected {Quote.Choices(verbs.Count == 0 ? Verbs : [.. Siblings.Keys])}",
                key.Value, verbs.Count == 0 ? All : [.. Siblings.Keys]);
        if (verbs.Count == 0 && unknown.Count == 0)
            reading.File.Mistakes.Add(map.At, $"a step without a verb stands here: expected one of {Quote.Choices(Verbs)}");
        foreach (var (key, _) in verbs.Skip(1))
            reading.File.Mistakes.Add(key.At,
                $"{Quote.Text(key.Value)} stands beside {Quote.Text(verbs[0].Key.Value)} in one step: "
                + "expected one verb; make it a step of its own");

        var step = new StepDraft(map.At, reading);
        foreach (var (key, value) in map.Entries)
        {
            if (!Siblings.TryGetValue(key.Value, out var take))
                continue;
            take(step, value);
            step.Present[key.Value] = key.At;
            if (verbs.Count == 1 && key.Value != "name" && !SiblingsOf(verbs[0].Key.Value).Contains(key.Value))
                reading.File.Mistakes.Add(key.At,
                    $"{Quote.Text(key.Value)} does not go with {Quote.Text(verbs[0].Key.Value)}: "
                    + $"expected {Quote.Choices(["name", .. SiblingsOf(verbs[0].Key.Value)])}");
        }

        // A sibling that was misspelt is not missing, too.
        foreach (var (key, _) in unknown)
            if (Nearest.Of(key.Value, Siblings.Keys) is { } meant)
                step.Present.TryAdd(meant, key.At);
        var read = verbs.Select(v => Read(reading, v, step)).ToList();
        return read is [var only] ? only : null;
    }

    private static string[] SiblingsOf(string verb) => Others.TryGetValue(verb, out var other) ? other.Siblings : [];

    private static Step? Read(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        if (Others.TryGetValue(verb.Key.Value, out var other))
            return other.Read(reading, verb, step);
        return Faults[verb.Key.Value](reading, verb.Value) is { } fault ? new Step.Apply(step.At, step.Name, fault) : null;
    }

    private static Step.During? During(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        var mistakes = reading.File.Mistakes;
        if (!step.Present.ContainsKey("for") && !step.Present.ContainsKey("steps"))
            mistakes.Add(verb.Key.At, "'during' has no end: expected 'for' or 'steps' beside it");

        var expected = $"a mapping with one of {Quote.Choices(FaultsOfDuring)}";
        if (verb.Value is not MapNode map)
        {
            reading.File.Wrong(verb.Value, expected);
            return null;
        }

        if (map.Entries.Count == 0)
            mistakes.Add(map.At, $"an empty mapping stands here: expected {expected}");
        Fault? fault = null;
        var faults = 0;
        foreach (var (key, value) in map.Entries)
        {
            if (NoFaults.Contains(key.Value))
                mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no fault: "
                    + $"expected one of {Quote.Choices(FaultsOfDuring)}; 'during' itself heals at its end");
            else if (!FaultsOfDuring.Contains(key.Value))
                mistakes.AddUnknown(key.At, $"{Quote.Text(key.Value)} is no fault: expected one of {Quote.Choices(FaultsOfDuring)}",
                    key.Value, FaultsOfDuring);
            else if (++faults == 1)
                fault = Faults[key.Value](reading, value);
            else
            {
                mistakes.Add(key.At, $"{Quote.Text(key.Value)} is a second fault: expected one; put a 'during' into the steps of another");
                _ = Faults[key.Value](reading, value);
            }
        }

        return fault is null ? null : new(step.At, step.Name, fault, step.For, step.Steps);
    }

    private static Step.Repeat? Repeat(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        if (!step.Present.ContainsKey("steps"))
            reading.File.Mistakes.Add(verb.Key.At, "'repeat' has nothing to repeat: expected 'steps' beside it");
        return reading.File.Number(verb.Value, 1, 1_000_000, "how many times, 1 to 1000000") is { } times
            ? new(step.At, step.Name, times, step.Steps)
            : null;
    }

    private static Step.Parallel? Parallel(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        const string Expected = "a list of branches, each a step or a list of steps";
        if (verb.Value is ListNode { Items.Count: > 0 } list)
            return new(step.At, step.Name, [.. list.Items.Select(b =>
                b is ListNode ? Steps(reading, b) : [.. new[] { One(reading, b) }.OfType<Step>()])]);
        if (verb.Value is ListNode)
            reading.File.Mistakes.Add(verb.Value.At, $"an empty list stands here: expected {Expected}");
        else
            reading.File.Wrong(verb.Value, Expected);
        return null;
    }

    private static Step.Sleep? Sleep(ScenarioReading reading, MapEntry verb, StepDraft step) =>
        reading.File.Time(verb.Value) is { } time ? new(step.At, step.Name, time) : null;
}
