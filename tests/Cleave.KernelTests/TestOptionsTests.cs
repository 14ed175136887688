using System.Text.Json;
using Cleave.Cli;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What <c>cleave test</c> can be told besides: which scenarios, to name them only, to keep a lab; and its timeline.</summary>
public sealed class TestOptionsTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1}
          b: {ip: 172.23.0.2, run: "echo I am b; exec sleep 1000"}
        scenarios:
          good:
            - name: a nap
              sleep: 1ms
            - parallel:
                - sleep: 1ms
                - [sleep: 1ms, {repeat: 2, steps: [heal]}]
          bad:
            - isolate: b
            - expect: {from: a, to: b, is: reachable}
          last:
            - run: echo unexpected
          long:
            - always: {node: b, state: running}
              steps:
                - name: now asleep
                  run: sleep 600
        """;

    [Fact]
    public async Task Scenarios_are_listed_and_found_by_their_names()
    {
        CleaveCommand cleave = NewLab(Lab);
        Assert.Equal(
            """
            SCENARIO  LINE  STEPS
            good      6     6
            bad       12    2
            last      15    1
            long      17    2

            """, await cleave.OkAsync("test", "--list"));
        ScenarioList list = JsonSerializer.Deserialize(await cleave.OkAsync("test", "--list", "--json", "-s", "last"), CliJson.Default.ScenarioList)!;
        Assert.Equal([new ListedScenario("last", 15, 1)], list.Scenarios);

        Outcome missed = await cleave.RunAsync("test", "--scenario", "lst");
        Assert.Equal(2, missed.Code);
        Assert.Contains("there is no scenario 'lst' in", missed.Errors, StringComparison.Ordinal);
        Assert.Contains("it has good, bad, last, long; did you mean 'last'?", missed.Errors, StringComparison.Ordinal);

        CleaveCommand without = NewLab("cleave: 1\nnodes: {a: {ip: 172.23.0.1}}\n");
        Assert.Equal("", await without.OkAsync("test", "--list"));
        Assert.Equal(2, (await without.RunAsync("test")).Code);
    }

    [Fact]
    public async Task Keep_stops_at_the_first_failure_and_leaves_its_lab_healed_to_be_entered()
    {
        CleaveCommand cleave = NewLab(Lab);
        Outcome outcome = await cleave.RunAsync("test", "--keep", "-s", "good", "-s", "bad", "-s", "last");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("PASSED  good", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED  bad", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("NOT RUN last", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("| scenario bad: Failed: cleave.yaml:14:7: expected b", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", outcome.Output, StringComparison.Ordinal);
        string id = outcome.Output.Split("    cleave down --lab ")[1].Trim();
        Assert.Contains($"    cleave shell --lab {id} b\n    cleave logs --lab {id}\n", outcome.Output, StringComparison.Ordinal);

        // The command that started it is gone.
        Assert.Equal("b", (await cleave.OkAsync("exec", "--lab", id, "b", "--", "hostname")).Trim());
        Assert.Contains("I am b", await cleave.OkAsync("logs", "--lab", id), StringComparison.Ordinal);
        Assert.StartsWith("no partition in force\n\nlan  a  b\na    -  .\nb    .  -\n", await cleave.OkAsync("status", "--lab", id), StringComparison.Ordinal);
        await cleave.OkAsync("down", "--lab", id);
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
    }

    [Fact]
    public async Task Keep_says_in_json_which_lab_it_keeps_and_keeps_none_that_passes()
    {
        CleaveCommand cleave = NewLab(Lab);
        Outcome outcome = await cleave.RunAsync("test", "--keep", "--json", "--quiet", "-s", "good", "-s", "bad");
        TestReport report = JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!;
        Assert.Null(report.Scenarios[0].Lab);
        Assert.Equal(["b", "a"], report.Scenarios[1].Nodes!.Value);
        Assert.Contains(report.Scenarios[1].Lab!, await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
        await cleave.OkAsync("down", "--all");
    }

    [Fact]
    public async Task Steps_with_names_and_faults_are_shown_as_they_begin_and_end()
    {
        string output = (await NewLab(Lab).RunAsync("test", "-s", "good", "-s", "bad")).Output;
        Assert.Matches(@"\| a nap\n(.*\n)*cleave \| a nap: done after 0\.\d s\n", output);
        Assert.DoesNotContain("| sleep", output, StringComparison.Ordinal);
        Assert.Matches(@"\| isolate b: .*cut\n", output);
        Assert.Contains("| scenario good: passed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_in_the_middle_of_a_command_that_is_watched_it_ends_with_130_and_leaves_nothing()
    {
        using CleaveCommand.Background test = NewLab(Lab).StartInBackground("test", "--keep", "-s", "long", "-s", "last");
        await test.SeesAsync("now asleep");
        test.Signal(Posix.SIGINT);
        Assert.Equal(130, await test.EndsAsync());
        Assert.DoesNotContain("is kept", test.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", test.Output, StringComparison.Ordinal);
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
    }
}
