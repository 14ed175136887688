using System.Collections.Immutable;
using Cleave.Control;

namespace Cleave.Runs;

/// <summary>A step as it was carried out.</summary>
/// <param name="Mark">Which.</param>
/// <param name="Text">What it is called.</param>
/// <param name="From">When it began, in seconds of the run.</param>
/// <param name="To">When it ended; null: it has no end.</param>
/// <param name="End">How: done, failed or stopped; null: it has no end.</param>
/// <param name="Depth">How many steps it stood in.</param>
public sealed record StepSpan(StepMark Mark, string Text, double From, double? To, string? End, int Depth);

/// <summary>A time in which the same was broken.</summary>
/// <param name="Mark">What.</param>
/// <param name="From">Since when, in seconds of the run.</param>
/// <param name="To">Until when; null: it has no end.</param>
public sealed record FaultSpan(FaultMark Mark, double From, double? To);

/// <summary>What a run's events tell. Pure: made of the events alone.</summary>
public sealed record RunStory
{
    private static readonly string[] Containers = ["during", "repeat", "parallel", "always", "never"];

    /// <summary>What was run; null if the first event is missing.</summary>
    public RunHead? Head { get; private init; }

    /// <summary>All events, in order.</summary>
    public required ImmutableArray<LabEvent> Events { get; init; }

    /// <summary>How many lines of the file could not be read.</summary>
    public int Damaged { get; private init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? Began { get; private init; }

    /// <summary>When the last event was, in seconds of the run.</summary>
    public double Length { get; private init; }

    /// <summary>How it ended; null: it has no end.</summary>
    public ScenarioResult? Result { get; private init; }

    /// <summary>The steps in the order in which they began, without the scenario as a whole.</summary>
    public ImmutableArray<StepSpan> Steps { get; private init; } = [];

    /// <summary>The times in which something was broken.</summary>
    public ImmutableArray<FaultSpan> Faults { get; private init; } = [];

    /// <summary>The steps that have begun and not ended.</summary>
    public IEnumerable<StepSpan> Open => Steps.Where(s => s.To is null);

    /// <summary>The seconds of an event.</summary>
    public static double At(LabEvent happened) => happened.At ?? 0;

    /// <summary>Puts together what belongs together.</summary>
    public static RunStory Of(EventStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ImmutableArray<LabEvent> events = stream.Events;
        return new RunStory
        {
            Head = events.FirstOrDefault(e => e.Run is not null)?.Run,
            Events = events,
            Damaged = stream.Damaged + (stream.IsTorn ? 1 : 0),
            Began = events.FirstOrDefault()?.Time,
            Length = events.IsEmpty ? 0 : events.Max(At),
            Result = events.LastOrDefault(e => e.Result is not null)?.Result,
            Steps = StepsOf(events),
            Faults = FaultsOf(events),
        };
    }

    private static ImmutableArray<StepSpan> StepsOf(ImmutableArray<LabEvent> events)
    {
        var spans = new List<StepSpan>();
        var open = new List<int>();
        foreach (LabEvent happened in events)
        {
            if (happened.Step is not { } mark)
            {
                continue;
            }

            if (mark.End is null && mark.Seconds is null)
            {
                int depth = open.Count(o => Containers.Contains(spans[o].Mark.Verb));
                open.Add(spans.Count);
                spans.Add(new(mark, happened.Text, At(happened), null, null, depth));
                continue;
            }

            int begun = open.FindLastIndex(o => spans[o].Mark.At == mark.At && spans[o].Mark.Verb == mark.Verb);
            if (begun >= 0)
            {
                spans[open[begun]] = spans[open[begun]] with { To = At(happened), End = mark.End };
                open.RemoveAt(begun);
            }
        }

        return [.. spans.Where(s => s.Mark.Verb != "scenario")];
    }

    private static ImmutableArray<FaultSpan> FaultsOf(ImmutableArray<LabEvent> events)
    {
        var spans = ImmutableArray.CreateBuilder<FaultSpan>();
        FaultMark? last = null;
        foreach (FaultMark mark in events.Select(e => e.Fault).OfType<FaultMark>())
        {
            if (last is { InForce.IsEmpty: false })
            {
                spans.Add(new(last, last.To, mark.From));
            }

            last = mark;
        }

        if (last is { InForce.IsEmpty: false })
        {
            spans.Add(new(last, last.To, null));
        }

        return spans.ToImmutable();
    }
}
