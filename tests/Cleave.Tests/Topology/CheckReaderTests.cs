using Cleave.Scenarios;

namespace Cleave.Tests.Topology;

public class CheckReaderTests
{
    [Fact]
    public void Http_has_a_short_and_a_long_form()
    {
        Assert.Equal((8000, "/x?y=1", "GET"), Http("http: \":8000/x?y=1\"") is var one ? (one.Port, one.Path, one.Method) : default);
        Assert.Equal((8000, "/"), Http("http: \":8000\"") is var two ? (two.Port, two.Path) : default);
        var full = Http("http: {port: 81, path: /a, method: POST, headers: {A: b, C: 1}, send: text}");
        Assert.Equal((81, "/a", "POST", "text"), (full.Port, full.Path, full.Method, full.Send));
        Assert.Equal([new("A", "b"), new("C", "1")], full.Headers);
        Assert.Equal((80, "/", "GET", null), Http("http: {}") is var least ? (least.Port, least.Path, least.Method, least.Send) : default);
    }

    [Theory]
    [InlineData("", null, false)]
    [InlineData(", is: reachable", null, true)]
    [InlineData(", status: 404", 404, false)]
    [InlineData(", is: reachable, status: 404", 404, false)]
    public void Http_expects_success_unless_it_is_told_something_else(string more, int? status, bool anyAnswer)
    {
        var http = Http($"http: \":80\"{more}");
        Assert.Equal(anyAnswer, http.Answer is null);
        Assert.Equal(status, http.Answer?.Status);
    }

    [Fact]
    public void Nodes_can_be_named_by_their_tags()
    {
        var lab = LabText.Valid("""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, tags: [store]}
              b: {ip: 172.23.0.2, tags: [store]}
            scenarios:
              s:
                - expect: {from: store, to: store, is: reachable}
                - wait: {ready: [store, a]}
            """);
        Assert.Equal(["store"], Assert.IsType<Check.Reach>(Assert.IsType<Step.Expect>(lab.Scenarios[0].Steps[0]).Check).To);
        Assert.Equal(["store", "a"], Assert.IsType<Step.WaitReady>(lab.Scenarios[0].Steps[1]).Nodes);
    }

    [Fact]
    public void Json_has_the_types_of_yaml()
    {
        var check = Assert.IsType<Check.Runs>(Check("run: x, json: {n: 1, f: -1.5e3, t: \"1\", b: true, no: False, nil: ~, empty: , text: on, list: [a, {}], \"k y\": 007}"));
        Assert.Equal(
            """{"n":1,"f":-1.5e3,"t":"1","b":true,"no":false,"nil":null,"empty":null,"text":"on","list":["a",{}],"k y":"007"}""", check.Json);
    }

    [Theory]
    [InlineData("run: x", "fabric", 0)]
    [InlineData("run: x, node: [alpha, beta], exit: 3", "alpha,beta", 3)]
    [InlineData("run: x, node: all", "all", 0)]
    [InlineData("run: x, node: fabric", "fabric", 0)]
    public void A_command_runs_in_the_fabric_by_default_and_ends_with_0(string check, string nodes, int exit) =>
        Assert.Equal((nodes, exit), Assert.IsType<Check.Runs>(Check(check)) is var runs ? (string.Join(',', runs.Nodes), runs.Exit) : default);

    [Theory]
    [InlineData("node: alpha, state: running", ProgramState.Running, null)]
    [InlineData("node: alpha, state: ended, exit: 0", ProgramState.Ended, 0)]
    [InlineData("node: alpha, exit: 137", ProgramState.Ended, 137)]
    public void An_exit_code_alone_means_that_it_has_ended(string check, ProgramState state, int? exit) =>
        Assert.Equal((state, exit), Assert.IsType<Check.State>(Check(check)) is var s ? (s.Is, s.Exit) : default);

    [Theory]
    [InlineData("node: alpha, log: x", false, LogSince.Start)]
    [InlineData("node: alpha, log: x, is: absent, since: step", true, LogSince.Step)]
    [InlineData("node: alpha, log: x, is: present, since: start", false, LogSince.Start)]
    public void A_line_counts_from_the_start_and_is_present_if_nothing_else_is_said(string check, bool isAbsent, LogSince since) =>
        Assert.Equal((isAbsent, since), Assert.IsType<Check.Log>(Check(check)) is var log ? (log.IsAbsent, log.Since) : default);

    [Theory]
    [InlineData("exactly: 1", "exactly 1")]
    [InlineData("exactly: 0", "exactly 0")]
    [InlineData("at-least: 2", "at least 2")]
    [InlineData("at-most: 2", "at most 2")]
    [InlineData("at-least: 1, at-most: 2", "1 to 2")]
    public void Counts_are_limits(string count, string text) => Assert.Equal(text, Check($"run: x, node: all, {count}").Count!.ToString());

    [Fact]
    public void Always_and_never_take_a_check_and_what_goes_on_meanwhile()
    {
        var steps = LabText.ValidSteps("""
            - always: {node: all, state: ready}
              steps: [{sleep: 1s}, heal]
            - never: {run: x, node: all, at-least: 2}
              for: 2s
              every: 50ms
            """);
        var always = Assert.IsType<Step.Always>(steps[0]);
        Assert.Equal((false, TimeSpan.FromMilliseconds(100), null, 2), (always.IsNever, always.Every, always.For, always.Steps.Length));
        var never = Assert.IsType<Step.Always>(steps[1]);
        Assert.Equal((true, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), 0), (never.IsNever, never.Every, never.For!.Value, never.Steps.Length));
    }

    [Fact]
    public void A_wait_is_for_readiness_a_line_or_a_command()
    {
        var steps = LabText.ValidSteps("""
            - wait: {ready: all}
            - wait: {ready: [alpha, beta]}
              within: 1s
            - wait: {log: x, node: [alpha, beta]}
            - wait: {run: [test, x], node: alpha}
            - wait: {run: x}
            """);
        Assert.Equal(["all"], Assert.IsType<Step.WaitReady>(steps[0]).Nodes);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.IsType<Step.WaitReady>(steps[1]).Within);
        Assert.Equal(["alpha", "beta"], Assert.IsType<Step.WaitLog>(steps[2]).Nodes);
        Assert.Equal(["alpha"], Assert.IsType<Step.WaitRun>(steps[3]).Check.Nodes);
        Assert.Equal((TimeSpan.FromSeconds(30), "fabric"), Assert.IsType<Step.WaitRun>(steps[4]) is var w ? (w.Within, w.Check.Nodes[0]) : default);
    }

    private static Check Check(string check) => Assert.IsType<Step.Expect>(Assert.Single(LabText.ValidSteps($"- expect: {{{check}}}"))).Check;

    private static Probe.Http Http(string check) => Assert.IsType<Probe.Http>(Assert.IsType<Check.Reach>(Check("from: alpha, to: beta, " + check)).By);
}
