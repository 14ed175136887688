using System.Globalization;
using System.Text;
using Cleave.Control;
using Cleave.Runs.Report;

namespace Cleave.Runs;

/// <summary>A run for people, as text.</summary>
public static class StoryText
{
    /// <summary>All of it: what was run, what happened, how it ended or where it was cut off.</summary>
    public static string Of(RunStory story, ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(story);
        ArgumentNullException.ThrowIfNull(run);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"run {run.Run}: {Verdict(story, run)}\n");
        if (story.Head is { } head)
        {
            text.Append(CultureInfo.InvariantCulture, $"scenario {head.Scenario} of {head.File}, seed {head.Seed}, cleave {head.Version}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"files: {run.Folder}\n\n");
        foreach (LabEvent happened in story.Events.Where(e => e.Probe is null))
        {
            string[] lines = Line(happened).Split('\n');
            text.Append(CultureInfo.InvariantCulture, $"{RunStory.At(happened),9:0.000}  {Kind(happened),-6}  {lines[0]}\n");
            foreach (string line in lines.Skip(1))
            {
                text.Append("                   ").Append(line).Append('\n');
            }
        }

        foreach (IGrouping<string, ProbeSample> probe in story.Events.Select(e => e.Probe).OfType<ProbeSample>().GroupBy(s => s.Probe))
        {
            var seen = ProbeStatistics.Of(probe);
            text.Append(CultureInfo.InvariantCulture, $"           probe   {probe.Key}: {seen.Asked} asked, {seen.Answered} answered, {seen.Refused} refused, {seen.Silent} without an answer");
            text.Append(seen.Median is { } median ? string.Create(CultureInfo.InvariantCulture, $"; median {median * 1000:0.0} ms, 99 % within {seen.Late * 1000:0.0} ms\n") : "\n");
        }

        text.Append('\n').Append(End(story, run)).Append('\n');
        return text.ToString();
    }

    /// <summary>Where a run that has no end was cut off; null for one that has, or that goes on.</summary>
    public static string? CutOff(RunStory story, RunState state)
    {
        ArgumentNullException.ThrowIfNull(story);
        if (state != RunState.CutOff)
        {
            return null;
        }

        if (story.Began is not { } began)
        {
            return "cut off before anything was recorded";
        }

        string[] open = [.. story.Open.Select(s => s.Text)];
        string during = open.Length == 0 ? "" : $", during {string.Join(", in it ", open)}";
        return string.Create(CultureInfo.InvariantCulture, $"cut off at {began.AddSeconds(story.Length):HH:mm:ss.fff'Z'}, {story.Length:0.000} s after it began{during}");
    }

    private static string Verdict(RunStory story, ListedRun run) => run.State switch
    {
        RunState.Running => "it goes on",
        RunState.CutOff => CutOff(story, run.State)!,
        var state => string.Create(CultureInfo.InvariantCulture, $"{state.ToString().ToLowerInvariant()} after {run.Seconds:0.0} s"),
    };

    private static string End(RunStory story, ListedRun run)
    {
        string damaged = story.Damaged == 0 ? "" : $"\n{story.Damaged} {(story.Damaged == 1 ? "line" : "lines")} of {RunFolder.EventsName} could not be read";
        return (run.State switch
        {
            RunState.Running => "it goes on",
            RunState.CutOff => $"{CutOff(story, run.State)}: who ran it was killed, or the machine ended, or the disk was full; the logs have what the nodes printed until then",
            var state => $"{state.ToString().ToUpperInvariant()}{(run.Failure is null ? "" : $"  {run.Failure}")}",
        }) + damaged;
    }

    private static string Kind(LabEvent happened) => happened switch
    {
        { Saved: not null } => "saved",
        { Kind: EventKind.Step, Step: null } => "output",
        _ => happened.Kind.ToString().ToLowerInvariant(),
    };

    private static string Line(LabEvent happened) => happened switch
    {
        { Saved: { } saved } => $"{saved.Name} = {saved.Value}",
        { Check: { Holds: false, Seen: { } seen } } => $"{happened.Text}; {seen}",
        { Node: { } node } => $"{node} {happened.Text}",
        _ => happened.Text,
    };
}
