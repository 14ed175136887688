using System.Text.Json.Serialization;

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

    /// <summary>For the beginning and the end of a scenario's step: which; null otherwise.</summary>
    public StepMark? Step { get; init; }
}

/// <summary>The beginning or the end of a step, or of a scenario as a whole.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="At">Where it stands in the lab file, as line:column.</param>
/// <param name="Verb">Its verb; "scenario" for the whole.</param>
/// <param name="Name">What the author calls it, or null; for the whole the scenario's name.</param>
/// <param name="Seconds">How long it took; null at its beginning.</param>
public sealed record StepMark(string Scenario, string At, string Verb, string? Name, double? Seconds);

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
}
