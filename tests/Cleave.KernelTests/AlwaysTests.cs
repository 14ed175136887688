using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Checks that are watched while steps run.</summary>
public sealed class AlwaysTests : ScenarioTest
{
    protected override string Nodes =>
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: "echo I am a; exec sleep 1000", tags: [left]}
          b: {ip: 172.23.0.2, run: "echo I am b; exec sleep 1000", tags: [left]}
          c: {ip: 172.23.0.3}
        scenarios:

        """;

    [Fact]
    public async Task What_holds_all_the_while_passes() => await PassAsync(
        """
          s:
            - always: {from: left, to: left, is: reachable}
              steps:
                - during: {isolate: {nodes: c, traffic: none}}
                  for: 200ms
                - always: {from: c, to: a, is: reachable}
                  for: 200ms
            - isolate: b
            - never: {from: all, to: b, is: reachable}
              for: 300ms
            - never: {node: all, run: "test -e /tmp/leader", at-least: 2}
              every: 20ms
              steps:
                - run: touch /tmp/leader
                  node: a
            - never: {node: all, log: panic}
              steps: [sleep: 100ms]
            - always: {node: [a, b], state: running}
              steps: [sleep: 100ms]
        """);

    [Fact]
    public async Task A_short_violation_is_caught_and_ends_the_steps()
    {
        string[] failures = await FailAsync(
            """
              lost:
                - name: b stays
                  always: {from: a, to: b, is: reachable}
                  steps:
                    - sleep: 500ms
                    - during: {isolate: b}
                      for: 300ms
                    - sleep: 10m
              leak:
                # a look at silence takes a second, and others begin meanwhile
                - isolate: b
                - never: {from: a, to: b, tcp: 7000, is: refused}
                  steps:
                    - sleep: 300ms
                    - mend: {between: [a, b]}
                    - heal
                    - sleep: 300ms
                    - isolate: b
                    - sleep: 10m
              leaders:
                - never: {node: all, run: "test -e /tmp/leader", at-least: 2}
                  every: 20ms
                  steps:
                    - {run: touch /tmp/leader, node: a}
                    - {run: touch /tmp/leader, node: c}
                    - sleep: 10m
              panic:
                - never: {node: all, log: panic}
                  steps:
                    - run: echo panic now > /proc/$(pgrep -nx sleep)/fd/1
                      node: b
                    - sleep: 10m
              from-the-start:
                - always: {from: a, to: b, is: unreachable}
                  for: 10m
            """);
        Assert.StartsWith("cleave.yaml:8:7: b stays: expected always b to be reachable from a by icmp; it was unreachable\n(", failures[0], StringComparison.Ordinal);
        Assert.Contains("b's last lines:\n    I am b", failures[0], StringComparison.Ordinal);
        Assert.Contains("a's last lines:\n    I am a", failures[0], StringComparison.Ordinal);
        Assert.Contains("expected never b to be refused from a by tcp port 7000; it was refused", failures[1], StringComparison.Ordinal);
        Assert.Contains("expected never at least 2 of 3: `test -e /tmp/leader` on all nodes to end with exit code 0; it held of 2 of 3:\n    a ended with", failures[2], StringComparison.Ordinal);
        Assert.Contains("expected never a line that matches /panic/ in the log of all nodes; it held of 1 of 3:\n    b had the line: panic now: holds", failures[3], StringComparison.Ordinal);
        Assert.Contains("expected always b to be unreachable from a by icmp; it was reachable\n(", failures[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_in_the_steps_comes_through()
    {
        string[] failures = await FailAsync(
            """
              s:
                - always: {from: a, to: b, is: reachable}
                  steps:
                    - name: the bad step
                      run: "false"
            """);
        Assert.Contains("the bad step: `false` on fabric ended with", failures[0], StringComparison.Ordinal);
    }
}
