using System.Text.Json.Serialization;
using Cleave.Evidence;
using Cleave.Runs;

namespace Cleave.Control;

/// <summary>Something that happened in a lab, in the order it happened.</summary>
/// <param name="Time">When, by the wall clock.</param>
/// <param name="Kind">What.</param>
/// <param name="Node">The node concerned, or null for the lab.</param>
/// <param name="Text">A line of its log, or a sentence.</param>
public sealed record LabEvent(DateTimeOffset Time, EventKind Kind, string? Node, string Text)
{
    /// <summary>The version of this record; 1.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema => ControlJson.Schema;

    /// <summary>When, in seconds since the run or the lab began, by a clock that nobody sets.</summary>
    public double? At { get; init; }

    /// <summary>For the beginning and the end of a scenario's step: which; null otherwise.</summary>
    public StepMark? Step { get; init; }

    /// <summary>For a change of what is broken: what is, from then on; null otherwise.</summary>
    public FaultMark? Fault { get; init; }

    /// <summary>For a program that starts, becomes ready or ends: its number and how; null otherwise.</summary>
    public ProgramMark? Program { get; init; }

    /// <summary>For a check of a scenario: what it expected, and whether it held; null otherwise.</summary>
    public CheckMark? Check { get; init; }

    /// <summary>For a value that a step has saved; null otherwise.</summary>
    public SavedMark? Saved { get; init; }

    /// <summary>For a question of a probe: what came of it; null otherwise.</summary>
    public ProbeSample? Probe { get; init; }

    /// <summary>For the first event of a run: what is run; null otherwise.</summary>
    public RunHead? Run { get; init; }

    /// <summary>For the last event of a run: how it ended; null otherwise.</summary>
    public ScenarioResult? Result { get; init; }

    /// <summary>For the end of a fault: what was counted while it was in force; null otherwise.</summary>
    public WindowEvidence? Evidence { get; init; }
}

/// <summary>The beginning or the end of a step, or of a scenario as a whole.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="At">Where it stands in the lab file, as line:column.</param>
/// <param name="Verb">Its verb; "scenario" for the whole.</param>
/// <param name="Name">What the author calls it, or null; for the whole the scenario's name.</param>
/// <param name="Seconds">How long it took; null at its beginning.</param>
public sealed record StepMark(string Scenario, string At, string Verb, string? Name, double? Seconds)
{
    /// <summary>How it ended: done, failed or stopped; of the whole the verdict. Null at its beginning.</summary>
    public string? End { get; init; }
}

/// <summary>Kinds of <see cref="LabEvent"/>.</summary>
[JsonConverter(typeof(SnakeCaseEnum<EventKind>))]
public enum EventKind
{
    /// <summary>A line that a program printed.</summary>
    Log,

    /// <summary>A program started, became ready or ended.</summary>
    Node,

    /// <summary>A fault was put in force or healed.</summary>
    Fault,

    /// <summary>A scenario or one of its steps began or ended, or its command printed something.</summary>
    Step,

    /// <summary>The lab as a whole.</summary>
    Lab,

    /// <summary>A check of a scenario held or did not, or a value was saved.</summary>
    Check,

    /// <summary>A run began or ended.</summary>
    Run,

    /// <summary>A probe asked, and was answered or not.</summary>
    Probe,
}
