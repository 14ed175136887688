using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Linux;
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

    public TimeSpan? Every { get; set; }

    public ImmutableArray<Step> Steps { get; set; } = [];

    public string? Save { get; set; }

    public int? Signal { get; set; }

    /// <summary>The siblings that are there, well or badly written, and where.</summary>
    public Dictionary<string, Location> Present { get; } = [];
}

/// <summary>A verb of a step, described.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What may stand at it.</param>
/// <param name="About">What it does, in a sentence or two, in Markdown.</param>
/// <param name="Siblings">The keys that may stand beside it, <c>name</c> apart, which always may.</param>
/// <param name="Read">Makes the step of it; null if there is a mistake, which is reported.</param>
internal sealed record StepVerb(
    string Name, Shape Value, string About, ImmutableArray<string> Siblings, Func<ScenarioReading, MapEntry, StepDraft, Step?> Read)
{
    /// <summary>For a fault, or what ends one: reads it. Null for other verbs.</summary>
    public Func<ScenarioReading, YamlNode, Fault?>? Fault { get; private init; }

    /// <summary>Whether it can be in force for a time, in <c>during</c>.</summary>
    public bool IsScope { get; private init; }

    /// <summary>Whether it needs no value, so that the verb is a step by itself.</summary>
    public bool MayStandAlone => Fault is not null && Value is Shape.Nothing or Shape.AnyOf { Shapes: [Shape.Nothing, ..] };

    /// <summary>A verb that puts a fault in force.</summary>
    public static StepVerb Puts(string name, Shape value, string about, Func<ScenarioReading, YamlNode, Fault?> read) =>
        Ends(name, value, about, read) with { IsScope = true };

    /// <summary>A verb that ends faults.</summary>
    public static StepVerb Ends(string name, Shape value, string about, Func<ScenarioReading, YamlNode, Fault?> read) =>
        new(name, value, about, [], (reading, verb, step) =>
            read(reading, verb.Value) is { } fault ? new Step.Apply(step.At, step.Name, fault) : null)
        {
            Fault = read,
        };
}

/// <summary>A key that may stand beside a verb, described.</summary>
internal sealed record StepSibling(string Name, Shape Value, string About, Action<StepDraft, YamlNode> Take);

/// <summary>Reads steps: one verb each, with the siblings that the verb takes.</summary>
internal static class StepReader
{
    /// <summary>Where commands run if the step does not say.</summary>
    public const string Fabric = "fabric";

