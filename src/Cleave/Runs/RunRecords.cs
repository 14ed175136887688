using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;

namespace Cleave.Runs;

/// <summary>What <c>result.json</c> has.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Run">The run's name.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="Version">Which Cleave has run it.</param>
/// <param name="Started">When it began.</param>
/// <param name="Seed">What everything random was drawn with.</param>
/// <param name="Result">How it ended.</param>
public sealed record RunResult(int Schema, string Run, string File, string Version, DateTimeOffset Started, int Seed, ScenarioResult Result);

/// <summary>How a run stands.</summary>
[JsonConverter(typeof(SnakeCaseEnum<RunState>))]
public enum RunState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>Its end is not written: the command that ran it was killed, or the machine.</summary>
    CutOff,

    /// <summary>See <see cref="Verdict.Passed"/>.</summary>
    Passed,

    /// <summary>See <see cref="Verdict.Failed"/>.</summary>
    Failed,

    /// <summary>A fault did not bite, or leaked.</summary>
    Inconclusive,

    /// <summary>See <see cref="Verdict.Error"/>.</summary>
    Error,
}

/// <summary>A run, in a list of runs.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Folder">Absolute path of its folder.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="State">How it stands.</param>
/// <param name="Started">When it began; null if nobody knows.</param>
/// <param name="Seconds">How long the scenario took; null if it has no end.</param>
/// <param name="Seed">What everything random was drawn with.</param>
/// <param name="Failure">What was expected and seen, where; or null.</param>
public sealed record ListedRun(string Run, string Folder, string Scenario, RunState State, DateTimeOffset? Started, double? Seconds, int Seed, string? Failure);

/// <summary>The runs of a lab file.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Runs">Oldest first.</param>
public sealed record RunList(int Schema, ImmutableArray<ListedRun> Runs);

/// <summary>What happened in a run.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Run">Which, and how it stands.</param>
/// <param name="CutOff">Where it was cut off, in words; null: it was not.</param>
/// <param name="Steps">The steps in the order in which they began.</param>
/// <param name="Faults">The times in which something was broken.</param>
public sealed record RunReport(int Schema, ListedRun Run, string? CutOff, ImmutableArray<StepSpan> Steps, ImmutableArray<FaultSpan> Faults)
{
    /// <summary>Of its story.</summary>
    public static RunReport Of(RunStory story, ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(story);
        ArgumentNullException.ThrowIfNull(run);
        return new(ControlJson.Schema, run, StoryText.CutOff(story, run.State), story.Steps, story.Faults);
    }
}

/// <summary>JSON of what runs leave, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(RunReport))]
public sealed partial class RunJson : JsonSerializerContext;
