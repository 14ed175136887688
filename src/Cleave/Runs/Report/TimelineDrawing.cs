using System.Collections.Immutable;
using Cleave.Control;
using static Cleave.Runs.Report.Markup;

namespace Cleave.Runs.Report;

/// <summary>The timeline: steps, checks, a lane a node, and the faults behind all of it. What falls onto the same point is drawn once.</summary>
internal sealed class TimelineDrawing
{
    /// <summary>Nodes that have a lane; of more those with something to see.</summary>
    public const int MostLanes = 60;

    private const double Axis = 22, Row = 15, Lane = 22, Gap = 8;
    private const int MostDepth = 4;

    private readonly Markup _out;
    private readonly RunStory _story;
    private readonly ImmutableArray<RunWindow> _windows;
    private readonly Scale _scale;
    private readonly HashSet<(int, int, char)> _drawn = [];

    private TimelineDrawing(Markup output, RunStory story, ImmutableArray<RunWindow> windows, Scale scale) =>
        (_out, _story, _windows, _scale) = (output, story, windows, scale);

    /// <summary>Draws it.</summary>
    public static void Write(Markup output, RunStory story, ImmutableArray<RunWindow> windows, Scale scale) =>
        new TimelineDrawing(output, story, windows, scale).Write();

    /// <summary>The nodes that have a lane.</summary>
    internal static string[] Lanes(RunStory story, ImmutableArray<RunWindow> windows)
    {
        string[] all = [.. story.Head?.Nodes.Select(n => n.Name) ?? []];
        if (all.Length <= MostLanes)
        {
            return all;
        }

        HashSet<string> telling = [.. windows.SelectMany(w => w.Nodes), .. story.Events.Where(e => e.Program is not null).Select(e => e.Node!)];
        return [.. all.OrderBy(n => !telling.Contains(n)).Take(MostLanes)];
    }

    /// <summary>The bands of faults, from one height to another, with links to what the tables say of them.</summary>
    internal static void Bands(Markup output, ImmutableArray<RunWindow> windows, Scale scale, double top, double bottom, bool labels)
    {
        double free = double.MinValue;
        double drawn = double.MinValue;
        foreach (RunWindow window in windows)
        {
            double x = scale.X(window.From);
            double width = Math.Max(scale.X(window.To) - x, 1);
            if (x + width < drawn + 1)
            {
                continue; // nobody would see it
            }

            drawn = x + width;
            output.Empty("rect", "class", window.Leaked > 0 ? "band leak" : "band", "x", Number(x), "y", Number(top), "width", Number(width), "height", Number(bottom - top));
            double room = 8 + (7 * window.Label.Length);
            if (labels && x >= free)
            {
                output.Open("a", "href", $"#window-{window.Label}", "aria-label", $"{window.Label}: {window.Text}, {Seconds(window.From)} to {Seconds(window.To)}")
                    .Say("text", window.Label, "class", "letter", "x", Number(x + 2), "y", Number(top - 4)).Say("title", Told(window)).Close();
                free = x + room;
            }
        }
    }

    private static string Told(RunWindow window) =>
        $"{window.Label}: {window.Text}, {Seconds(window.From)} to {(window.HasEnd ? Seconds(window.To) : "the end")}"
        + (window.Attempted is { } attempted ? $"; {attempted} packets attempted, {window.Lost} lost, {window.Leaked} leaked" : "");

