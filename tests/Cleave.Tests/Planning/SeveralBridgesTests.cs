using Cleave.Execution;
using Cleave.Netlink;
using Cleave.Planning;
using Cleave.Tests.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Planning;

/// <summary>Networks with more nodes than one bridge takes.</summary>
public class SeveralBridgesTests
{
    private static readonly PlanInputs Inputs = new("/home/me/project", "/run/user/1000/cleave");

    [Theory]
    [InlineData(1, 1000, "1")]
    [InlineData(1000, 1000, "1000")]
    [InlineData(1001, 1000, "201 200 200 200 200")]
    [InlineData(1250, 1000, "250 250 250 250 250")]
    [InlineData(1251, 1000, "209 208 209 208 209 208")]
    [InlineData(4, 4, "4")]
    [InlineData(5, 4, "1 1 1 1 1")]
    [InlineData(8, 8, "8")]
    [InlineData(9, 8, "2 2 2 2 1")]
    [InlineData(2, 1, "1 1")]
    public void A_network_gets_as_many_bridges_as_a_broadcast_can_pass_one_after_the_other(int nodes, int most, string shares)
    {
        LabPlan plan = LabPlan.Of(Labs.OfSize(nodes), Inputs with { NodesOfABridge = most });
        string[] bridges = [.. plan.Network.OfType<Operation.CreateVeth>().Select(v => v.Bridge.Name)];

        Assert.Equal(shares.Contains(' ', StringComparison.Ordinal), new Wiring(plan.Topology).SpansBridges(0));
        Assert.Equal(shares, string.Join(' ', bridges.GroupBy(b => b).Select(g => g.Count())));
        Assert.Equal(
            ["br1", .. Enumerable.Range(2, shares.Split(' ').Length - 1).Select(n => $"br1.{n}")], bridges.Distinct());
        Assert.Equal(plan.Network.OfType<Operation.CreateBridge>().Select(b => b.Bridge.Name), bridges.Distinct());
    }

