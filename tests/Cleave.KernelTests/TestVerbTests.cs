using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave test</c> as a command: exit codes, what it prints, and programs that end.</summary>
public sealed class TestVerbTests : KernelTest
{
    private const string Nodes =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1}
          b: {ip: 172.23.0.2}

        """;

    private const string Three =
        """
        scenarios:
          good:
            - expect: {from: a, to: b, is: reachable}
            - run: echo '{"rate":17,"unit":"pages"}'
              save: load
          bad:
            - expect: {from: a, to: b, is: unreachable}
          better:
            # the one before has left nothing of its own
            - expect: {from: a, to: b, is: reachable}
            - run: echo '{"rate":18}'
              save: load
        """;

    [Fact]
    public async Task Of_several_scenarios_the_worst_gives_the_exit_code()
    {
        CleaveCommand cleave = NewLab(Nodes + Three);
        Outcome all = await cleave.RunAsync("test");
        Assert.Equal(1, all.Code);
        Assert.Contains("PASSED  good", all.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED  bad", all.Output, StringComparison.Ordinal);
        Assert.Contains("PASSED  better", all.Output, StringComparison.Ordinal);
        Assert.Matches(@"load\.rate +17 +- +18", all.Output);

        Outcome one = await cleave.RunAsync("test", "--scenario", "better", "-s", "good");
        Assert.Equal(0, one.Code);
        Assert.DoesNotContain("bad", one.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_on_standard_output_has_the_verdicts_and_nothing_else()
    {
        Outcome outcome = await NewLab(Nodes + Three).RunAsync("test", "--json");
        Assert.Equal(1, outcome.Code);
        using var json = JsonDocument.Parse(outcome.Output);
        JsonElement[] results = [.. json.RootElement.GetProperty("scenarios").EnumerateArray()];
        Assert.Equal(["good", "bad", "better"], results.Select(r => r.GetProperty("scenario").GetString()));
        Assert.Equal(["passed", "failed", "passed"], results.Select(r => r.GetProperty("verdict").GetString()));
        Assert.Equal("""{"rate":17,"unit":"pages"}""", results[0].GetProperty("saved").GetProperty("load").GetString());
        Assert.Contains("cleave.yaml:11:7", results[1].GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Contains("scenario bad", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_scenario_is_wrong_input_and_the_known_are_named()
    {
        Outcome outcome = await NewLab(Nodes + Three).RunAsync("test", "--scenario", "god");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("there is no scenario 'god'", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("good, bad, better", outcome.Errors, StringComparison.Ordinal);

        Assert.Equal(2, (await NewLab(Nodes).RunAsync("test")).Code);
    }

    [Fact]
    public async Task Interrupted_by_the_user_it_ends_with_130_and_leaves_nothing()
    {
        CleaveCommand cleave = NewLab(Nodes + "scenarios:\n  long:\n    - name: now asleep\n      sleep: 10m\n  never:\n    - sleep: 10m\n");
        using CleaveCommand.Background test = cleave.StartInBackground("test");
        await test.SeesAsync("now asleep");
        test.Signal(Posix.SIGINT);
        Assert.Equal(130, await test.EndsAsync());
        Assert.Empty(MachineState.MarkedProcesses(Runtime));
    }

    [Theory]
    [InlineData("exit 7", false)] // before the scenario has begun
    [InlineData("sleep 1; exit 0", false)]
    [InlineData("sleep 1; exit 7", true)]
    [InlineData("sleep 1; kill -9 $$", false)]
    public async Task A_program_that_ends_unasked_fails_the_scenario_and_is_named(string end, bool job)
    {
        string node = $$"""  c: {ip: 172.23.0.3, run: "echo last words; {{end}}"{{(job ? ", job: true" : "")}}}""";
        Outcome outcome = await NewLab(Nodes + node + "\nscenarios:\n  s:\n    - sleep: 10m\n").RunAsync("test", "--json");
        Assert.Equal(1, outcome.Code);
        using var json = JsonDocument.Parse(outcome.Output);
        JsonElement result = Assert.Single(json.RootElement.GetProperty("scenarios").EnumerateArray());
        Assert.Equal("failed", result.GetProperty("verdict").GetString());
        string failure = result.GetProperty("failure").GetString()!;
        Assert.StartsWith("c ended with ", failure, StringComparison.Ordinal);
        Assert.Contains("last words", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_succeeds_does_not()
    {
        CleaveCommand cleave = NewLab(
            Nodes + "  c: {ip: 172.23.0.3, run: \"sleep 0.3; echo done\", job: true}\nscenarios:\n  s:\n    - wait: {node: c, log: done}\n    - sleep: 500ms\n");
        Assert.Contains("PASSED", await cleave.OkAsync("test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_does_not_become_ready_fails_before_the_first_step()
    {
        Outcome outcome = await NewLab(
            Nodes + "  c: {ip: 172.23.0.3, run: \"echo still thinking; exec sleep 1000\", ready: {tcp: 80, within: 500ms}}\nscenarios:\n  s:\n    - run: echo first step\n").RunAsync("test");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("c does not accept connections on port 80 after 500ms", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("still thinking", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("first step", outcome.Output, StringComparison.Ordinal);
    }
}
