using System.Collections.Immutable;
using System.Globalization;
using Cleave.Scenarios;
using static Cleave.Runs.Report.Markup;

namespace Cleave.Runs.Report;

/// <summary>
/// The answers to one probe over time, on a logarithmic scale, with the faults behind them, and what was not answered in a row of its own. Of many that fall onto
/// the same point, the shortest, the longest and the median are drawn.
/// </summary>
internal static class ProbeDrawing
{
    private const double Top = 40, Height = 120, FailuresAt = Top + Height + 16, Bottom = FailuresAt + 14;
    private const double PointWidth = 2;

    public static void Write(Markup output, string probe, IReadOnlyList<ProbeSample> samples, ImmutableArray<RunWindow> windows, Scale scale)
    {
        ProbeSample[] answered = [.. samples.Where(s => s.Outcome == Reachability.Reachable && s.Seconds > 0)];
        (double least, double most) = Decades(answered);
        output.Open("svg", "viewBox", $"0 0 {Number(Scale.Width)} {Number(Bottom)}", "role", "img", "aria-label",
            $"Times of the answers to {probe}, and what was not answered; the table below has them by fault", "class", "drawing");
        TimelineDrawing.WriteAxis(output, scale, 22, Bottom);
        TimelineDrawing.Bands(output, windows, scale, 36, Bottom, labels: true);
        for (double decade = least; decade <= most * 1.001; decade *= 10)
        {
            string y = Number(Y(decade));
            output.Empty("line", "class", "lane", "x1", Number(Scale.Left), "x2", Number(Scale.Right), "y1", y, "y2", y);
            output.Say("text", Time(decade), "class", "name", "x", Number(Scale.Left - 8), "y", Number(Y(decade) + 4));
        }

        output.Say("text", "no answer", "class", "name", "x", Number(Scale.Left - 8), "y", Number(FailuresAt + 4));
        foreach (IGrouping<int, ProbeSample> point in answered.GroupBy(s => (int)(scale.X(s.Sent) / PointWidth)).OrderBy(g => g.Key))
        {
            double[] times = [.. point.Select(s => s.Seconds!.Value).Order()];
            string x = Number((point.Key * PointWidth) + (PointWidth / 2));
            if (times.Length > 1)
            {
                output.Empty("line", "class", "spread", "x1", x, "x2", x, "y1", Number(Y(times[0])), "y2", Number(Y(times[^1])));
            }

            output.Empty("circle", "class", "answer", "cx", x, "cy", Number(Y(times[times.Length / 2])), "r", "1.8");
        }

        foreach (var failed in samples.Where(s => s.Outcome != Reachability.Reachable).GroupBy(s => ((int)(scale.X(s.Sent) / 6), s.Outcome)).OrderBy(g => g.Key.Item1))
        {
            double x = (failed.Key.Item1 * 6) + 3;
            string told = $"{failed.Count()} {(failed.Key.Outcome == Reachability.Refused ? "refused" : "without an answer")}, the first at {Seconds(failed.Min(s => s.Sent))}";
            if (failed.Key.Outcome == Reachability.Refused)
            {
                output.Open("path", "class", "refused", "d", $"M{Number(x - 3)} {Number(FailuresAt - 3)}h6l-3 6z").Say("title", told).Close();
            }
            else
            {
                TimelineDrawing.Cross(output, "broken", x, FailuresAt, 2.5, told);
            }
        }

        output.CloseLine();

        double Y(double seconds) => Top + Height - (Math.Clamp(Math.Log10(seconds / least) / Math.Log10(most / least), 0, 1) * Height);
    }

    /// <summary>What the probe saw outside of faults, and in each.</summary>
    public static void WriteTable(Markup output, string probe, IReadOnlyList<ProbeSample> samples, ImmutableArray<RunWindow> windows)
    {
        var rows = new List<IReadOnlyList<string>> { Row("all", ProbeStatistics.Of(samples)) };
        if (!windows.IsEmpty)
        {
            rows.Add(Row("outside of faults", ProbeStatistics.Of(samples.Where(s => !windows.Any(w => In(w, s))))));
            rows.AddRange(windows.Take(ReportTables.MostWindows).Select(w => (Window: w, Statistics: ProbeStatistics.Of(samples.Where(s => In(w, s)))))
                .Where(r => r.Statistics.Asked > 0).Select(r => Row($"{r.Window.Label}: {r.Window.Text}", r.Statistics)));
        }

        output.Table($"Answers to {probe}", ["Part of the run", "Asked", "Answered", "Refused", "No answer", "Median", "99 % within", "Longest"], rows, "numbers");
        if (ProbeStatistics.Outage(samples) is var (from, to))
        {
            output.Say("p", $"Longest time without an answer: {Seconds(to - from)}, from {Seconds(from)} to {Seconds(to)}.");
        }
    }

    private static bool In(RunWindow window, ProbeSample sample) => sample.Sent >= window.From && sample.Sent < window.To;

    private static string[] Row(string part, ProbeStatistics s) =>
        [part, $"{s.Asked}", $"{s.Answered}", $"{s.Refused}", $"{s.Silent}", Time(s.Median), Time(s.Late), Time(s.Longest)];

    private static string Time(double? seconds) => seconds switch
    {
        null => "–",
        < 0.001 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0} µs"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s"),
    };

    /// <summary>Powers of ten that hold all answers between them.</summary>
    private static (double Least, double Most) Decades(ProbeSample[] answered)
    {
        if (answered.Length == 0)
        {
            return (0.0001, 1);
        }

        double least = Math.Pow(10, Math.Floor(Math.Log10(answered.Min(s => s.Seconds!.Value))));
        double most = Math.Pow(10, Math.Ceiling(Math.Log10(answered.Max(s => s.Seconds!.Value))));
        return (least, Math.Max(most, least * 10));
    }
}