    [Fact]
    public void Four_thousand_nodes_are_on_sixteen_bridges_in_a_row_none_of_which_has_more_than_252_ports()
    {
        LabPlan plan = LabPlan.Of(Labs.OfSize(4000), Inputs);
        (string Bridge, string Port)[] ports = [.. plan.Network.SelectMany(o => o switch
        {
            Operation.CreateVeth v => [(v.Bridge.Name, v.Port.Name)],
            Operation.CreateTrunk t => [(t.Upper.Name, t.Down.Name)],
            Operation.ConnectTrunk t => [(t.Lower.Name, t.Up.Name)],
            _ => Array.Empty<(string, string)>(),
        })];

        Assert.Equal(16, ports.GroupBy(p => p.Bridge).Count());
        Assert.All(ports.GroupBy(p => p.Bridge), b => Assert.InRange(b.Count(), 1, 252));
        Assert.All(ports.GroupBy(p => p.Bridge), b => Assert.InRange(b.Count(p => p.Port.StartsWith('t')), 1, 2));
        Assert.Equal(15, plan.Network.OfType<Operation.CreateTrunk>().Count());
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
            Operation.CreateTrunk t => [t.Down, t.Up],
            _ => Array.Empty<Interface>(),
        })];
        MacAddress[] macs = [.. plan.Network.SelectMany(o => o switch
        {
            Operation.CreateBridge b => [b.Mac],
            Operation.CreateVeth v => [v.PortMac, v.InsideMac],
            Operation.CreateTrunk t => [t.DownMac, t.UpMac],
            _ => Array.Empty<MacAddress>(),
        })];

        Assert.Equal(2 + (2 * 15 * 3) + 8000, links.Length);
        Assert.Distinct(links.Select(l => l.Name));
        Assert.Distinct(links.Select(l => l.Index));
        Assert.All(links, l => Assert.InRange(l.Name.Length, 1, 15));
        Assert.Distinct(macs);
        Assert.All(macs, m => Assert.Equal(0x02UL, (m.ToUInt64() >> 40) & 3)); // locally administered, unicast
        Assert.Equal(plan.Network.Select(Line), LabPlan.Of(lab, Inputs).Network.Select(Line));

        string Line(Operation operation) => PlanPrinter.Line(operation, lab);
    }

    [Fact]
    public void From_every_bridge_the_entries_lead_to_every_node_and_what_is_unknown_ends_at_the_first()
    {
        LabPlan plan = LabPlan.Of(Labs.OfSize(11), Inputs with { NodesOfABridge = 8 });
        Operation.CreateVeth[] cables = [.. plan.Network.OfType<Operation.CreateVeth>()];
        var bridgeOf = cables.Select(v => (v.Port.Name, v.Bridge.Name))
            .Concat(plan.Network.OfType<Operation.CreateTrunk>().Select(t => (t.Down.Name, t.Upper.Name)))
            .ToDictionary(p => p.Item1, p => p.Item2);
        var below = plan.Network.OfType<Operation.ConnectTrunk>().ToDictionary(t => $"td{t.Up.Name[2..]}", t => t.Lower.Name);
        var above = below.ToDictionary(b => b.Value, b => bridgeOf[b.Key]);
        var known = plan.Network.OfType<Operation.AddForwarding>().ToDictionary(f => (bridgeOf[f.Port.Name], f.Mac), f => f.Port.Name);

        Assert.Equal(6, above.Count + 1);
        foreach (string start in bridgeOf.Values.Distinct())
        {
            Assert.All(cables, v => Assert.Equal(v.Port.Name, Way(start, v.InsideMac)));
            Assert.Null(Way(start, new MacAddress(0x02_00_00_00_00_07UL)));
        }

        string? Way(string bridge, MacAddress mac)
        {
            while (true)
            {
                if (known.TryGetValue((bridge, mac), out string? port))
                {
                    if (!below.TryGetValue(port, out string? next))
                    {
                        return port;
                    }

                    bridge = next;
                }
                else if (!above.TryGetValue(bridge, out bridge!))
                {
                    return null;
                }
            }
        }
    }

    [Fact]
    public void Only_ports_of_networks_with_several_bridges_are_marked_each_with_the_number_in_its_name()
    {
        LabPlan plan = LabPlan.Of(Labs.Of("a b c:wan d:wan,lan e f"), Inputs with { NodesOfABridge = 3 });
        Operation.CreatePortMarks marks = Assert.Single(plan.Network.OfType<Operation.CreatePortMarks>());

        Assert.Equal(["p1", "p2", "p5", "p6", "p7"], marks.Ports.Select(p => p.Port.Name));
        Assert.All(marks.Ports, p => Assert.Equal(p.Port.Name, $"p{p.Mark}"));
        Assert.DoesNotContain(LabPlan.Of(Labs.OfSize(1000), Inputs).Network, o => o is Operation.CreatePortMarks);
    }

    [Fact]
    public void Marks_are_loaded_in_pieces_that_a_users_socket_takes_and_used_when_all_are_there()
    {
        var marks = new Operation.CreatePortMarks([.. Enumerable.Range(1, 4000).Select(n => (new Interface($"p{n}", n), n))]);
        string[] printed = [.. PortMarks.Create(marks.Ports).Select(t => CutTableText.Print(t))];
        var sent = PortMarks.Create(marks.Ports).Select(t => CutTable.Encode(t)).ToArray();

        Assert.Equal(3, printed.Length);
        Assert.All(printed[..^1], p => Assert.DoesNotContain("chain", p, StringComparison.Ordinal));
        Assert.Contains("meta mark set iif map @port", printed[^1], StringComparison.Ordinal);
        Assert.Equal(printed.Length, sent.Length);
        Assert.All(sent, b => Assert.InRange(b.Length, 1, 100_000));
    }
}
