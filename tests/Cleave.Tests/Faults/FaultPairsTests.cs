using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

public class FaultPairsTests
{
    private static readonly LabTopology Three = Labs.Of("a b c");
    private static readonly LabTopology Four = Labs.Of("a b c d");
    private static readonly LabTopology Routed = Labs.Of("a:lan r:lan,wan s:wan,lan w:wan");

    [Fact]
    public void A_node_isolated_is_cut_from_all_others_both_ways_and_the_others_keep_each_other() =>
        Assert.Equal("a>b b>a b>c c>b", Labs.Show(Labs.Isolate("b"), Three));

    [Fact]
    public void Nodes_isolated_together_are_cut_from_each_other_too() =>
        Assert.Equal("a>b a>c a>d b>a b>c b>d c>a c>b d>a d>b", Labs.Show(Labs.Isolate("a b"), Four));

    [Fact]
    public void Isolating_a_node_twice_is_isolating_it() =>
        Assert.Equal(Labs.Show(Labs.Isolate("b"), Three), Labs.Show(Labs.Isolate("b b"), Three));

    [Fact]
    public void Isolating_nobody_is_refused_as_it_would_cut_nothing()
    {
        var refused = Assert.Throws<InputException>(() => FaultPairs.Of(new Fault.Isolate([]), Three));
        Assert.Contains("isolate names no node", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_keeps_pairs_that_some_cluster_has_and_overlaps_reach_both_sides() =>
        Assert.Equal("a>c a>d b>d c>a d>a d>b", Labs.Show(Labs.Split("a b | b c | c d"), Four));

    [Fact]
    public void Nodes_that_a_split_does_not_list_are_alone() =>
        Assert.Equal("a>c a>d b>c b>d c>a c>b c>d d>a d>b d>c", Labs.Show(Labs.Split("a b"), Four));

    [Fact]
    public void Disjoint_clusters_are_cut_from_each_other_and_whole_inside() =>
        Assert.Equal("a>c a>d b>c b>d c>a c>b d>a d>b", Labs.Show(Labs.Disjoint("a b | c d"), Four));

    [Theory]
    [InlineData("a b", "c is in none")]
    [InlineData("a b c | b", "b is in 2")]
    public void Disjoint_clusters_have_every_node_once(string clusters, string words)
    {
        var refused = Assert.Throws<InputException>(() => FaultPairs.Of(Labs.Disjoint(clusters), Three));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.Contains("use split", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_is_one_way_unless_asked_for_both()
    {
        Assert.Equal("a>c b>c", Labs.Show(Labs.Cut("a b", "c"), Three));
        Assert.Equal("a>c b>c c>a c>b", Labs.Show(Labs.Cut("a b", "c", bothWays: true), Three));
    }

    [Fact]
    public void A_cut_between_the_same_nodes_leaves_out_what_a_node_says_to_itself() =>
        Assert.Equal("a>b b>a", Labs.Show(Labs.Cut("a b", "a b"), Three));

    [Fact]
    public void A_mend_means_the_same_pairs_as_the_cut() =>
        Assert.Equal(Labs.Show(Labs.Cut("a b", "c", true), Three), Labs.Show(Labs.Mend("a b", "c", true), Three));

    [Fact]
    public void Healing_means_no_pair() => Assert.Equal("", Labs.Show(new Fault.Heal(), Three));

    [Fact]
    public void A_cut_holds_on_every_network_that_two_nodes_share_or_on_the_one_named()
    {
        Assert.Equal("lan:r>s wan:r>s", Labs.Show(Labs.Cut("r", "s"), Routed));
        Assert.Equal("wan:r>s", Labs.Show(Labs.Cut("r", "s", network: "wan"), Routed));
        Assert.Equal("lan:a>r", Labs.Show(Labs.Cut("a", "r w"), Routed));
    }

    [Fact]
    public void A_partition_holds_on_every_network_for_those_who_are_on_it()
    {
        Assert.Equal("lan:a>r lan:r>a lan:r>s lan:s>r wan:r>s wan:r>w wan:s>r wan:w>r", Labs.Show(Labs.Isolate("r"), Routed));
        Assert.Equal("lan:a>s lan:r>s lan:s>a lan:s>r wan:r>s wan:r>w wan:s>r wan:w>r", Labs.Show(Labs.Disjoint("a r | s w"), Routed));
    }

    [Fact]
    public void A_cut_of_nodes_that_share_no_network_is_refused()
    {
        Assert.Contains("share no network", Refusal(Labs.Cut("a", "w")), StringComparison.Ordinal);
        Assert.Contains("share no network wan", Refusal(Labs.Cut("a", "r", network: "wan")), StringComparison.Ordinal);
        Assert.Contains("share no network", Refusal(Labs.Mend("a", "w")), StringComparison.Ordinal);
    }

    public static TheoryData<Fault> UnknownNodes() =>
        [Labs.Isolate("x"), Labs.Split("a x"), Labs.Disjoint("a r s w | x"), Labs.Cut("x", "a"), Labs.Cut("a", "x"), Labs.Mend("x", "a"), Labs.Mend("a", "x")];

    [Theory]
    [MemberData(nameof(UnknownNodes))]
    public void An_unknown_node_is_refused_with_the_names_there_are(Fault fault) =>
        Assert.Equal("there is no node and no tag 'x' in this lab; it has a, r, s and w", Refusal(fault));

    [Fact]
    public void An_unknown_network_is_refused_with_the_names_there_are()
    {
        Assert.Equal("there is no network 'x' in this lab; it has lan, wan", Refusal(Labs.Cut("a", "r", network: "x")));
        Assert.Equal("there is no network 'x' in this lab; it has lan, wan", Refusal(Labs.Mend("a", "r", network: "x")));
    }

    private static string Refusal(Fault fault) => Assert.Throws<InputException>(() => FaultPairs.Of(fault, Routed)).Message;
}