    private void Write()
    {
        string[] lanes = Lanes(_story, _windows);
        int depth = Math.Min(MostDepth, _story.Steps.Select(s => s.Depth + 1).DefaultIfEmpty(0).Max());
        bool hasChecks = _story.Events.Any(e => e.Check is not null);
        double steps = Axis + Row;
        double checks = steps + (depth * Row) + (depth > 0 ? Gap : 0);
        double nodes = checks + (hasChecks ? Row + Gap : 0);
        double bottom = nodes + (lanes.Length * Lane) + 2;
        _out.Open("svg", "viewBox", $"0 0 {Number(Scale.Width)} {Number(bottom)}", "role", "img", "aria-labelledby", "timeline-title timeline-text", "class", "drawing");
        _out.Say("title", "Timeline of the run", "id", "timeline-title");
        _out.Say("desc", $"{lanes.Length} nodes, {_story.Steps.Length} steps and {_windows.Length} faults over {Seconds(_scale.Length)}; the tables below say the same.", "id", "timeline-text");
        WriteAxis(_out, _scale, Axis, bottom);
        Bands(_out, _windows, _scale, Axis + Row, bottom, labels: true);
        if (depth > 0)
        {
            Name("steps", steps + 11);
            _story.Steps.Where(s => s.Depth < MostDepth).ToList().ForEach(s => WriteStep(s, steps + (s.Depth * Row)));
        }

        if (hasChecks)
        {
            Name("checks", checks + 11);
            WriteChecks(checks + (Row / 2));
        }

        foreach ((int index, string node) in lanes.Index())
        {
            WriteLane(node, nodes + (index * Lane));
        }

        _out.CloseLine();
    }

    /// <summary>Round times with lines down to the bottom.</summary>
    internal static void WriteAxis(Markup output, Scale scale, double top, double bottom)
    {
        foreach (double tick in scale.Ticks())
        {
            string x = Number(scale.X(tick));
            output.Empty("line", "class", "tick", "x1", x, "x2", x, "y1", Number(top - 4), "y2", Number(bottom));
            output.Say("text", scale.Word(tick), "class", "time", "x", x, "y", Number(top - 8));
        }
    }

    private void Name(string text, double y, string? kind = null) =>
        _out.Say("text", text.Length > 16 ? text[..15] + "…" : text, "class", $"name {kind}", "x", Number(Scale.Left - 8), "y", Number(y));

    private void WriteStep(StepSpan step, double y)
    {
        double x = _scale.X(step.From);
        double width = Math.Max(_scale.X(step.To ?? _story.Length) - x, 1.5);
        char kind = step.End is "failed" ? 'f' : step.End is null ? 'o' : 's';
        if (!IsNew(x, y, kind) && width < 2)
        {
            return;
        }

        string text = step.Mark.Name ?? step.Mark.Verb;
        _out.Open("g", "class", $"step {(kind == 'f' ? "failed" : kind == 'o' ? "open" : "")}");
        _out.Empty("rect", "x", Number(x), "y", Number(y), "width", Number(width), "height", "12", "rx", "2");
        int fits = (int)((width - 6) / 6);
        if (fits >= 3)
        {
            _out.Say("text", text.Length > fits ? text[..(fits - 1)] + "…" : text, "x", Number(x + 3), "y", Number(y + 9.5));
        }

        _out.Say("title", $"{step.Text}: {Seconds(step.From)} to {(step.To is { } to ? Seconds(to) : "the end")}, {step.End ?? "has no end"}").Close();
    }

    private void WriteChecks(double y)
    {
        foreach (LabEvent happened in _story.Events.Where(e => e.Check is not null))
        {
            CheckMark check = happened.Check!;
            double x = _scale.X(RunStory.At(happened));
            if (!IsNew(x, y, check.Holds ? 'h' : 'f'))
            {
                continue;
            }

            string told = $"{(check.Holds ? "held" : "did not hold")}: {check.Expected}, at {Seconds(RunStory.At(happened))}{(check.Seen is { } seen ? $"; {seen}" : "")}";
            if (check.Holds)
            {
                _out.Open("circle", "class", "held", "cx", Number(x), "cy", Number(y), "r", "4").Say("title", told).Close();
            }
            else
            {
                Cross(_out, "broken", x, y, 5, told);
            }
        }
    }

    /// <summary>A cross: what failed is told by its form, not by its colour alone.</summary>
    internal static void Cross(Markup output, string kind, double x, double y, double size, string told) =>
        output.Open("path", "class", kind, "d", $"M{Number(x - size)} {Number(y - size)}L{Number(x + size)} {Number(y + size)}M{Number(x - size)} {Number(y + size)}L{Number(x + size)} {Number(y - size)}")
            .Say("title", told).Close();

