using Cleave.Probes;
using Cleave.Scenarios;
using Cleave.Tests.Topology;

namespace Cleave.Tests.Probes;

public class ProbePathsTests
{
    private const string Lab = """
        cleave: 1
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
          wan: {subnet: [10.0.0.0/24, "fd01::/64"]}
        nodes:
          both: {ip: [172.23.0.1, "fd00:23::1", 10.0.0.1, "fd01::1"]}
          far: {ip: ["fd01::2", 10.0.0.2]}
          mixed: {ip: ["fd00:23::3", 10.0.0.3]}
          four: {ip: 172.23.0.4}
          six: {ip: "fd00:23::5"}
        """;

    [Theory]
    [InlineData("both", "far", "10.0.0.1>10.0.0.2 fd01::1>fd01::2")]
    [InlineData("far", "both", "10.0.0.2>10.0.0.1 fd01::2>fd01::1")]
    [InlineData("both", "mixed", "10.0.0.1>10.0.0.3 fd00:23::1>fd00:23::3")] // each family on a network of its own
    [InlineData("both", "four", "172.23.0.1>172.23.0.4")]
    [InlineData("six", "both", "fd00:23::5>fd00:23::1")]
    [InlineData("far", "mixed", "10.0.0.2>10.0.0.3 fd01::2>fd00:23::3")] // IPv6 through a router, if there is one
    [InlineData("four", "far", "172.23.0.4>10.0.0.2")]
    [InlineData("four", "six", "")]
    public void Nodes_are_probed_by_every_family_that_both_have(string from, string to, string expected)
    {
        var lab = LabText.Valid(Lab);

        Assert.Equal(expected, string.Join(' ', ProbePaths.Between(lab.FindNode(from)!, lab.FindNode(to)!).Select(p => $"{p.From}>{p.To}")));
    }

    [Theory]
    [InlineData(Reachability.Unreachable)]
    [InlineData(Reachability.Unreachable, Reachability.Unreachable, Reachability.Unreachable)]
    [InlineData(Reachability.Refused, Reachability.Unreachable, Reachability.Refused)]
    [InlineData(Reachability.Refused, Reachability.Refused, Reachability.Unreachable)]
    [InlineData(Reachability.Reachable, Reachability.Refused, Reachability.Reachable)]
    [InlineData(Reachability.Reachable, Reachability.Reachable, Reachability.Unreachable)]
    public void The_best_answer_counts(Reachability best, params Reachability[] answers) => Assert.Equal(best, ProbePaths.Best(answers));
}
