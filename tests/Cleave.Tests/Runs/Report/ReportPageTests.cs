using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.Runs;
using Cleave.Runs.Report;
using Cleave.Scenarios;

namespace Cleave.Tests.Runs.Report;

/// <summary>The page of a run: what it shows, that it needs nothing else, and that it can be read without eyes or a mouse.</summary>
public class ReportPageTests
{
    private const string Hostile = "<script>alert('&\"')</script>\0\e";

    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_tells_what_happened_in_drawings_and_in_tables()
    {
        XElement page = Page(Story());
        Assert.Contains("no luck", page.Descendants("pre").First().Value, StringComparison.Ordinal);
        XElement window = page.Descendants("tr").Single(r => (string?)r.Attribute("id") == "window-A");
        Assert.Equal(["isolate b", "2.100 s", "4.000 s", "2"], window.Elements("td").Take(4).Select(d => d.Value));
        XElement matrix = page.Descendants("table").Single(t => (string?)t.Attribute("class") == "matrix");
        Assert.Equal(["a: itself cut", "b: cut itself"], matrix.Element("tbody")!.Elements("tr").Select(r => $"{r.Element("th")!.Value}: {string.Join(' ', r.Elements("td").Select(d => d.Elements("span").Last().Value))}"));
        Assert.Equal(2, page.Descendants("rect").Count(r => (string?)r.Attribute("class") == "cut")); // in the lanes of a and b
        Assert.Equal(2, page.Descendants("rect").Count(r => (string?)r.Attribute("class") == "band")); // behind the timeline and behind the probe
        Assert.Single(page.Descendants("circle"), c => (string?)c.Attribute("class") == "held");
        Assert.Single(page.Descendants("path"), p => (string?)p.Attribute("class") == "broken" && p.Value.StartsWith("did not hold", StringComparison.Ordinal));
        XElement probe = page.Descendants("table").Single(t => t.Element("caption")!.Value.StartsWith("Answers to", StringComparison.Ordinal));
        Assert.Equal(
            ["all 4 2 1 1 3 ms 3 ms 3 ms", "outside of faults 2 2 0 0 3 ms 3 ms 3 ms", "A: isolate b 2 0 1 1 – – –"],
            probe.Element("tbody")!.Elements("tr").Select(r => string.Join(' ', r.Elements().Select(c => c.Value))));
        Assert.Contains(page.Descendants("p"), p => p.Value == "Longest time without an answer: 1.500 s, from 3.000 s to 4.500 s.");
    }

    [Fact]
    public void What_was_counted_of_a_fault_stands_with_it_and_what_is_still_in_force_too()
    {
        var lost = new PairEvidence("a", "b", new Tally(3, 252), new Tally(3, 252), new Tally(0, 0));
        var leaked = new PairEvidence("b", "a", new Tally(2, 200), new Tally(1, 100), new Tally(1, 100));
        var evidence = new WindowEvidence(
            "isolate b", EvidenceVerdict.Leaked, "isolate b leaked", new WindowEdges(2_000_000_000, 2_100_000_000, 4_000_000_000, 4_100_000_000), 1.9,
            new Tally(5, 452), new Tally(4, 352), new Tally(1, 100), 2, [lost, leaked]);
        LabEvent[] events = [.. Story().Events];
        XElement page = Page(RunStory.Of(new EventStream([.. events, Event(4.2, EventKind.Fault) with { Evidence = evidence }, Fault(4.5, ["isolate a"])], 0, false)));
        Assert.Equal(
            ["A: isolate b 2.100 s 4.000 s 2 5 4 1 isolate b leaked", "B: isolate a 4.500 s no end 2 – – – not counted"],
            page.Descendants("tr").Where(r => r.Attribute("id") is not null).Select(r => $"{r.Element("th")!.Value}: {string.Join(' ', r.Elements("td").Select(d => d.Value))}"));
        Assert.Contains(page.Descendants("td"), d => (string?)d.Attribute("class") == "bad");
        Assert.Contains(page.Descendants("td"), d => (string?)d.Attribute("class") == "leak" && d.Value == "leak 1cut; 1 packets leaked, 1 were lost");
        Assert.Contains(page.Descendants("td"), d => (string?)d.Attribute("class") == "cut" && d.Value == "✕ 3cut; 3 packets were lost");
        Assert.Contains(page.Descendants("rect"), r => (string?)r.Attribute("class") == "band leak");
    }