    private void WriteLane(string node, double y)
    {
        double middle = y + (Lane / 2);
        Name(node, middle + 4, "node");
        _out.Empty("line", "class", "lane", "x1", Number(Scale.Left), "x2", Number(Scale.Right), "y1", Number(middle), "y2", Number(middle));
        foreach (RunWindow window in _windows.Where(w => w.Nodes.Contains(node)))
        {
            double x = _scale.X(window.From);
            double width = Math.Max(_scale.X(window.To) - x, 1);
            if (width < 2 && !IsNew(x, y, 'c'))
            {
                continue;
            }

            _out.Open("rect", "class", "cut", "x", Number(x), "y", Number(y + 2), "width", Number(width), "height", Number(Lane - 4))
                .Say("title", Told(window)).Close();
        }

        LabEvent[] life = [.. _story.Events.Where(e => e.Program is not null && e.Node == node)];
        WriteBars(node, life, middle);
        foreach (LabEvent happened in life)
        {
            double x = _scale.X(RunStory.At(happened));
            string told = $"{node} {happened.Text}, at {Seconds(RunStory.At(happened))}";
            switch (happened.Program!.Edge)
            {
                case ProgramEdge.Ready:
                    Mark("ready", $"M{Number(x)} {Number(middle - 9)}l8 4.5l-8 4.5z", x, middle, told);
                    break;
                case ProgramEdge.Stopped:
                    Mark("stopped", $"M{Number(x - 3)} {Number(middle - 3)}h6v6h-6z", x, middle, told);
                    break;
                case ProgramEdge.Ended or ProgramEdge.Restarting or ProgramEdge.Failed when IsNew(x, middle, 'e'):
                    Cross(_out, "broken", x, middle, 4, told);
                    break;
            }
        }
    }

    /// <summary>The times in which its program ran, and over them those in which it stood still.</summary>
    private void WriteBars(string node, LabEvent[] life, double middle)
    {
        var pauses = new List<(double From, double To)>();
        (double From, int? Pid)? runs = null;
        double? paused = null;
        foreach (LabEvent happened in life)
        {
            double at = RunStory.At(happened);
            switch (happened.Program!.Edge)
            {
                case ProgramEdge.Started:
                    runs = (at, happened.Program.Pid);
                    break;
                case ProgramEdge.Paused:
                    paused = at;
                    break;
                case ProgramEdge.Resumed when paused is { } since:
                    pauses.Add((since, at));
                    paused = null;
                    break;
                case ProgramEdge.Ended or ProgramEdge.Stopped or ProgramEdge.Restarting when runs is { } from:
                    Bar("runs", from.From, at, middle, $"{node} runs, process {from.Pid}, {Seconds(from.From)} to {Seconds(at)}");
                    runs = null;
                    break;
            }
        }

        if (runs is { } open)
        {
            Bar("runs", open.From, _story.Length, middle, $"{node} runs, process {open.Pid}, since {Seconds(open.From)}");
        }

        if (paused is { } begun)
        {
            pauses.Add((begun, _story.Length));
        }

        pauses.ForEach(p => Bar("paused", p.From, p.To, middle, $"{node} is paused, {Seconds(p.From)} to {Seconds(p.To)}"));
    }

    private void Bar(string kind, double from, double to, double middle, string told)
    {
        double x = _scale.X(from);
        _out.Open("rect", "class", kind, "x", Number(x), "y", Number(middle - 3), "width", Number(Math.Max(_scale.X(to) - x, 1)), "height", "6").Say("title", told).Close();
    }

    private void Mark(string kind, string path, double x, double y, string told)
    {
        if (IsNew(x, y, kind[0]))
        {
            _out.Open("path", "class", kind, "d", path).Say("title", told).Close();
        }
    }

    private bool IsNew(double x, double y, char kind) => _drawn.Add(((int)x, (int)y, kind));
}
