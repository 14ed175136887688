using System.Collections.Immutable;
using Cleave.Evidence;

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
    /// <summary>Whether the scenario may build on it: the counters prove it, or need not.</summary>
    public bool IsGood { get; init; }

    /// <summary>What the counters prove, in a sentence; null: nothing was counted.</summary>
    public string? Sentence { get; init; }

    /// <summary>Packets that were sent over its pairs; null: nothing was counted.</summary>
    public long? Attempted { get; init; }

    /// <summary>Packets that were lost.</summary>
    public long? Lost { get; init; }

    /// <summary>Packets that passed although they were cut.</summary>
    public long? Leaked { get; init; }

    /// <summary>The nodes that it concerned.</summary>
    public IEnumerable<string> Nodes => Pairs.SelectMany(p => (string[])[p.From, p.To]).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// All windows of a run, in the order in which they began: one a fault that something was counted of; and what was broken without that, names that fail
    /// for instance, or what has no end.
    /// </summary>
    public static ImmutableArray<RunWindow> Of(RunStory story)
    {
        WindowEvidence[] counted = [.. story.Events.Select(e => e.Evidence).OfType<WindowEvidence>()];
        var faults = counted.Select(w => w.Fault).ToHashSet(StringComparer.Ordinal);
        IEnumerable<RunWindow> others = story.Faults.Where(f => f.To is null || !f.Mark.InForce.Any(faults.Contains)).Select(f => Of(f, story.Length));
        return [.. counted.Select(w => Of(w, story)).Concat(others).OrderBy(w => w.From).Select((w, i) => w with { Label = LabelOf(i) })];
    }

    private static RunWindow Of(FaultSpan span, double length) => new(
        "",
        string.Join("; ", span.Mark.InForce),
        span.From,
        span.To ?? length,
        span.To is not null,
        span.Mark.Pairs,
        [.. (span.Mark.Cuts ?? []).Select(c => new WindowPair(c[0], c[1], null, null, null))]);

    private static RunWindow Of(WindowEvidence window, RunStory story)
    {
        long clock = story.Head?.Clock ?? window.Edges.BegunBy;
        return new(
            "",
            window.Fault,
            (window.Edges.BegunBy - clock) / 1e9,
            window.Edges.EndsAfter is { } end ? (end - clock) / 1e9 : story.Length,
            window.Edges.EndsAfter is not null,
            window.PairCount,
            [.. window.Pairs.Select(p => new WindowPair(p.From, p.To, p.Attempted.Packets, p.Lost.Packets, p.Leaked.Packets))])
        {
            IsGood = window.Verdict is EvidenceVerdict.Proven or EvidenceVerdict.NotAsked,
            Sentence = window.Sentence + (window.Incomplete ? " Not all could be counted." : ""),
            Attempted = window.Attempted.Packets,
            Lost = window.Lost.Packets,
            Leaked = window.Leaked.Packets,
        };
    }

    /// <summary>As spreadsheets name columns.</summary>
    internal static string LabelOf(int number) => (number >= 26 ? LabelOf((number / 26) - 1) : "") + (char)('A' + (number % 26));
}
