using System.Collections.Immutable;
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

    [Fact]
    public async Task Etcd_loses_no_acknowledged_write_when_its_leader_is_cut_off()
    {
        Tool.Require("etcd", "etcd-server");
        Tool.Require("etcdctl", "etcd-client");
        Dictionary<string, ImmutableSortedDictionary<string, string>> saved = await SavedAsync(Example("etcd"));
        Assert.Equal((40, 0), (Number(saved["leader-isolated"]["writes"], "acknowledged"), Number(saved["leader-isolated"]["writes"], "lost")));
        Assert.Equal((10, 0), (Number(saved["peer-port"]["writes"], "acknowledged"), Number(saved["peer-port"]["writes"], "lost")));
        Assert.Equal(5, Number(saved["peer-port"]["stale"], "behind_by_keys"));
    }

    [Fact]
    public async Task Redis_loses_what_its_old_master_acknowledged_and_less_where_it_needs_a_replica()
    {
        Tool.Require("redis-server", "redis-server");
        Dictionary<string, ImmutableSortedDictionary<string, string>> saved = await SavedAsync(Example("redis-sentinel"));
        (string all, string bounded) = (saved["loses-writes"]["writes"], saved["min-replicas-bounds-it"]["writes"]);
        string seen = $"by default: {all}; with min-replicas-to-write: {bounded}";
        Assert.True(Number(all, "refused") == 0 && Number(all, "lost_over_s") > 7, seen);
        Assert.True(Number(bounded, "refused") > 0 && Number(bounded, "lost_over_s") <= 5, seen);
    }

    /// <summary>What the scenarios of an example have saved, all of them having passed, at once.</summary>
    private static async Task<Dictionary<string, ImmutableSortedDictionary<string, string>>> SavedAsync(CleaveCommand cleave)
    {
        Outcome outcome = await cleave.RunAsync("test", "--json", "--quiet", "--jobs", "2");
        Assert.True(outcome.Code == 0, $"{outcome}");
        return JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios.ToDictionary(r => r.Scenario, r => r.Saved);
    }

    private static double Number(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return double.Parse(document.RootElement.GetProperty(name).ToString(), CultureInfo.InvariantCulture);
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
        public static Load Parse(string json) => new(Number(json, "p50_ms"), Number(json, "p99_ms"), Number(json, "requests_per_s"));
    }
}
