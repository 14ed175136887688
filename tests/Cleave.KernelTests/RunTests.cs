using Cleave.KernelTests.Harness;
using Cleave.Runs;
using Cleave.Scenarios;

namespace Cleave.KernelTests;

/// <summary>What <c>cleave test</c> leaves of a run, however it ends.</summary>
public sealed class RunTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        secrets: [KEY]
        nodes:
          a: {ip: 172.23.0.1, env: {KEY: open sesame}, run: "echo the key is $KEY; exec sleep 1000"}
          b: {ip: 172.23.0.2, run: [sleep, "1000"], restart: always}
          c: {ip: 172.23.0.3}
        scenarios:
          good:
            - run: echo "$KEY it is"
              node: a
              save: no
            - parallel:
                - [{halves: {random: true, traffic: none}}, {sleep: 20ms}, {halves: {random: true, traffic: none}}]
                - repeat: 3
                  steps:
                    - during: {bridge: {random: true, traffic: none}}
                      for: 5ms
            - heal
            - kill: b
            - expect: {from: a, to: c, is: reachable}
          bad:
            - during: {isolate: c}
              steps:
                - expect: {from: a, to: c, is: reachable}
          random:
            - repeat: 3
              steps:
                - halves: {random: true, traffic: none}
                - during: {bridge: {random: true, traffic: none}}
                  for: 5ms
            - heal
            - expect: {from: a, to: b, is: reachable}
          second-fails:
            - run: test ! -e failed || exit 3; test ! -e passed && touch passed || { touch failed; exit 3; }
          probed:
            - repeat: 2
              steps:
                - name: asked
                  probe: {from: [a, b], to: c, every: 20ms}
            - probe: {from: a, to: b, tcp: 9, every: 20ms}
            - sleep: 200ms
            - during: {cut: {from: a, to: c, traffic: none}}
              for: 300ms
            - sleep: 200ms
          pinged:
            - {node: a, run: [python3, send.py, "3"]}
            - cut: {from: a, to: b}
            - {node: a, run: [python3, send.py, "2"]}
            - run: "false"
          long:
            - isolate: b
            - name: asleep now
              sleep: 10m
        """;

    [Fact]
    public async Task A_run_leaves_its_events_logs_and_result_without_secrets()
    {
        CleaveCommand cleave = NewLab(Lab);
        Outcome outcome = await cleave.RunAsync("test", "-s", "good", "-s", "bad");
        ListedRun[] runs = [.. RunArchive.List(cleave.Folder)];
        Assert.True(runs.Length == 2, outcome.ToString());
        Assert.Equal([RunState.Passed, RunState.Failed], runs.Select(r => r.State));
        Assert.All(runs, r => Assert.Contains(Path.GetRelativePath(cleave.Folder, r.Folder), outcome.Output, StringComparison.Ordinal));
        Assert.EndsWith(" the key is ***\n", File.ReadAllText(Path.Combine(runs[0].Folder, "logs", "a.log")), StringComparison.Ordinal);

        RunStory good = RunArchive.Story(runs[0]);
        Assert.Contains(good.Events, e => e.Saved is { Name: "no", Value: "*** it is" });
        Assert.Contains(good.Events, e => e is { Node: "b", Program: { Edge: ProgramEdge.Restarting, ExitCode: 137, Pid: > 1 } });
        Assert.Equal(good.Events.Select(e => e.At).Order(), good.Events.Select(e => e.At));
        FaultSpan cut = Assert.Single(RunArchive.Story(runs[1]).Faults);
        Assert.Equal([["a", "c"], ["b", "c"], ["c", "a"], ["c", "b"]], cut.Mark.Cuts!.Value.Select(p => p.ToArray()).OrderBy(p => p[0]).ThenBy(p => p[1]));
        Assert.Contains(RunArchive.Story(runs[1]).Events, e => e.Check is { Holds: false });

        string all = outcome.Output + outcome.Errors + await cleave.OkAsync("report", "good") + await cleave.OkAsync("runs", "--json")
            + string.Concat(Directory.GetFiles(cleave.Folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".yaml", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.Contains("***", all, StringComparison.Ordinal);
        Assert.DoesNotContain("open sesame", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_runs_have_seeds_of_which_each_gives_the_same_schedule_again()
    {
        CleaveCommand cleave = NewLab(Lab);
        string table = await cleave.OkAsync("test", "-s", "random", "--repeat", "2", "--jobs", "2", "--seed", "41", "--junit", "all.xml");
        Assert.Matches(@"random +2 +2 +0 +0\.0 % +0\.0 % to 84\.2 %\n", table);
        await cleave.OkAsync("test", "-s", "random", "--seed", "42");
        ILookup<int, string> schedules = RunArchive.List(cleave.Folder).ToLookup(r => r.Seed, r => Schedule(RunArchive.Story(r)));
        Assert.Equal([1, 2], [schedules[41].Count(), schedules[42].Count()]);
        Assert.Single(schedules[42].Distinct());
        Assert.NotEqual(schedules[41].First(), schedules[42].First());
        Assert.Equal(9, schedules[42].First().Split('\n').Count(l => l.Contains("at random (seed ", StringComparison.Ordinal)));
        Assert.Contains("""<testcase name="random (run 2)" """, File.ReadAllText(Path.Combine(cleave.Folder, "all.xml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_ask_through_the_scenario_and_meet_its_faults()
    {
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("test", "-s", "probed", "-q");
        ListedRun run = Assert.Single(RunArchive.List(cleave.Folder));
        RunStory story = RunArchive.Story(run);
        FaultSpan cut = Assert.Single(story.Faults);
        ILookup<string, ProbeSample> probes = story.Events.Select(e => e.Probe).OfType<ProbeSample>().ToLookup(p => p.Probe);
        Assert.Equal(["a to b by tcp port 9", "asked: a to c", "asked: b to c"], probes.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.All(probes["asked: b to c"], p => Assert.Equal(Reachability.Reachable, p.Outcome));
        Assert.All(probes["a to b by tcp port 9"], p => Assert.Equal(Reachability.Refused, p.Outcome));

        // A question is on its way at some time between its beginning and its end, on a busy machine long after the first.
        Assert.All(story.Events.Where(e => e.Probe?.Probe == "asked: a to c"), e => Assert.True(
            e.Probe!.Outcome == Reachability.Unreachable ? e.Probe.Sent < cut.To && e.At > cut.Mark.From : e.Probe.Sent < cut.From || e.At > cut.To,
            $"{e.Probe} at {e.At}, cut {cut.Mark.From} to {cut.To}"));
        Assert.InRange(probes["asked: a to c"].Count(p => p.Outcome == Reachability.Unreachable), 5, 20);
        string page = File.ReadAllText(Path.Combine(run.Folder, "report.html"));
        Assert.Contains("Answers to asked: a to c", page, StringComparison.Ordinal);
        Assert.Contains("id=\"window-A\"", page, StringComparison.Ordinal);
        Assert.Contains("asked: a to c: ", await cleave.OkAsync("report"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packets_are_kept_of_a_run_that_does_not_pass_and_every_tool_reads_them()
    {
        Tool.Require("tcpdump", "tcpdump");
        CleaveCommand cleave = NewLab(Lab);
        cleave.Write("send.py", "import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\nfor i in range(int(sys.argv[1])): s.sendto(b'x',('172.23.0.2',4000))\n");
        await cleave.RunAsync("test", "-s", "good", "-s", "pinged", "--pcap", "-q");
        ListedRun[] runs = [.. RunArchive.List(cleave.Folder)];
        Assert.False(Directory.Exists(Path.Combine(runs[0].Folder, "pcap")));
        string packets = Path.Combine(runs[1].Folder, "pcap");
        Assert.Equal(["a.pcapng", "b.pcapng"], Directory.GetFiles(packets).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // What a sent before the cut, b has; what it sent within, only a has.
        (int Sent, int Arrived) echoes = (await CountAsync("a"), await CountAsync("b"));
        Assert.Equal((5, 3), echoes);

        async Task<int> CountAsync(string node)
        {
            Outcome read = await cleave.RunAsync("tcpdump", ["-nr", Path.Combine(packets, node + ".pcapng"), "udp and dst port 4000"], null);
            Assert.True(read.Code == 0, read.ToString());
            return read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        }
    }

    [Fact]
    public async Task Until_failure_goes_on_until_one_does_not_pass()
    {
        Outcome outcome = await NewLab(Lab).RunAsync("test", "-s", "second-fails", "--until-failure", "-q");
        Assert.Equal(1, outcome.Code);
        Assert.Matches(@"second-fails +2 +1 +1 +50\.0 %", outcome.Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_any_moment_it_is_told_until_there(bool lab)
    {
        CleaveCommand cleave = NewLab(Lab);
        using (CleaveCommand.Background test = cleave.StartInBackground("test", "-s", "long"))
        {
            await test.SeesAsync("asleep now");
            Assert.Contains("it goes on", await cleave.OkAsync("report"), StringComparison.Ordinal);
            if (lab)
            {
                _ = Posix.Kill(MachineState.LabHost(Runtime), Posix.SIGKILL);
                Assert.Equal(5, await test.EndsAsync());
            }
            else
            {
                test.Signal(Posix.SIGKILL);
                await test.EndsAsync();
            }
        }

        await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => "the lab goes on");
        ListedRun run = Assert.Single(RunArchive.List(cleave.Folder));
        Assert.Equal(lab ? RunState.Error : RunState.CutOff, run.State);
        string report = await cleave.OkAsync("report");
        Assert.Matches(lab ? @"run \S+-long: error after" : @"run \S+-long: cut off at \d\d:\d\d:\d\d\.\d{3}Z, \d+\.\d{3} s after it began", report);
        Assert.Contains("isolate b: 4 ordered pairs are cut", report, StringComparison.Ordinal);
        Assert.True(File.Exists((await cleave.OkAsync("report", "--html")).Trim()));
        Assert.Contains("asleep now", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_at_random_moments_the_file_ends_with_a_whole_line_or_in_one()
    {
        CleaveCommand cleave = NewLab(Lab);
        var random = new Random(Setting("CLEAVE_SEED", Random.Shared.Next()));
        for (int i = 0; i < Setting("CLEAVE_KILLS", 3); i++)
        {
            using CleaveCommand.Background test = cleave.StartInBackground("test", "-s", "random", "-s", "long", "--pcap");
            await Task.Delay(random.Next(1500), TestContext.Current.CancellationToken); // the moment is what is tried
            test.Signal(Posix.SIGKILL);
            await test.EndsAsync();
            await Wait.UntilAsync(() => MachineState.MarkedProcesses(Runtime).Count == 0, () => "the lab goes on");
            foreach (ListedRun run in RunArchive.List(cleave.Folder))
            {
                EventStream stream = EventReader.Read(Path.Combine(run.Folder, "events.jsonl"));
                Assert.Equal(0, stream.Damaged);
                Assert.NotEqual(RunState.Running, run.State);
                Assert.Contains(run.State == RunState.CutOff ? "cut off " : "after ", await cleave.OkAsync("report", run.Run), StringComparison.Ordinal);
            }
        }
    }

    /// <summary>What the scenario did, in order, without times; when programs start and end is not its doing.</summary>
    private static string Schedule(RunStory story) => string.Join('\n', story.Events.Select(e => e switch
    {
        { Step: { } step } => $"step {step.At} {step.Verb} {step.End}",
        { Fault: { } fault } => $"fault {fault.Text} {string.Join(' ', fault.Cuts!.Value.Select(c => string.Join('>', c)))}",
        { Check: { } check } => $"check {check.At} {check.Expected} {check.Holds}",
        _ => "",
    }).Where(l => l.Length > 0));
}
