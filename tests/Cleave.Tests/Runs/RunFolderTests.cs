using System.Collections.Immutable;
using System.Text;
using Cleave.Control;
using Cleave.Runs;
using Cleave.Tests.Host;
using Cleave.Topology;

namespace Cleave.Tests.Runs;

/// <summary>The folder of a run from its beginning to its end, and what becomes of old ones.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly ImmutableDictionary<string, string> NoEnvironment = ImmutableDictionary<string, string>.Empty;

    private readonly string _folder = Directory.CreateTempSubdirectory("cleave-runs-").FullName;
    private readonly StillClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_has_its_head_at_once_and_its_result_at_the_end()
    {
        LabTopology lab = Lab();
        RunFolder run = Begin(lab);
        ListedRun begun = Assert.Single(RunArchive.List(_folder));
        Assert.Equal(("s", RunState.Running, 7), (begun.Scenario, begun.State, begun.Seed));
        Assert.Equal("*\n", File.ReadAllText(Path.Combine(_folder, ".cleave", ".gitignore")));

        run.Finish(new ScenarioResult("s", Verdict.Failed, "no luck", 1.5, ImmutableSortedDictionary<string, string>.Empty));
        ListedRun over = RunArchive.Find(_folder, null);
        Assert.Equal(begun with { State = RunState.Failed, Seconds = 1.5, Failure = "no luck" }, over);
        RunStory story = RunArchive.Story(over);
        Assert.Equal(["a", "b"], story.Head!.Nodes.Select(n => n.Name));
        Assert.Equal("no luck", story.Result!.Failure);
    }

    [Fact]
    public void Whose_command_is_gone_without_a_result_was_cut_off()
    {
        Begin(Lab()).Dispose();
        Assert.Equal(RunState.CutOff, RunArchive.Find(_folder, "-s").State);
    }

    [Fact]
    public void Runs_that_begin_at_once_have_folders_of_their_own()
    {
        LabTopology lab = Lab();
        var runs = new RunFolder[200];
        using var start = new Barrier(8);
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = t; i < runs.Length; i += 8)
            {
                runs[i] = Begin(lab);
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.Equal(runs.Length, runs.Select(r => r.Order.Folder).Distinct().Count());
        Assert.Equal(runs.Length, RunArchive.List(_folder).Count(r => r.State == RunState.Running));
        Array.ForEach(runs, r => r.Dispose());
    }

    [Fact]
    public void The_last_fifty_are_kept_those_that_passed_go_first_and_none_that_goes_on()
    {
        LabTopology lab = Lab();
        RunFolder open = Begin(lab);
        Finish(lab, Verdict.Failed, 3);
        Finish(lab, Verdict.Passed, RunArchive.Kept);
        ImmutableArray<ListedRun> runs = RunArchive.List(_folder);
        Assert.Equal(RunArchive.Kept + 1, runs.Length);
        Assert.Equal(RunState.Running, runs[0].State);
        Assert.Equal(3, runs.Count(r => r.State == RunState.Failed));

        Finish(lab, Verdict.Failed, RunArchive.Kept);
        runs = RunArchive.List(_folder);
        Assert.DoesNotContain(runs, r => r.State == RunState.Passed);
        Assert.Equal(RunArchive.Kept, runs.Count(r => r.State == RunState.Failed));
        open.Dispose();
    }

    [Fact]
    public void Many_commands_that_end_at_once_prune_without_failing()
    {
        LabTopology lab = Lab();
        Parallel.For(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 12 }, _ => Finish(lab, Verdict.Passed, 1));
        Assert.Equal(RunArchive.Kept, RunArchive.List(_folder).Length);
    }

    [Fact]
    public void What_is_meant_by_no_run_is_refused_with_the_newest()
    {
        Assert.Contains("there are no runs of", Assert.Throws<InputException>(() => RunArchive.Find(_folder, null)).Message, StringComparison.Ordinal);
        using RunFolder run = Begin(Lab());
        string newest = Path.GetFileName(run.Order.Folder);
        Assert.Contains(newest, Assert.Throws<InputException>(() => RunArchive.Find(_folder, "other")).Message, StringComparison.Ordinal);
        Assert.Contains("is no folder of a run", Assert.Throws<InputException>(() => RunArchive.Find(_folder, "/")).Message, StringComparison.Ordinal);
        Assert.Equal(newest, RunArchive.Find("/nowhere", run.Order.Folder).Run);
    }

    [Fact]
    public void Secrets_stand_nowhere_in_what_a_run_leaves()
    {
        ImmutableDictionary<string, string> environment = NoEnvironment.Add("OWN", "first of two\nsecond line");
        LabTopology lab = Lab("secrets: [KEY, OWN]\n", ", env: {KEY: \"s3cret\"}", environment);
        RunFolder run = RunFolder.Begin(lab, lab.Scenarios[0], 7, environment, _clock);
        run.Finish(new ScenarioResult("s", Verdict.Failed, "saw s3cret, then first of two", 1, ImmutableSortedDictionary<string, string>.Empty.Add("v", "<second line>")));
        string all = string.Concat(Directory.GetFiles(run.Order.Folder).Select(File.ReadAllText));
        Assert.Contains("saw ***, then ***", all, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", all, StringComparison.Ordinal);
        Assert.DoesNotContain("first of two", all, StringComparison.Ordinal);
        Assert.DoesNotContain("second line", all, StringComparison.Ordinal);
    }

    private void Finish(LabTopology lab, Verdict verdict, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Begin(lab).Finish(new ScenarioResult("s", verdict, null, 1, ImmutableSortedDictionary<string, string>.Empty));
        }
    }

    private RunFolder Begin(LabTopology lab) => RunFolder.Begin(lab, lab.Scenarios[0], 7, NoEnvironment, _clock);

    private LabTopology Lab(string top = "", string node = "", ImmutableDictionary<string, string>? environment = null) => TopologyReader.Parse(
        Path.Combine(_folder, "cleave.yaml"),
        Encoding.UTF8.GetBytes($"cleave: 1\n{top}nodes:\n  a: {{ip: 172.23.0.1{node}}}\n  b: {{ip: 172.23.0.2}}\nscenarios:\n  s: [heal]\n"),
        environment).Topology!;
}
