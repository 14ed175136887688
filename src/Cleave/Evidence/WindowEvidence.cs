using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;

namespace Cleave.Evidence;

/// <summary>What was counted while one fault was in force.</summary>
/// <param name="Fault">The fault in words.</param>
/// <param name="Verdict">What the counters prove.</param>
/// <param name="Sentence">The same for people: one line.</param>
/// <param name="Edges">When it was in force.</param>
/// <param name="Seconds">How long that was, until now if it still is.</param>
/// <param name="Attempted">Packets that were sent over its pairs: lost or leaked.</param>
/// <param name="Lost">Packets that were lost.</param>
/// <param name="Leaked">Packets that passed although they were cut.</param>
/// <param name="PairCount">How many ordered pairs it cuts.</param>
/// <param name="Pairs">The pairs, in the file's order; of more than 256 those over which something was sent.</param>
public sealed record WindowEvidence(
    string Fault,
    EvidenceVerdict Verdict,
    string Sentence,
    WindowEdges Edges,
    double Seconds,
    Tally Attempted,
    Tally Lost,
    Tally Leaked,
    int PairCount,
    ImmutableArray<PairEvidence> Pairs)
{
    /// <summary>Cleave's own probes that were lost; in no other number.</summary>
    public long Probes { get; init; }

    /// <summary>Broadcasts and multicasts that were lost; in no other number.</summary>
    public long ToMany { get; init; }

    /// <summary>True if packets could not be counted: the numbers are what was seen at least.</summary>
    public bool Incomplete { get; init; }
}

/// <summary>When a window began and ended: each within two times, since the kernel does not say when between them it turned the rules over. Nanoseconds of CLOCK_MONOTONIC.</summary>
/// <param name="BeginsAfter">Before this nothing was lost.</param>
/// <param name="BegunBy">From here on everything was.</param>
/// <param name="EndsAfter">Until here everything was lost; null: it still is.</param>
/// <param name="EndedBy">From here on nothing was; null: it still is.</param>
public sealed record WindowEdges(long BeginsAfter, long BegunBy, long? EndsAfter, long? EndedBy);

/// <summary>Packets and their bytes from the IP header on; what a network card would have cut into several packets counts as the one that the sender's kernel gave it.</summary>
/// <param name="Packets">How many.</param>
/// <param name="Bytes">Their lengths together.</param>
public sealed record Tally(long Packets, long Bytes)
{
    internal static Tally None { get; } = new(0, 0);

    internal Tally Plus(Tally other) => new(Packets + other.Packets, Bytes + other.Bytes);

    /// <summary>What is left, at least nothing.</summary>
    internal Tally Minus(Tally other) => new(Math.Max(0, Packets - other.Packets), Math.Max(0, Bytes - other.Bytes));
}

/// <summary>What was counted of one ordered pair.</summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Attempted">What it sent to the receiver's address.</param>
/// <param name="Lost">What of it was lost.</param>
/// <param name="Leaked">What of it passed.</param>
public sealed record PairEvidence(string From, string To, Tally Attempted, Tally Lost, Tally Leaked)
{
    /// <summary>Cleave's own probes that were lost; in no other number.</summary>
    public long Probes { get; init; }
}

/// <summary>What the counters of a window prove.</summary>
[JsonConverter(typeof(SnakeCaseEnum<EvidenceVerdict>))]
public enum EvidenceVerdict
{
    /// <summary>Something was sent over its pairs, and all of it was lost.</summary>
    Proven,

    /// <summary>Nothing was sent over its pairs, and the scenario says that it may be so.</summary>
    NotAsked,

    /// <summary>Nothing was sent over its pairs, or over one where each was to be proven: it may have done nothing at all.</summary>
    Silent,

    /// <summary>A packet passed although it was cut.</summary>
    Leaked,

    /// <summary>The counters were taken away, so that nobody knows.</summary>
    Unknown,
}

/// <summary>What has to have been sent over the pairs of a fault, or its scenario proves nothing.</summary>
[JsonConverter(typeof(SnakeCaseEnum<TrafficDemand>))]
public enum TrafficDemand
{
    /// <summary>A packet over one of its pairs.</summary>
    Some,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>A packet over every one of its ordered pairs.</summary>
    EveryPair,
}