    [Fact]
    public void It_needs_nothing_but_itself()
    {
        string html = ReportPage.Of(Story(), Listed(RunState.Failed));
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        XElement page = Page(Story());
        Assert.All(page.Descendants().Attributes().Where(a => a.Name.LocalName is "href" or "src"), a => Assert.StartsWith("#", a.Value, StringComparison.Ordinal));
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.Contains("@media print", html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_can_be_read_without_eyes_and_without_a_mouse()
    {
        XElement page = Page(Story());
        Assert.Equal("en", (string?)page.Attribute("lang"));
        Assert.All(page.Descendants("svg"), s => Assert.True(s.Attribute("role")?.Value == "img" && (s.Attribute("aria-label") ?? s.Attribute("aria-labelledby")) is not null));
        Assert.All(page.Descendants("table"), t => Assert.True(t.Element("caption") is not null && t.Descendants("th").All(h => h.Attribute("scope") is not null)));
        Assert.All(page.Descendants("div").Where(d => (string?)d.Attribute("class") == "wide"), d => Assert.True(d.Attribute("tabindex")?.Value == "0" && d.Attribute("aria-label") is not null));
        string[] ids = [.. page.Descendants().Attributes("id").Select(a => a.Value)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.Descendants().Attributes("href").Concat(page.Descendants().Attributes("aria-labelledby")), a => Assert.All(a.Value.TrimStart('#').Split(' '), id => Assert.Contains(id, ids)));
        Assert.Single(page.Descendants("h1"));
    }

    [Fact]
    public void Whatever_programs_print_is_text()
    {
        RunStory story = Story(name: "n-1", said: Hostile);
        string html = ReportPage.Of(story, Listed(RunState.Failed) with { Failure = Hostile });
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;\uFFFD\uFFFD", html, StringComparison.Ordinal);
        _ = Page(story);
    }

    [Fact]
    public void A_run_that_was_cut_off_has_a_page_too_and_so_has_one_without_events()
    {
        string text = ReportPage.Of(RunStory.Of(new EventStream([.. Story().Events.Take(5)], 1, true)), Listed(RunState.CutOff));
        Assert.Contains("cut off at 12:00:02.1", text, StringComparison.Ordinal);
        Assert.Contains("no end", text, StringComparison.Ordinal);
        Assert.Contains("cut off before anything was recorded", ReportPage.Of(RunStory.Of(new EventStream([], 0, false)), Listed(RunState.CutOff)), StringComparison.Ordinal);
    }

    /// <summary>An hour with 100,000 events is read and drawn in seconds, and the page is no larger than a browser opens at once.</summary>
    [Fact]
    public void A_long_run_is_read_and_drawn_in_seconds()
    {
        var events = ImmutableArray.CreateBuilder<LabEvent>();
        events.Add(Story().Events[0]);
        for (int i = 0; i < 25_000; i++)
        {
            double at = i * 0.144;
            events.Add(Step(at, "s", null));
            events.Add(Fault(at + 0.01, i % 2 == 0 ? ["isolate b"] : []));
            events.Add(Probe(at + 0.02, Reachability.Reachable, 0.001 + (i % 100 * 0.0001)));
            events.Add(Step(at + 0.1, "s", "done"));
        }

        byte[] file = [.. events.SelectMany(e => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(e, ControlJson.Default.LabEvent), (byte)'\n'])];
        long start = Stopwatch.GetTimestamp();
        string html = ReportPage.Of(RunStory.Of(EventReader.Parse(file)), Listed(RunState.Passed));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"{Stopwatch.GetElapsedTime(start)}"); // 2 s on two busy processors
        Assert.True(html.Length < 3_000_000, $"{html.Length} characters");
        Assert.Contains("23000 more steps are in events.jsonl.", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "A")]
    [InlineData(25, "Z")]
    [InlineData(26, "AA")]
    [InlineData(701, "ZZ")]
    [InlineData(702, "AAA")]
    public void Faults_have_letters(int number, string label) => Assert.Equal(label, RunWindow.LabelOf(number));

