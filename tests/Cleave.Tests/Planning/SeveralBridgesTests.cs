using Cleave.Netlink;
using Cleave.Planning;
using Cleave.Tests.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Planning;

/// <summary>Networks with more nodes than a bridge has ports.</summary>
public class SeveralBridgesTests
{
    private static readonly PlanInputs Inputs = new("/home/me/project", "/run/user/1000/cleave");

    [Theory]
    [InlineData(1, 1023, "")]
    [InlineData(1023, 1023, "")]
    [InlineData(1024, 1023, "512 512")]
    [InlineData(2044, 1023, "1022 1022")]
    [InlineData(2045, 1023, "682 682 681")]
    [InlineData(4000, 1023, "1000 1000 1000 1000")]
    [InlineData(4, 4, "")]
    [InlineData(5, 4, "3 2")]
    [InlineData(12, 4, "3 3 3 3")]
    [InlineData(2, 2, "")]
    public void A_network_gets_as_many_bridges_as_its_nodes_and_their_trunks_need(int nodes, int ports, string shares)
    {
        LabPlan plan = LabPlan.Of(Labs.OfSize(nodes), Inputs with { BridgePorts = ports });
        var wiring = new Wiring(plan.Topology);
        string[] leaves = [.. plan.Network.OfType<Operation.CreateVeth>().Select(v => v.Bridge.Name)];

        Assert.Equal(shares.Length > 0, wiring.SpansBridges(0));
        Assert.Equal(shares.Length > 0 ? shares : $"{nodes}", string.Join(' ', leaves.GroupBy(b => b).Select(g => g.Count())));
        Assert.Equal(shares.Length > 0 ? Enumerable.Range(1, shares.Split(' ').Length).Select(n => $"br1.{n}") : ["br1"], leaves.Distinct());
    }

    [Fact]
    public void No_bridge_gets_more_ports_than_it_takes()
    {
        foreach (int nodes in Enumerable.Range(1, 20))
        {
            LabPlan plan = LabPlan.Of(Labs.OfSize(nodes), Inputs with { BridgePorts = 5 });
            IEnumerable<string> ports = plan.Network.SelectMany(o => o switch
            {
                Operation.CreateVeth v => [v.Bridge.Name],
                Operation.CreateTrunk t => [t.Core.Name],
                Operation.ConnectTrunk t => [t.Bridge.Name],
                _ => Array.Empty<string>(),
            });

            Assert.All(ports.GroupBy(p => p), bridge => Assert.InRange(bridge.Count(), 1, 5));
        }

        Assert.Throws<InvalidOperationException>(() => LabPlan.Of(Labs.OfSize(21), Inputs with { BridgePorts = 5 }));
    }

    [Fact]
    public void Four_thousand_nodes_have_unique_names_numbers_and_addresses_and_the_same_plan_each_time()
    {
        LabTopology lab = Labs.Of(string.Join(' ', Enumerable.Range(1, 4000).Select(n => n % 2 == 0 ? $"n{n}:lan,wan" : $"n{n}:wan,lan")));
        LabPlan plan = LabPlan.Of(lab, Inputs);
        Interface[] links = [.. plan.Network.SelectMany(o => o switch
        {
            Operation.CreateBridge b => [b.Bridge],
            Operation.CreateVeth v => [v.Port],
            Operation.CreateTrunk t => [t.CoreEnd, t.LeafEnd],
            _ => Array.Empty<Interface>(),
        })];
        MacAddress[] macs = [.. plan.Network.SelectMany(o => o switch
        {
            Operation.CreateBridge b => [b.Mac],
            Operation.CreateVeth v => [v.PortMac, v.InsideMac],
            Operation.CreateTrunk t => [t.CoreEndMac, t.LeafEndMac],
            _ => Array.Empty<MacAddress>(),
        })];

        Assert.Equal(2 + (2 * 4 * 3) + 8000, links.Length);
        Assert.Distinct(links.Select(l => l.Name));
        Assert.Distinct(links.Select(l => l.Index));
        Assert.All(links, l => Assert.InRange(l.Name.Length, 1, 15));
        Assert.Distinct(macs);
        Assert.All(macs, m => Assert.Equal(0x02UL, (m.ToUInt64() >> 40) & 3)); // locally administered, unicast
        Assert.Equal(plan.Network.Select(Line), LabPlan.Of(lab, Inputs).Network.Select(Line));

        string Line(Operation operation) => PlanPrinter.Line(operation, lab);
    }

    [Fact]
    public void A_leaf_knows_its_own_nodes_and_the_core_knows_the_leaf_of_each()
    {
        LabPlan plan = LabPlan.Of(Labs.Of("a b c:wan d:lan,wan e f"), Inputs with { BridgePorts = 3 });
        ILookup<MacAddress, string> known = plan.Network.OfType<Operation.AddForwarding>().ToLookup(f => f.Mac, f => f.Port.Name);
        var cores = plan.Network.OfType<Operation.ConnectTrunk>().ToDictionary(t => t.Bridge.Name, t => $"tc{t.LeafEnd.Name[1..]}");

        Assert.Equal(3, cores.Count); // lan has five nodes, two a leaf; wan has two, which one bridge takes
        Assert.All(plan.Network.OfType<Operation.CreateVeth>(), v => Assert.Equal(
            cores.TryGetValue(v.Bridge.Name, out string? core) ? [v.Port.Name, core] : [v.Port.Name], known[v.InsideMac]));
    }

    [Fact]
    public void Only_ports_of_networks_with_several_bridges_are_marked_each_with_the_number_in_its_name()
    {
        LabPlan plan = LabPlan.Of(Labs.Of("a b c:wan d:wan,lan e f"), Inputs with { BridgePorts = 3 });
        Operation.CreatePortMarks marks = Assert.Single(plan.Network.OfType<Operation.CreatePortMarks>());

        Assert.Equal(["p1", "p2", "p5", "p6", "p7"], marks.Ports.Select(p => p.Port));
        Assert.All(marks.Ports, p => Assert.Equal(p.Port, $"p{p.Mark}"));
        Assert.DoesNotContain(LabPlan.Of(Labs.OfSize(1023), Inputs).Network, o => o is Operation.CreatePortMarks);
    }

    [Fact]
    public void Marks_are_loaded_in_pieces_that_a_users_socket_takes_and_used_when_all_are_there()
    {
        var marks = new Operation.CreatePortMarks([.. Enumerable.Range(1, 4000).Select(n => ($"p{n}", n))]);
        string[] printed = [.. PortMarksText.Create(marks.Ports)];
        var sent = Execution.PortMarks.Create(marks.Ports).ToArray();

        Assert.Equal(3, printed.Length);
        Assert.All(printed[..^1], p => Assert.DoesNotContain("chain", p, StringComparison.Ordinal));
        Assert.Contains("meta mark set iifname map @port", printed[^1], StringComparison.Ordinal);
        Assert.Equal(printed.Length, sent.Length);
        Assert.All(sent, b => Assert.InRange(b.Length, 1, 100_000));
    }
}
