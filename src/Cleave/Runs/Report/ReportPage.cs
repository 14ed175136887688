using System.Collections.Immutable;
using System.Globalization;

namespace Cleave.Runs.Report;

/// <summary>
/// A run as one HTML page that needs nothing but itself: no network, no font, no script. What is drawn stands in tables, too. Made of the run's
/// events alone; pure.
/// </summary>
public static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Of(RunStory story, ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(story);
        ArgumentNullException.ThrowIfNull(run);
        ImmutableArray<RunWindow> windows = RunWindow.Of(story);
        var scale = new Scale(story.Length);
        var page = new Markup();
        string name = run.Scenario.Length > 0 ? run.Scenario : run.Run;
        string state = Word(run.State);
        page.Raw("<!DOCTYPE html>\n").Open("html", "lang", "en").Open("head").Raw("<meta charset=\"utf-8\"/>");
        page.Raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline'\"/>\n");
        page.Say("title", $"{name}: {state}").Raw($"\n<style>\n{ReportStyle.Sheet}\n</style>").CloseLine();
        page.Open("body").Say("a", "Skip to the timeline", "class", "skip", "href", "#timeline").Open("main");
        Head(page, story, run, name, state);
        page.Say("h2", "Timeline", "id", "timeline");
        if (story.Events.IsEmpty)
        {
            page.Say("p", "Nothing was recorded.");
        }
        else
        {
            page.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Timeline");
            TimelineDrawing.Write(page, story, windows, scale);
            page.CloseLine();
            Legend(page, story);
        }

        Faults(page, story, windows);
        ProbesOf(page, story, windows, scale);
        if (story.Head is { } head)
        {
            page.Say("h2", "The lab", "id", "lab");
            TopologyDrawing.Write(page, head);
        }

        Details(page, story);
        page.Say("p", $"Made by cleave {story.Head?.Version} from {RunFolder.EventsName}, which has all of it; what nodes printed is in logs/.", "class", "legend");
        page.Close().Close().CloseLine();
        return page.ToString();
    }

    private static void Head(Markup page, RunStory story, ListedRun run, string name, string state)
    {
        page.Open("h1").Text($"{name} ").Say("span", state, "class", $"verdict {run.State switch { RunState.CutOff => "cut_off", var s => s.ToString().ToLowerInvariant() }}").CloseLine();
        if (run.Failure is { } failure)
        {
            page.Say("pre", failure);
        }

        if (StoryText.CutOff(story, run.State) is { } cut)
        {
            page.Say("pre", cut);
        }

        page.Open("dl");
        Fact("run", run.Run);
        if (story.Head is { } head)
        {
            Fact("lab file", head.File);
            Fact("seed", head.Seed.ToString(CultureInfo.InvariantCulture));
        }

        if (story.Began is { } began)
        {
            Fact("began", began.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        }

        Fact("scenario took", run.Seconds is { } seconds ? Markup.Seconds(seconds) : "–");
        Fact("whole run", Markup.Seconds(story.Length));
        if (story.Damaged > 0)
        {
            Fact("damaged lines", story.Damaged.ToString(CultureInfo.InvariantCulture));
        }

        page.CloseLine();

        void Fact(string what, string value) => page.Say("dt", what).Say("dd", value);
    }

    private static void Legend(Markup page, RunStory story)
    {
        int nodes = story.Head?.Nodes.Length ?? 0;
        page.Say("p", "Shaded from top to bottom: a fault is in force (its letter leads to the table); darker in the lanes of the nodes that it cuts. Checks: a dot held, a cross did not. "
            + "Nodes: the bar is the running program, hollow while it is paused, a triangle its becoming ready, a square an end that was asked for, a cross one that was not.", "class", "legend");
        if (nodes > TimelineDrawing.MostLanes)
        {
            page.Say("p", $"{nodes - TimelineDrawing.MostLanes} of {nodes} nodes are left out here, those with least to see.", "class", "legend");
        }
    }

    private static void Faults(Markup page, RunStory story, ImmutableArray<RunWindow> windows)
    {
        page.Say("h2", "Faults", "id", "faults");
        if (windows.IsEmpty)
        {
            page.Say("p", "Nothing was broken.");
            return;
        }

        ReportTables.Windows(page, windows, story.Length);
        page.Say("h3", "Pairs");
        page.Say("p", "Who loses what on the way to whom: ✕ with the number of packets that were lost; a leak is a packet that passed although it was cut.", "class", "legend");
        ReportTables.Matrices(page, windows, [.. story.Head?.Nodes.Select(n => n.Name) ?? []]);
    }

    private static void ProbesOf(Markup page, RunStory story, ImmutableArray<RunWindow> windows, Scale scale)
    {
        IGrouping<string, ProbeSample>[] probes = [.. story.Events.Select(e => e.Probe).OfType<ProbeSample>().GroupBy(s => s.Probe)];
        if (probes.Length == 0)
        {
            return;
        }

        page.Say("h2", "Probes", "id", "probes");
        foreach (IGrouping<string, ProbeSample> probe in probes)
        {
            ProbeSample[] samples = [.. probe];
            page.Say("h3", probe.Key);
            page.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", $"Plot of {probe.Key}");
            ProbeDrawing.Write(page, probe.Key, samples, windows, scale);
            page.CloseLine();
            ProbeDrawing.WriteTable(page, probe.Key, samples, windows);
        }
    }

    private static void Details(Markup page, RunStory story)
    {
        Section("Steps", !story.Steps.IsEmpty, () => ReportTables.Steps(page, story));
        Section("Checks", story.Events.Any(e => e.Check is not null), () => ReportTables.Checks(page, story));
        Section("Saved values", story.Events.Any(e => e.Saved is not null), () => ReportTables.Saved(page, story));

        void Section(string name, bool isThere, Action write)
        {
            if (isThere)
            {
                page.Say("h2", name).Open("details", "open", "").Say("summary", $"{name} in order");
                write();
                page.CloseLine();
            }
        }
    }

    private static string Word(RunState state) => state == RunState.CutOff ? "cut off" : state.ToString().ToLowerInvariant();
}
