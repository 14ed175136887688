using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>Cuts of nodes that routers join.</summary>
public class RoutedTests
{
    private static readonly LabTopology Lab = Labs.Of("a:lan b:lan r:lan,wan:router w:wan x:far");

    [Fact]
    public void A_cut_of_nodes_behind_a_router_is_a_pair_behind_the_networks() =>
        Assert.Equal("routed:a>w", Labs.Show(Labs.Cut("a", "w"), Lab));

    [Fact]
    public void A_cut_on_a_network_holds_through_routers_too_unless_the_network_is_named()
    {
        Assert.Equal("lan:a>b routed:a>b", Labs.Show(Labs.Cut("a", "b"), Lab));
        Assert.Equal("lan:a>b", Labs.Show(Labs.Cut("a", "b", network: "lan"), Lab));
    }

    [Fact]
    public void A_node_isolated_is_cut_from_whom_routers_join_it_with_and_not_from_whom_nothing_does() =>
        Assert.Equal("wan:r>w wan:w>r routed:a>w routed:b>w routed:r>w routed:w>a routed:w>b routed:w>r", Labs.Show(Labs.Isolate("w"), Lab));

    [Fact]
    public void Routers_in_a_row_join_too() =>
        Assert.Equal("routed:a>c", Labs.Show(Labs.Cut("a", "c"), Labs.Of("a:one r:one,two:router s:two,three:router c:three")));

    [Fact]
    public void A_cut_of_what_nothing_joins_is_refused_with_who_passes_on()
    {
        Assert.Equal("a and x share no network and no router joins theirs, so there is nothing to cut", Refusal(Labs.Cut("a", "x"), Lab));
        Assert.Equal(
            "a and w share no network and no router joins theirs, so there is nothing to cut: p is on both sides and no router, so that all it passes on comes from itself; "
            + "cut it from one of them instead",
            Refusal(Labs.Cut("a", "w"), Labs.Of("a:lan p:lan,wan w:wan")));
    }

    [Theory]
    [InlineData("nft add rule ip n p tcp dport 80 dnat to 10.1.0.3", "'dnat' rewrites destinations")]
    [InlineData("iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080", "'REDIRECT' rewrites destinations")]
    [InlineData("ip link add v0 type vxlan id 1 dev eth0", "a tunnel ('type vxlan')")]
    public void A_router_that_hides_who_speaks_to_whom_is_named_and_what_to_do_instead(string setup, string why)
    {
        LabTopology lab = WithSetup(Lab, "r", setup);
        string refusal = Refusal(Labs.Cut("a", "w"), lab);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
        Assert.Contains("cut a or w from r instead", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Source_NAT_on_a_router_hides_nothing() =>
        Assert.Equal("routed:a>w", Labs.Show(Labs.Cut("a", "w"), WithSetup(Lab, "r", "nft add rule ip n p oifname eth1 masquerade")));

    [Fact]
    public void A_router_that_hides_is_no_matter_where_the_pair_is_cut_from_it_as_well() =>
        FaultPairs.Of(Labs.Isolate("w"), WithSetup(Lab, "r", "nft add rule ip n p tcp dport 80 dnat to 10.1.0.3"));

    private static LabTopology WithSetup(LabTopology lab, string node, string line) => lab with
    {
        Nodes = [.. lab.Nodes.Select(n => n.Name == node ? n with { Setup = [new Command.Shell(line)] } : n)],
    };

    private static string Refusal(Fault fault, LabTopology lab) => Assert.Throws<InputException>(() => FaultPairs.Of(fault, lab)).Message;
}
