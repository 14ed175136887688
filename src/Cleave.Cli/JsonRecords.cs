using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Doctor;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Cli;

/// <summary>The labs of the user on this machine.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Labs">Oldest first.</param>
internal sealed record LabList(int Schema, ImmutableArray<ListedLab> Labs)
{
    public static LabList Of(IEnumerable<LabRecord> labs) => new(ControlJson.Schema, [.. labs.Select(ListedLab.Of)]);
}

/// <summary>One of them.</summary>
/// <param name="Id">Its id.</param>
/// <param name="File">Absolute path of its lab file.</param>
/// <param name="Started">When it was started.</param>
/// <param name="Logs">Absolute path of the folder with its logs, which stays after its end.</param>
/// <param name="Version">The version of Cleave that started it; another one than ours can only list it and end it.</param>
internal sealed record ListedLab(string Id, string File, DateTimeOffset Started, string Logs, string? Version)
{
    public static ListedLab Of(LabRecord lab) => new(lab.Id, lab.File, lab.Started, Path.Combine(lab.State, "logs"), lab.Version);
}

/// <summary>The processes of a lab.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Lab">The lab's id.</param>
/// <param name="Processes">The lab host first, then by node in the file's order, and by number.</param>
internal sealed record ProcessList(int Schema, string Lab, ImmutableArray<LabProcess> Processes);

/// <summary>Published ports of a node.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Lab">The lab's id.</param>
/// <param name="Ports">In the file's order.</param>
internal sealed record PortList(int Schema, string Lab, ImmutableArray<PortRecord> Ports);

/// <summary>What <c>test</c> found.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="ExitCode">What <c>test</c> exits with.</param>
/// <param name="Scenarios">In the order in which they ran.</param>
internal sealed record TestReport(int Schema, string File, int ExitCode, ImmutableArray<ScenarioResult> Scenarios)
{
    /// <summary>What everything random of the first repetition was drawn with.</summary>
    public int Seed { get; init; }

    /// <summary>How often each scenario did not pass, if they ran more than once.</summary>
    public ImmutableArray<FlakeRate> Rates { get; init; } = [];
}

/// <summary>The scenarios of a lab file.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="Scenarios">In the file's order.</param>
internal sealed record ScenarioList(int Schema, string File, ImmutableArray<ListedScenario> Scenarios);

/// <summary>One of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Line">The line of the file where it begins.</param>
/// <param name="Steps">How many steps are written there, those within others counted.</param>
internal sealed record ListedScenario(string Name, int Line, int Steps)
{
    public static ListedScenario Of(Scenario scenario) => new(scenario.Name, scenario.At.Line, Count(scenario.Steps));

    private static int Count(ImmutableArray<Step> steps) => steps.Sum(s => 1 + Count(s.Inner));
}

/// <summary>What <c>validate</c> found in a lab file.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="File">Its path.</param>
/// <param name="Valid">True if it has no mistakes.</param>
/// <param name="Networks">Names, in the file's order; empty if it has mistakes.</param>
/// <param name="Links">Names, in the file's order; empty if it has mistakes.</param>
/// <param name="Nodes">Names, in the file's order; empty if it has mistakes.</param>
/// <param name="Scenarios">Names, in the file's order; empty if it has mistakes.</param>
/// <param name="Diagnostics">Its mistakes, in the file's order.</param>
/// <param name="Warnings">What its size brings with it on any machine; no mistakes.</param>
internal sealed record FileReport(
    int Schema,
    string File,
    bool Valid,
    ImmutableArray<string> Networks,
    ImmutableArray<string> Links,
    ImmutableArray<string> Nodes,
    ImmutableArray<string> Scenarios,
    ImmutableArray<FileMistake> Diagnostics,
    ImmutableArray<string> Warnings)
{
    public static FileReport Of(string file, ReadResult read) => new(
        ControlJson.Schema,
        read.Topology?.File ?? file,
        read.Topology is not null,
        [.. read.Topology?.Bridges.Select(n => n.Name) ?? []],
        [.. read.Topology?.Links.Select(n => n.Name) ?? []],
        [.. read.Topology?.Nodes.Select(n => n.Name) ?? []],
        [.. read.Topology?.Scenarios.Select(s => s.Name) ?? []],
        [.. read.Diagnostics.Select(d => new FileMistake(d.File, d.At.Line, d.At.Column, d.Message, d.Suggestion))],
        read.Topology is { } topology ? SizeWarnings.Of(topology) : []);
}

/// <summary>A mistake in a lab file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">Where the offending text begins, from 1.</param>
/// <param name="Column">The same, from 1.</param>
/// <param name="Message">What is wrong, and what was expected.</param>
/// <param name="Suggestion">The nearest valid name, or null.</param>
internal sealed record FileMistake(string File, int Line, int Column, string Message, string? Suggestion);

/// <summary>What a lab is made of.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="Files">What commands copy: texts that several nodes see, told once.</param>
/// <param name="Operations">In the order in which they are carried out.</param>
internal sealed record PlanReport(int Schema, string File, ImmutableArray<PlannedFile> Files, ImmutableArray<PlannedOperation> Operations);

/// <summary>A file that is there before the commands of nodes' rooms are run.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Text">What is in it.</param>
internal sealed record PlannedFile(string Path, string Text);

/// <summary>One thing to do to the kernel.</summary>
/// <param name="Operation">What, in snake case: create_veth.</param>
/// <param name="At">The node, or "fabric".</param>
/// <param name="Command">What does the same in a shell; may be several lines.</param>
internal sealed record PlannedOperation(string Operation, string At, string Command);

/// <summary>JSON of what only the command line prints; what labs say is in <see cref="ControlJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LabList))]
[JsonSerializable(typeof(ProcessList))]
[JsonSerializable(typeof(PortList))]
[JsonSerializable(typeof(TestReport))]
[JsonSerializable(typeof(ScenarioList))]
[JsonSerializable(typeof(FileReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(GatewayReport))]
internal sealed partial class CliJson : JsonSerializerContext;