    [Theory]
    [InlineData(0.5, "0 s 0.05 s 0.1 s")]
    [InlineData(12, "0 s 1 s 2 s")]
    [InlineData(200, "0:00 0:30 1:00")]
    [InlineData(3600, "0:00:00 0:05:00 0:10:00")]
    public void Times_are_round(double length, string ticks)
    {
        var scale = new Scale(length);
        Assert.Equal(ticks, string.Join(' ', scale.Ticks().Take(3).Select(scale.Word)));
        Assert.InRange(scale.Ticks().Count(), 4, 14);
        Assert.Equal((Scale.Left, Scale.Right), (scale.X(-1), scale.X(length + 1)));
    }

    private static XElement Page(RunStory story)
    {
        string html = ReportPage.Of(story, Listed(RunState.Failed));
        Assert.StartsWith("<!DOCTYPE html>\n", html, StringComparison.Ordinal);
        return XDocument.Parse(html["<!DOCTYPE html>\n".Length..]).Root!;
    }

    private static ListedRun Listed(RunState state) => new("r", "/r", "s", state, Noon, 5, 7, state == RunState.Failed ? "no luck" : null);

    private static RunStory Story(string name = "a", string said = "it was silent") => RunStory.Of(new EventStream(
    [
        Event(0, EventKind.Run) with
        {
            Run = new RunHead("r", "s", "/x/cleave.yaml", "0.1.0", 7, [new RunNetwork("lan", ["172.23.0.0/24"])],
            [
                new RunNode(name, false, [new RunPlace("lan", ["172.23.0.1"])]), new RunNode("b", true, [new RunPlace("lan", ["172.23.0.2"])]),
            ]),
        },
        Event(0.5, EventKind.Node) with { Node = name, Text = "started", Program = new ProgramMark(ProgramEdge.Started, 5, null) },
        Event(0.7, EventKind.Node) with { Node = name, Text = "ready", Program = new ProgramMark(ProgramEdge.Ready, 5, null) },
        Step(1, said, null),
        Fault(2.1, ["isolate b"], name),
        Probe(2.5, Reachability.Reachable, 0.003) with { Probe = Sample(2.0, Reachability.Reachable, 0.003) },
        Event(3, EventKind.Check) with { Text = "held", Check = new CheckMark("2:2", "x", true, null) },
        Probe(3.9, Reachability.Unreachable, null) with { Probe = Sample(3.0, Reachability.Unreachable, null) },
        Probe(3.9, Reachability.Refused, 0.001) with { Probe = Sample(3.5, Reachability.Refused, 0.001) },
        Event(3.9, EventKind.Check) with { Text = "did not hold", Check = new CheckMark("2:2", "x", false, said) },
        Event(3.95, EventKind.Check) with { Text = "saved", Saved = new SavedMark("v", said) },
        Fault(4.1, []),
        Probe(4.5, Reachability.Reachable, 0.003) with { Probe = Sample(4.5, Reachability.Reachable, 0.003) },
        Step(4.6, said, "failed"),
        Event(5, EventKind.Node) with { Node = name, Text = "ended", Program = new ProgramMark(ProgramEdge.Ended, 5, 1) },
    ], 0, false));

    private static LabEvent Step(double at, string name, string? end) => Event(at, EventKind.Step) with
    {
        Text = name,
        Step = new StepMark("s", "2:2", "expect", name, end is null ? null : 1) { End = end },
    };

    private static LabEvent Fault(double at, string[] inForce, string other = "a") => Event(at, EventKind.Fault) with
    {
        Fault = new FaultMark("x", at - 0.1, at, [.. inForce], inForce.Length * 2, inForce.Length == 0 ? [] : [[other, "b"], ["b", other]]),
    };

    private static LabEvent Probe(double at, Reachability outcome, double? seconds) => Event(at, EventKind.Probe) with { Probe = Sample(at, outcome, seconds) };

    private static ProbeSample Sample(double sent, Reachability outcome, double? seconds) => new("a to b by icmp", "a", "b", sent, outcome, seconds, null);

    private static LabEvent Event(double at, EventKind kind) => new(Noon.AddSeconds(at), kind, null, "") { At = at };
}