    // A new verb is an entry of the first table, a new sibling of the second; the reference page and the schema for editors are made of them.
    private static readonly StepVerb[] Table =
    [
        StepVerb.Puts("isolate", FaultReader.OfNodes, "Each of these nodes is alone, from each other too.", FaultReader.Isolate),
        StepVerb.Puts("split", FaultReader.OfClusters,
            "Clusters that may overlap: a pair is kept if some cluster has both. Nodes not listed are alone.", FaultReader.Split),
        StepVerb.Puts("disjoint", FaultReader.OfClusters, "Clusters, every node in exactly one; pairs across them are cut.", FaultReader.Disjoint),
        StepVerb.Puts("partial", FaultReader.OfClusters, "Clusters that are cut from each other, while nodes in none of them see everybody.", FaultReader.Partial),
        StepVerb.Puts("halves", FaultReader.OfOrder, "Two halves, of an odd number the first smaller.", FaultReader.Halves),
        StepVerb.Puts("minority-third", FaultReader.OfOrder, "The first nodes, fewer than a third, cut from the rest; of four nodes or more.", FaultReader.MinorityThird),
        StepVerb.Puts("bridge", FaultReader.OfBridge, "Two halves, and one node that sees both.", FaultReader.Bridge),
        StepVerb.Puts("ring", FaultReader.OfOrder, "Every node sees a majority, itself included, and no two the same one; of four nodes or more.", FaultReader.Ring),
        StepVerb.Puts("cut", new Shape.Mapping(() => PairReader.CutTable),
            "Pairs whose packets are lost, on top of what is cut already.", FaultReader.Cut),
        StepVerb.Puts("dns", DnsFaultReader.Shape, "Names that fail in every node, on top of those that fail already: of nodes, whose addresses `/etc/hosts` then leaves out, or of the internet.",
            DnsFaultReader.Read),
        StepVerb.Ends("mend", new Shape.Mapping(() => PairReader.MendTable), "Pairs that are no longer cut.", FaultReader.Mend),
        StepVerb.Ends("heal", new Shape.Nothing(), "Ends the partition and every cut, and names fail no more. May stand as a step of its own, without a colon.", FaultReader.Heal),
        new("during", new Shape.Fault(), "A fault as a scope: in force for the time, or while the steps run; healed on every way out.", ["for", "steps"], During),
        new("repeat", new Shape.Number(1, 1_000_000), "The steps, so many times.", ["steps"], Repeat),
        new("parallel", new Shape.ListOf(Shape.Any(new Shape.Step(), new Shape.ListOf(new Shape.Step()))),
            "Branches that run at the same time, each a step or a list of steps; when one fails, the others are stopped.", [], Parallel),
        new("sleep", Shape.Time, "Waits.", [], Sleep),
        new("run", Shape.Command, "Runs a command and expects exit code 0.", ["node", "within", "save"], CommandReader.Run),
        new("expect", new Shape.Mapping(() => ExpectReader.Table),
            "Checks who reaches whom, how a command ends and what it prints, the state of programs, or lines in their logs: once, or `within` or `for` a time.",
            ["within", "for"], ExpectReader.Expect),
        new("always", new Shape.Mapping(() => ExpectReader.Table),
            "A check, written as at `expect`, that must hold all the while the steps run: the first violation fails the scenario.",
            ["for", "steps", "every"], AlwaysReader.Always),
        new("never", new Shape.Mapping(() => ExpectReader.Table), "The same, and the check must not hold once.", ["for", "steps", "every"], AlwaysReader.Never),
        new("wait", new Shape.Mapping(() => WaitReader.Table),
            "Waits until nodes are ready, a line is logged, or a command succeeds: for `30s` at most, if `within` does not say otherwise.",
            ["within"], WaitReader.Wait),
        new("probe", new Shape.Mapping(() => ProbeReader.Table),
            "Asks again and again, from now until the end of the scenario, and records how long answers took and what was not answered, for the [report](runs.md). It fails nothing.",
            [], ProbeReader.Probe),
        new("start", NodeStepReader.Targets, "Starts the programs of these nodes where they do not run; goes on when they have been executed.", [], NodeStepReader.For(NodeVerb.Start)),
        new("stop", NodeStepReader.Targets, "Ends their programs as the node's `stop` says, and leaves them ended; what a step or `cleave exec` runs there stays.", [], NodeStepReader.For(NodeVerb.Stop)),
        new("kill", NodeStepReader.Targets,
            "KILL to every process of these nodes, as a crash; the node's `restart` applies. With `signal`: that signal to their programs alone.", ["signal"], NodeStepReader.For(NodeVerb.Kill)),
        new("pause", NodeStepReader.Targets, "Stops every process of a node in one instant, as a machine that hangs.", [], NodeStepReader.For(NodeVerb.Pause)),
        new("resume", NodeStepReader.Targets, "Lets the processes of paused nodes go on.", [], NodeStepReader.For(NodeVerb.Resume)),
        new("restart", NodeStepReader.Targets, "Stops and starts their programs.", [], NodeStepReader.For(NodeVerb.Restart)),
    ];

    private static readonly StepSibling[] SiblingTable =
    [
        new("name", Shape.AnyText, "What the author calls the step; shown when it begins and when it fails.",
            (step, value) => step.Name = step.Reading.File.Text(value, "a name for the step")),
        new("node", Shape.Any(Shape.OneOf(Fabric), Shape.NodeName), "Where the command runs: the fabric by default.",
            (step, value) => step.Node = step.Reading.Names.One(value, Fabric) ?? Fabric),
        new("within", Shape.Time, "Eventually: tried again until it holds, for so long at most.",
            (step, value) => step.Within = step.Reading.File.Time(value)),
        new("for", Shape.Time, "How long the fault is in force; beside `expect`, `always` and `never`: how long the check is watched.",
            (step, value) => step.For = step.Reading.File.Time(value)),
        new("every", Shape.Time, "From one look of `always` or `never` to the next: `100ms` by default.",
            (step, value) => step.Every = step.Reading.File.Time(value)),
        new("steps", new Shape.ListOf(new Shape.Step()), "What is done meanwhile, or repeated.",
            (step, value) => step.Steps = Steps(step.Reading, value)),
        new("save", new Shape.Text("a name: letters, digits and `_`", "leader", "^[A-Za-z_][A-Za-z0-9_]*$"),
            "Keeps what the command printed, as `${save.NAME}` in later steps.",
            (step, value) => step.Save = CommandReader.Save(step.Reading, value)),
        new("signal", Shape.Any(Shape.OneOf([.. Signals.Names]), new Shape.Number(1, 64)), "The signal, by name or number; KILL if it is left out.",
            (step, value) => step.Signal = LifeReader.Signal(step.Reading.File, value)),
    ];

