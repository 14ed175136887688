using System.Collections.Immutable;

namespace Cleave.Runs.Report;

/// <summary>What was counted of an ordered pair while a fault was in force.</summary>
internal sealed record WindowPair(string From, string To, long? Attempted, long? Lost, long? Leaked);

/// <summary>A time in which something was broken, as the report shows it.</summary>
/// <param name="Label">What it is called in drawings: A, B, … AA.</param>
/// <param name="Text">The faults in words.</param>
/// <param name="From">Since when, in seconds of the run.</param>
/// <param name="To">Until when; of one without an end, the end of the run.</param>
/// <param name="HasEnd">Whether its end is known.</param>
/// <param name="PairCount">How many ordered pairs it cut.</param>
/// <param name="Pairs">Those of which something is known.</param>
internal sealed record RunWindow(string Label, string Text, double From, double To, bool HasEnd, int PairCount, ImmutableArray<WindowPair> Pairs)
{
    /// <summary>What the counters prove, in a word; null: nothing was counted.</summary>
    public string? Verdict { get; init; }

    /// <summary>The same in a sentence.</summary>
    public string? Sentence { get; init; }

    /// <summary>Packets that were sent over its pairs; null: nothing was counted.</summary>
    public long? Attempted { get; init; }

    /// <summary>Packets that were lost.</summary>
    public long? Lost { get; init; }

    /// <summary>Packets that passed although they were cut.</summary>
    public long? Leaked { get; init; }

    /// <summary>The nodes that it concerned.</summary>
    public IEnumerable<string> Nodes => Pairs.SelectMany(p => (string[])[p.From, p.To]).Distinct(StringComparer.Ordinal);

    /// <summary>All windows of a run, in the order in which they began.</summary>
    public static ImmutableArray<RunWindow> Of(RunStory story) =>
    [
        .. story.Faults.Select((f, i) => new RunWindow(
            LabelOf(i),
            string.Join("; ", f.Mark.InForce),
            f.From,
            f.To ?? story.Length,
            f.To is not null,
            f.Mark.Pairs,
            [.. (f.Mark.Cuts ?? []).Select(c => new WindowPair(c[0], c[1], null, null, null))])),
    ];

    /// <summary>As spreadsheets name columns.</summary>
    internal static string LabelOf(int number) => (number >= 26 ? LabelOf((number / 26) - 1) : "") + (char)('A' + (number % 26));
}
