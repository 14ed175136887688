using System.Text.Json;
using Cleave.Cli;
using Cleave.Control;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave test</c>: what the steps of a scenario do, and what becomes of those that fail.</summary>
public sealed class ScenarioTests : KernelTest
{
    private const string Nodes =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: [sh, -c, "echo hello of a; exec sleep 1000"], ready: {log: hello}}
          b: {ip: 172.23.0.2, run: [sh, -c, "echo hello of b; exec sleep 1000"], ready: {log: hello}}
        scenarios:

        """;

    [Fact]
    public async Task Steps_that_hold_pass()
    {
        ScenarioResult result = await PassesAsync(
            """
              s:
                - expect: {from: a, to: b, is: reachable}
                - expect: {from: a, to: b, tcp: 7000, is: refused}
                - isolate: b
                - expect: {from: a, to: b, is: unreachable}
                - expect: {from: a, to: b, tcp: 7000, is: unreachable}
                  for: 300ms
                - heal
                - expect: {from: b, to: a, is: reachable}
                  within: 5s
                - cut: {from: a, to: b}
                - expect: {from: a, to: b, is: unreachable}
                - mend: {between: [a, b]}
                - expect: {from: a, to: b, is: reachable}
            """);
        Assert.Null(result.Failure);
    }

    [Fact]
    public async Task A_failing_expect_says_where_what_was_expected_and_what_was_seen()
    {
        string failure = await FailsAsync(
            """
              s:
                - name: b is gone
                  expect: {from: a, to: b, is: unreachable}
                  within: 300ms
            """);
        Assert.StartsWith("cleave.yaml:7:7: b is gone: expected b to be unreachable from a by icmp within 300ms; after ", failure, StringComparison.Ordinal);
        Assert.Contains("s it was reachable", failure, StringComparison.Ordinal);
        Assert.Contains("hello of b", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expect_for_a_time_fails_when_it_stops_being_so()
    {
        string failure = await FailsAsync(
            """
              s:
                - parallel:
                    - expect: {from: a, to: b, is: reachable}
                      for: 60s
                    - - sleep: 300ms
                      - isolate: b
                      - sleep: 60s
            """);
        Assert.Contains("expected b to be reachable from a by icmp for 1m; after", failure, StringComparison.Ordinal);
        Assert.Contains("it was unreachable", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_command_prints_is_saved_for_names_and_for_commands()
    {
        ScenarioResult result = await PassesAsync(
            """
              s:
                - run: hostname
                  node: b
                  save: leader
                - isolate: "${save.leader}"
                - expect: {from: a, to: "${save.leader}", is: unreachable}
                - run: test "$CLEAVE_SAVE_leader" = b && test "$(hostname)" = b && printf 'two\nlines\n\n'
                  node: "${save.leader}"
                  save: lines
                - run: [sh, -c, "hostname; ip -o link | grep -c 'br1:'"]
                  save: where
            """);
        Assert.Equal("b", result.Saved["leader"]);
        Assert.Equal("two\nlines", result.Saved["lines"]);
        Assert.EndsWith("\n1", result.Saved["where"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_command_shows_its_end_and_what_it_printed()
    {
        string failure = await FailsAsync(
            """
              s:
                - run: echo to stdout; echo to stderr >&2; exit 3
                  node: a
            """);
        Assert.StartsWith("cleave.yaml:7:7: `echo to stdout; echo to stderr >&2; exit 3` on a ended with ", failure, StringComparison.Ordinal);
        Assert.Contains("3", failure.Split(" ended with ")[1], StringComparison.Ordinal);
        Assert.Contains("to stdout", failure.Split(" ended with ")[1], StringComparison.Ordinal);
        Assert.Contains("to stderr", failure.Split(" ended with ")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Within_tries_a_command_again_until_it_succeeds_or_the_time_is_over()
    {
        ScenarioResult result = await PassesAsync(
            """
              s:
                - run: echo x >> /tmp/tries; test "$(wc -l < /tmp/tries)" -ge 3
                  node: a
                  within: 60s
                - run: wc -l < /tmp/tries
                  node: a
                  save: tries
            """);
        Assert.Equal("3", result.Saved["tries"]);

        string failure = await FailsAsync(
            """
              s:
                - run: echo not yet; false
                  node: a
                  within: 700ms
            """);
        Assert.Contains("within 700ms", failure, StringComparison.Ordinal);
        Assert.Contains("not yet", failure, StringComparison.Ordinal);

        failure = await FailsAsync(
            """
              s:
                - run: sleep 1000
                  node: a
                  within: 500ms
            """);
        Assert.Contains("it has not ended once", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_sees_lines_since_the_step_before_and_fails_with_the_last_ones()
    {
        await PassesAsync(
            """
              s:
                - wait: {node: b, log: "^hello of b$"}
                - run: echo news > /proc/$(pgrep -nx sleep)/fd/1
                  node: a
                - wait: {node: a, log: "^news$"}
                  within: 10s
            """);
        string failure = await FailsAsync(
            """
              s:
                - wait: {node: a, log: "never"}
                  within: 300ms
            """);
        Assert.StartsWith("cleave.yaml:7:7: expected a line that matches /never/ in the log of a within 300ms, saw none", failure, StringComparison.Ordinal);
        Assert.Contains("hello of a", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_branch_stops_the_others()
    {
        string failure = await FailsAsync(
            """
              s:
                - parallel:
                    - sleep: 10m
                    - run: sleep 600
                      node: b
                    - - sleep: 100ms
                      - name: the bad branch
                        run: "false"
                    - repeat: 1000000
                      steps:
                        - during: {isolate: a}
                          for: 10ms
            """);
        Assert.Contains("the bad branch", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeat_runs_its_steps_so_many_times()
    {
        ScenarioResult result = await PassesAsync(
            """
              s:
                - repeat: 7
                  steps:
                    - run: echo x >> /tmp/times
                      node: b
                - run: wc -l < /tmp/times
                  node: b
                  save: times
            """);
        Assert.Equal("7", result.Saved["times"]);
    }

    [Fact]
    public async Task During_heals_when_its_time_is_over_and_leaves_other_faults()
    {
        await PassesAsync(
            """
              s:
                - cut: {from: b, to: a, traffic: none}
                - during: {isolate: a}
                  steps:
                    - expect: {from: a, to: b, is: unreachable}
                    - during: {cut: {between: [a, b], traffic: none}}
                      for: 100ms
                    - expect: {from: a, to: b, is: unreachable}
                - mend: {from: b, to: a}
                - expect: {from: a, to: b, is: reachable}
            """);
    }

    private async Task<ScenarioResult> PassesAsync(string scenario)
    {
        (int code, ScenarioResult result) = await TestAsync(scenario);
        Assert.True((code, result.Verdict) == (0, Verdict.Passed), $"{code} {result.Failure}");
        return result;
    }

    private async Task<string> FailsAsync(string scenario)
    {
        (int code, ScenarioResult result) = await TestAsync(scenario);
        Assert.Equal((1, Verdict.Failed), (code, result.Verdict));
        return result.Failure!;
    }

    private async Task<(int Code, ScenarioResult Result)> TestAsync(string scenario)
    {
        Outcome outcome = await NewLab(Nodes + scenario + "\n").RunAsync("test", "--json", "--quiet");
        ScenarioResult[] results = [.. JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios];
        return (outcome.Code, Assert.Single(results));
    }
}
