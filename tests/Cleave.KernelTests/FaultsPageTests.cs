using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>docs/faults.md: every command of its table means what the step beside it does.</summary>
public sealed partial class FaultsPageTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1}
          b: {ip: 172.23.0.2}
          c: {ip: 172.23.0.3}
          d: {ip: 172.23.0.4}
          e: {ip: 172.23.0.5}

        """;

    [Fact]
    public async Task Every_command_of_the_page_means_what_the_step_beside_it_does()
    {
        CleaveCommand cleave = NewLab(Lab);
        string page = File.ReadAllText(Path.Combine(CleaveCommand.Repository, "docs", "faults.md"));
        int rows = 0;
        foreach (Match row in Rows().Matches(page).Where(r => !IsOfOutside(r) && !IsOfNames(r)))
        {
            string[] command = row.Groups["command"].Value.Split(' ');
            string step = row.Groups["step"].Value;
            FaultPreview preview = JsonSerializer.Deserialize(await cleave.OkAsync([.. command, "--dry-run", "--json"]), ControlJson.Default.FaultPreview)!;
            ImmutableArray<ImmutableArray<string>> cuts = preview.Faults.Networks.Single().Cuts;
            PairSet meant = Pairs(step, out LabTopology lab);
            rows++;
            if (step.Contains("random", StringComparison.Ordinal))
            {
                Assert.Equal(meant.Count, cuts.Length);
                continue;
            }

            Assert.True(
                cuts.Length == meant.Count && cuts.All(c => meant.Contains(0, NodeTargets.Index(c[0], lab), NodeTargets.Index(c[1], lab))),
                $"{row.Value}\n{string.Join(' ', cuts.Select(c => $"{c[0]}>{c[1]}"))}");
        }

        Assert.Equal(16, rows);
    }

    [Fact]
    public Task So_does_every_one_that_names_what_is_no_node() => MeansTheSameAsync(IsOfOutside, 6);

    [Fact]
    public Task So_does_every_one_of_names_that_fail() => MeansTheSameAsync(IsOfNames, 3);

    private async Task MeansTheSameAsync(Func<Match, bool> which, int count)
    {
        string yaml = "cleave: 1\ngateway: user\nnodes:\n  web: {ip: 172.23.0.1, ports: [\"auto:8000\"]}\n  netns1: {}\nlinks: {l: {ends: {netns1: 10.200.1.1, fabric: }}}\n";
        CleaveCommand cleave = NewLab(yaml);
        Match[] rows = [.. Rows().Matches(File.ReadAllText(Path.Combine(CleaveCommand.Repository, "docs", "faults.md"))).Where(which)];
        foreach (Match row in rows)
        {
            string[] command = row.Groups["command"].Value.Split(' ');
            FaultPreview preview = JsonSerializer.Deserialize(await cleave.OkAsync([.. command, "--dry-run", "--json"]), ControlJson.Default.FaultPreview)!;
            LabTopology lab = TopologyReader.Parse("/lab/cleave.yaml", Encoding.UTF8.GetBytes($"{yaml}scenarios:\n  s:\n    - {row.Groups["step"].Value}\n")).Topology!;
            FaultStatus meant = FaultReport.Of(FaultsInForce.None(lab).With(((Step.Apply)lab.Scenarios[0].Steps[0]).Fault), lab);
            Assert.NotEqual("nothing is cut", meant.Summary);
            Assert.Equal(JsonSerializer.Serialize(meant, ControlJson.Default.FaultStatus), JsonSerializer.Serialize(preview.Faults, ControlJson.Default.FaultStatus));
        }

        Assert.Equal(count, rows.Length);
    }

    [Fact]
    public async Task Status_watches_until_the_lab_has_ended()
    {
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");
        using CleaveCommand.Background watch = cleave.StartInBackground("status", "--watch");
        await watch.SeesAsync("no partition in force");
        await cleave.OkAsync("ring", "--mode", "reject");
        await watch.SeesAsync("partition: ring, reject");
        await cleave.OkAsync("down");
        await watch.SeesAsync("has ended");
        Assert.Equal(0, await watch.EndsAsync());
    }

    private static bool IsOfNames(Match row) => row.Value.Contains("cleave dns", StringComparison.Ordinal);

    private static bool IsOfOutside(Match row) =>
        row.Value.Contains("host", StringComparison.Ordinal) || row.Value.Contains("internet", StringComparison.Ordinal) || row.Value.Contains("fabric", StringComparison.Ordinal);

    private static PairSet Pairs(string step, out LabTopology lab)
    {
        ReadResult read = TopologyReader.Parse("/lab/cleave.yaml", Encoding.UTF8.GetBytes($"{Lab}scenarios:\n  s:\n    - {step}\n"));
        lab = read.Topology ?? throw new InvalidOperationException(string.Join('\n', read.Diagnostics));
        Fault fault = ((Step.Apply)lab.Scenarios.Single().Steps.Single()).Fault.Drawn(() => 1);
        return FaultsInForce.None(lab).With(fault).Pairs;
    }

    [GeneratedRegex(@"^\| `cleave (?<command>[^`]+)` \| `(?<step>[^`]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Rows();
}
