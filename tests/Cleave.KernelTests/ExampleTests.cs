using System.Globalization;
using System.Text.Json;
using Cleave.Cli;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>The examples teach what they promise.</summary>
public sealed class ExampleTests : KernelTest
{
    // Above it the machine is too busy for a p99 to say anything about the network.
    private const double BusyMilliseconds = 100;

    [Fact]
    public async Task Quickstart_passes() =>
        Assert.Contains("PASSED  partition", await Example("quickstart").OkAsync("test"), StringComparison.Ordinal);

    [Fact]
    public async Task A_flaky_network_spares_the_median_and_ruins_the_tail_and_the_rate()
    {
        Tool.Require("nginx", "nginx");
        Tool.Require("wrk", "wrk");
        CleaveCommand cleave = Example("flaky-network");
        Outcome flask = await cleave.RunAsync("python3", ["-c", "import flask"], null);
        Assert.SkipUnless(flask.Code == 0, "needs flask, from the package python3-flask");

        (Load normal, Load flaky) = await RunAsync(cleave);
        if (normal.P99 > BusyMilliseconds)
        {
            (normal, flaky) = await RunAsync(cleave);
        }

        string seen = $"normal: {normal}, flaky: {flaky}";
        Assert.True(flaky.P99 >= 10 * normal.P99, $"the tail: {seen}");
        Assert.True(flaky.P50 < 2 * normal.P50, $"the median: {seen}");
        Assert.True(normal.Rate / flaky.Rate is >= 2 and <= 6, $"the rate: {seen}");
    }

    private static async Task<(Load Normal, Load Flaky)> RunAsync(CleaveCommand cleave)
    {
        Outcome outcome = await cleave.RunAsync("test", "--json", "--quiet");
        Assert.True(outcome.Code == 0, $"{outcome}");
        var results = JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios.ToDictionary(r => r.Scenario, r => r.Saved["load"]);
        return (Load.Parse(results["normal"]), Load.Parse(results["flaky"]));
    }

    private sealed record Load(double P50, double P99, double Rate)
    {
        public static Load Parse(string json)
        {
            using var document = JsonDocument.Parse(json);
            return new(Number("p50_ms"), Number("p99_ms"), Number("requests_per_s"));

            double Number(string name) => double.Parse(document.RootElement.GetProperty(name).ToString(), CultureInfo.InvariantCulture);
        }
    }
}
