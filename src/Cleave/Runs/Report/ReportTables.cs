using System.Collections.Immutable;
using System.Globalization;
using Cleave.Control;
using static Cleave.Runs.Report.Markup;

namespace Cleave.Runs.Report;

/// <summary>What the drawings show, as tables. Each has a limit: events.jsonl has everything.</summary>
internal static class ReportTables
{
    /// <summary>Faults that have a row.</summary>
    public const int MostWindows = 1000;

    private const int MostMatrices = 60, MostMatrixNodes = 24, MostPairs = 200, MostSteps = 2000, MostChecks = 1000, MostSaved = 200, LongestValue = 400;

    /// <summary>The faults, and what is known of them.</summary>
    public static void Windows(Markup output, ImmutableArray<RunWindow> windows, double length)
    {
        output.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Faults").Open("table", "class", "windows").Say("caption", "Faults, what they cut and what was lost").Open("thead").Open("tr");
        foreach (string head in (string[])["", "Fault", "From", "To", "Pairs", "Attempted", "Lost", "Leaked", "Evidence"])
        {
            output.Say("th", head, "scope", "col");
        }

        output.Close().Close().Open("tbody");
        foreach (RunWindow window in windows.Take(MostWindows))
        {
            output.Open("tr", "id", $"window-{window.Label}").Say("th", window.Label, "scope", "row").Say("td", window.Text);
            output.Say("td", Seconds(window.From, length), "class", "number").Say("td", window.HasEnd ? Seconds(window.To, length) : "no end", "class", "number");
            output.Say("td", $"{window.PairCount}", "class", "number");
            foreach (long? count in (long?[])[window.Attempted, window.Lost, window.Leaked])
            {
                output.Say("td", Count(count), "class", "number");
            }

            output.Say("td", window.Sentence ?? "not counted", "class", window.Sentence is null || window.IsGood ? null : "bad").CloseLine();
        }

        output.Close().Close().CloseLine();
        Left(output, windows.Length - MostWindows, "faults");
    }

    /// <summary>For each fault, who lost what on the way to whom.</summary>
    public static void Matrices(Markup output, ImmutableArray<RunWindow> windows, IReadOnlyList<string> nodes)
    {
        output.Open("div", "class", "matrices");
        foreach (RunWindow window in windows.Where(w => !w.Pairs.IsEmpty).Take(MostMatrices))
        {
            string[] concerned = [.. nodes.Where(window.Nodes.Contains), .. window.Nodes.Except(nodes)];
            if (concerned.Length > MostMatrixNodes)
            {
                Pairs(output, window);
                continue;
            }

            var pairs = window.Pairs.ToDictionary(p => (p.From, p.To));
            output.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", $"Pairs of {window.Label}");
            output.Open("table", "class", "matrix").Say("caption", $"{window.Label}: {window.Text}").Open("thead").Open("tr").Say("th", "from, to", "scope", "col");
            foreach (string to in concerned)
            {
                output.Say("th", to, "scope", "col");
            }

            output.Close().Close().Open("tbody");
            foreach (string from in concerned)
            {
                output.Open("tr").Say("th", from, "scope", "row");
                foreach (string to in concerned)
                {
                    Cell(output, from == to, pairs.GetValueOrDefault((from, to)));
                }

                output.CloseLine();
            }

            output.Close().Close().CloseLine();
        }

        output.CloseLine();
        Left(output, windows.Count(w => !w.Pairs.IsEmpty) - MostMatrices, "faults");
    }

    /// <summary>The steps in order.</summary>
    public static void Steps(Markup output, RunStory story)
    {
        output.Table("Steps", ["Step", "Line", "Began", "Took", "End"], story.Steps.Take(MostSteps).Select(s => (IReadOnlyList<string>)
        [
            string.Concat(Enumerable.Repeat("\u00a0\u00a0\u00a0", s.Depth)) + (s.Mark.Name is { } name ? $"{s.Mark.Verb}: {name}" : s.Mark.Verb),
            s.Mark.At,
            Seconds(s.From, story.Length),
            s.To is { } to ? Seconds(to - s.From) : "–",
            s.End ?? "no end",
        ]));
        Left(output, story.Steps.Length - MostSteps, "steps");
    }

    /// <summary>The checks in order.</summary>
    public static void Checks(Markup output, RunStory story)
    {
        LabEvent[] checks = [.. story.Events.Where(e => e.Check is not null)];
        output.Table("Checks", ["Expected", "Line", "At", "Held", "Seen"], checks.Take(MostChecks).Select(e => (IReadOnlyList<string>)
            [e.Check!.Expected, e.Check.At, Seconds(RunStory.At(e), story.Length), e.Check.Holds ? "yes" : "NO", e.Check.Seen ?? ""]));
        Left(output, checks.Length - MostChecks, "checks");
    }

    /// <summary>What was saved.</summary>
    public static void Saved(Markup output, RunStory story)
    {
        LabEvent[] saved = [.. story.Events.Where(e => e.Saved is not null)];
        output.Table("Saved values", ["Name", "Value", "At"], saved.Take(MostSaved).Select(e => (IReadOnlyList<string>)
            [e.Saved!.Name, e.Saved.Value.Length > LongestValue ? e.Saved.Value[..LongestValue] + "…" : e.Saved.Value, Seconds(RunStory.At(e), story.Length)]));
        Left(output, saved.Length - MostSaved, "values");
    }

    private static void Pairs(Markup output, RunWindow window)
    {
        output.Table($"{window.Label}: {window.Text}", ["From", "To", "Attempted", "Lost", "Leaked"], window.Pairs.Take(MostPairs).Select(p => (IReadOnlyList<string>)
            [p.From, p.To, Count(p.Attempted), Count(p.Lost), Count(p.Leaked)]), "numbers");
        Left(output, window.Pairs.Length - MostPairs, "pairs");
    }

    private static void Cell(Markup output, bool isSame, WindowPair? pair)
    {
        (string text, string told, string? kind) = (isSame, pair) switch
        {
            (true, _) => ("–", "itself", "same"),
            (_, null) => ("·", "not cut", null),
            (_, { Leaked: > 0 }) => ($"leak {Count(pair.Leaked)}", $"cut; {pair.Leaked} packets leaked, {pair.Lost} were lost", "leak"),
            (_, { Lost: null }) => ("✕", "cut", "cut"),
            (_, { Lost: 0 }) => ("✕ 0", "cut; nothing was sent", "cut silent"),
            _ => ($"✕ {Count(pair.Lost)}", $"cut; {pair.Lost} packets were lost", "cut"),
        };
        output.Open("td", "class", kind).Say("span", text, "aria-hidden", "true").Say("span", told, "class", "told").Close();
    }

    private static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "–";

    private static void Left(Markup output, int count, string what)
    {
        if (count > 0)
        {
            output.Say("p", $"{count} more {what} are in {RunFolder.EventsName}.");
        }
    }
}
