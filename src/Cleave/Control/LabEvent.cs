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

    /// <summary>A scenario's step began, or ended badly.</summary>
    Step,

    /// <summary>The lab as a whole.</summary>
    Lab,
}
