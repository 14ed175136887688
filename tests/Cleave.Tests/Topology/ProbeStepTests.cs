using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>The step <c>probe</c>.</summary>
public class ProbeStepTests
{
    [Fact]
    public void It_asks_by_icmp_every_100_ms_if_nothing_else_is_said()
    {
        var step = (Step.Measure)Read("{from: a, to: all}").Topology!.Scenarios[0].Steps[0];
        Assert.Equal("a all Icmp 100", $"{Assert.Single(step.From)} {Assert.Single(step.To)} {step.By.GetType().Name} {step.Every.TotalMilliseconds}");
        step = (Step.Measure)Read("{from: a, to: b, http: \":80/x\", every: 1s}").Topology!.Scenarios[0].Steps[0];
        Assert.Equal(("/x", TimeSpan.FromSeconds(1)), (((Probe.Http)step.By).Path, step.Every));
    }

    [Theory]
    [InlineData("{from: a}", "a probe has no 'to'")]
    [InlineData("{from: a, to: b, tcp: 1, http: \":1\"}", "'http' stands beside 'tcp' in one 'probe': expected one of them")]
    [InlineData("{from: a, to: a}", "'a' is both ends: expected two nodes")]
    [InlineData("{from: a, to: b, every: 1ms}", "'1ms' stands here: expected 10ms or more")]
    [InlineData("{from: a, to: b, tpc: 1}", "did you mean 'tcp'?")]
    [InlineData("{from: a, to: d}", "'d'")]
    public void Mistakes_are_told(string probe, string says) => Assert.Contains(says, Assert.Single(Read(probe).Diagnostics).ToString(), StringComparison.Ordinal);

    private static ReadResult Read(string probe) => TopologyReader.Parse(
        "/lab/cleave.yaml",
        System.Text.Encoding.UTF8.GetBytes($"cleave: 1\nnodes:\n  a: {{ip: 172.23.0.1}}\n  b: {{ip: 172.23.0.2}}\nscenarios:\n  s:\n    - probe: {probe}\n"));
}
