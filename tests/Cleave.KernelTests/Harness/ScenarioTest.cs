using System.Text.Json;
using Cleave.Cli;
using Cleave.Control;

namespace Cleave.KernelTests.Harness;

/// <summary>A test of what scenarios do: several stand in one file, since each has a lab of its own anyway.</summary>
public abstract class ScenarioTest : KernelTest
{
    /// <summary>The file before the scenarios, its last line being <c>scenarios:</c>.</summary>
    protected abstract string Nodes { get; }

    /// <summary>Runs the scenarios, which must all pass.</summary>
    protected async Task<ScenarioResult[]> PassAsync(string scenarios)
    {
        (int code, ScenarioResult[] results) = await TestAsync(scenarios);
        Assert.All(results, r => Assert.True(r.Verdict == Verdict.Passed, $"{r.Scenario}: {r.Failure}"));
        Assert.Equal(0, code);
        return results;
    }

    /// <summary>Runs the scenarios, which must all fail, and gives what each says.</summary>
    protected async Task<string[]> FailAsync(string scenarios)
    {
        (int code, ScenarioResult[] results) = await TestAsync(scenarios);
        Assert.All(results, r => Assert.True(r.Verdict == Verdict.Failed, $"{r.Scenario}: {r.Verdict} {r.Failure}"));
        Assert.Equal(1, code);
        return [.. results.Select(r => r.Failure!)];
    }

    /// <summary>Puts further files into the folder of the lab.</summary>
    protected virtual void Prepare(CleaveCommand cleave)
    {
    }

    private async Task<(int Code, ScenarioResult[] Results)> TestAsync(string scenarios)
    {
        CleaveCommand cleave = NewLab(Nodes + scenarios + "\n");
        Prepare(cleave);
        Outcome outcome = await cleave.RunAsync("test", "--json", "--quiet");
        Assert.True(outcome.Output.Length > 0, outcome.ToString());
        return (outcome.Code, [.. JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios]);
    }
}
