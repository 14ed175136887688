using Cleave.Control;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

public class FaultReportTests
{
    [Fact]
    public void A_large_network_is_told_by_groups()
    {
        LabTopology lab = Labs.OfSize(300);
        FaultStatus status = Short(lab, Labs.Disjoint($"{Labs.Names(1, 100)} | {Labs.Names(101, 300)}"), Labs.Cut("n5", "n6"));

        Assert.Empty(status.Networks);
        Assert.Equal("40001 ordered pairs are cut", status.Summary);
        GroupCuts lan = Assert.Single(status.Groups);
        Assert.Equal(300, lan.Groups.Sum(g => g.Length));
        Assert.Equal("n1", lan.Groups[0][0]);
        Assert.Equal([98, 1, 1, 200], lan.Groups.Select(g => g.Length)); // n5 and n6 are in a relation of their own
        Assert.Equal(["0>3", "1>2", "1>3", "2>3", "3>0", "3>1", "3>2"], lan.Cuts.Select(c => $"{c[0]}>{c[1]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nodes_that_are_isolated_together_are_a_group_that_is_cut_from_itself()
    {
        GroupCuts lan = Assert.Single(Short(Labs.OfSize(200), Labs.Isolate(Labs.Names(1, 200))).Groups);
        Assert.Equal(200, Assert.Single(lan.Groups).Length);
        Assert.Equal([0, 0], Assert.Single(lan.Cuts));
    }

    [Fact]
    public void Healed_all_are_one_group()
    {
        GroupCuts lan = Assert.Single(Short(Labs.OfSize(200)).Groups);
        Assert.Equal(200, Assert.Single(lan.Groups).Length);
        Assert.Empty(lan.Cuts);
    }

    [Fact]
    public void A_small_network_is_told_by_pairs()
    {
        FaultStatus status = Short(Labs.OfSize(128), Labs.Cut("n1", "n2"));
        Assert.Empty(status.Groups);
        Assert.Equal(["n1", "n2"], Assert.Single(Assert.Single(status.Networks).Cuts));
    }

    private static FaultStatus Short(LabTopology lab, params Fault[] faults) =>
        FaultReport.Short(faults.Aggregate(FaultsInForce.None(lab), (now, fault) => now.With(fault)), lab);
}