    private static readonly Dictionary<string, StepVerb> ByName = Table.ToDictionary(v => v.Name);
    private static readonly Dictionary<string, StepSibling> Siblings = SiblingTable.ToDictionary(s => s.Name);
    private static readonly string[] VerbNames = [.. ByName.Keys];
    private static readonly string[] FaultsOfDuring = [.. Table.Where(v => v.IsScope).Select(v => v.Name)];
    private static readonly string[] All = [.. VerbNames, .. Siblings.Keys];

    /// <summary>The verbs, in the order in which they are explained.</summary>
    public static IReadOnlyList<StepVerb> Verbs => Table;

    /// <summary>What may stand beside verbs.</summary>
    public static IReadOnlyList<StepSibling> AllSiblings => SiblingTable;

    /// <summary>A list of steps that is not empty.</summary>
    public static ImmutableArray<Step> Steps(ScenarioReading reading, YamlNode node)
    {
        const string Expected = "a list of steps";
        return [.. reading.File.Items(node, Expected).Select(i => One(reading, i)).OfType<Step>()];
    }

    private static Step? One(ScenarioReading reading, YamlNode node)
    {
        switch (node)
        {
            case TextNode text when ByName.GetValueOrDefault(text.Value) is { MayStandAlone: true } verb:
                return new Step.Apply(node.At, Name: null, verb.Fault!(reading, new TextNode(node.At, "", IsPlain: true))!);
            case TextNode { IsEmpty: false } text:
                if (VerbNames.Contains(text.Value))
                    reading.File.Mistakes.Add(node.At, $"{Quote.Text(text.Value)} stands alone: expected '{text.Value}:' and its value");
                else
                    reading.File.Mistakes.AddUnknown(node.At,
                        $"{Quote.Text(text.Value)} is no step: expected 'heal', or a mapping with one of {Quote.Choices(VerbNames)}",
                        text.Value, VerbNames);
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
        var verbs = map.Entries.Where(e => VerbNames.Contains(e.Key.Value)).ToList();
        var unknown = map.Entries.Where(e => !All.Contains(e.Key.Value)).ToList();
        foreach (var (key, _) in unknown)
            reading.File.Mistakes.AddUnknown(key.At,
                $"{Quote.Text(key.Value)} is no verb and no sibling of one: "
                + $"expected {Quote.Choices(verbs.Count == 0 ? VerbNames : [.. Siblings.Keys])}",
                key.Value, verbs.Count == 0 ? All : [.. Siblings.Keys]);
        if (verbs.Count == 0 && unknown.Count == 0)
            reading.File.Mistakes.Add(map.At, $"a step without a verb stands here: expected one of {Quote.Choices(VerbNames)}");
        foreach (var (key, _) in verbs.Skip(1))
            reading.File.Mistakes.Add(key.At,
                $"{Quote.Text(key.Value)} stands beside {Quote.Text(verbs[0].Key.Value)} in one step: "
                + "expected one verb; make it a step of its own");

        var step = new StepDraft(map.At, reading);
        foreach (var (key, value) in map.Entries)
        {
            if (!Siblings.TryGetValue(key.Value, out var sibling))
                continue;
            sibling.Take(step, value);
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

    private static ImmutableArray<string> SiblingsOf(string verb) => ByName[verb].Siblings;

    private static Step? Read(ScenarioReading reading, MapEntry verb, StepDraft step) => ByName[verb.Key.Value].Read(reading, verb, step);

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
        Fault.Loss? fault = null;
        var faults = 0;
        foreach (var (key, value) in map.Entries)
        {
            if (ByName.GetValueOrDefault(key.Value) is { Fault: not null, IsScope: false })
                mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no fault: "
                    + $"expected one of {Quote.Choices(FaultsOfDuring)}; 'during' itself heals at its end");
            else if (!FaultsOfDuring.Contains(key.Value))
                mistakes.AddUnknown(key.At, $"{Quote.Text(key.Value)} is no fault: expected one of {Quote.Choices(FaultsOfDuring)}",
                    key.Value, FaultsOfDuring);
            else if (++faults == 1)
                fault = (Fault.Loss?)ByName[key.Value].Fault!(reading, value);
            else
            {
                mistakes.Add(key.At, $"{Quote.Text(key.Value)} is a second fault: expected one; put a 'during' into the steps of another");
                _ = ByName[key.Value].Fault!(reading, value);
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
