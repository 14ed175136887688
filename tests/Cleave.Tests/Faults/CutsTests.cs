using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>How faults of different traffic and manner come together.</summary>
public class CutsTests
{
    private static readonly LabTopology Lab = Labs.Of("a b c");

    [Theory]
    [InlineData("tcp 80", "tcp 80")]
    [InlineData("udp tcp 90,80", "tcp 80,90 udp")]
    [InlineData("tcp 80-85,86,84-90,200", "tcp 80-90,200")]
    [InlineData("icmp tcp 80 tcp", "tcp icmp")]
    public void Traffic_is_put_in_order(string text, string ordered) => Assert.Equal(ordered, Traffic.Parse(text)!.ToString());

    [Theory]
    [InlineData("sctp")]
    [InlineData("80")]
    [InlineData("icmp 8")]
    [InlineData("tcp 0")]
    [InlineData("tcp 65536")]
    [InlineData("tcp 9-8")]
    [InlineData("tcp 1-2-3")]
    [InlineData("tcp 80 81")]
    public void Anything_else_is_no_traffic(string text) => Assert.Throws<InputException>(() => Traffic.Parse(text));

    [Fact]
    public void What_loses_everything_is_not_listed_again_for_some_traffic()
    {
        Cuts cuts = After(Some("a", "b c", "tcp 80"), Labs.Cut("a", "b"));
        Assert.Equal("a>b", Labs.Show(cuts.Packets, Lab));
        SomeCut some = Assert.Single(cuts.Some);
        Assert.Equal(("tcp 80", "a>c"), ($"{some.Traffic}", Labs.Show(some.Pairs, Lab)));
    }

    [Fact]
    public void The_same_traffic_written_in_two_ways_is_one()
    {
        Cuts cuts = After(Some("a", "b", "tcp 80,81"), Some("a", "c", "tcp 80-81"));
        Assert.Equal("a>b a>c", Labs.Show(Assert.Single(cuts.Some).Pairs, Lab));
    }

    [Fact]
    public void Silence_wins_over_an_answer()
    {
        Cuts cuts = After(Told("a", "b c", CutMode.Reset), Labs.Cut("a", "b"));
        Assert.Equal("a>b a>c", Labs.Show(cuts.Packets, Lab));
        AnsweredCut answered = Assert.Single(cuts.Answers);
        Assert.Equal((CutMode.Reset, "a>c"), (answered.Mode, Labs.Show(answered.Pairs, Lab)));
    }

    [Fact]
    public void A_mend_of_some_traffic_leaves_the_rest_cut()
    {
        Cuts cuts = After(Some("a", "b", "tcp 80"), Labs.Cut("b", "c"), Labs.Mend("a b", "b c") with { Traffic = Traffic.Parse("tcp 80") });
        Assert.Empty(cuts.Some);
        Assert.Equal("b>c", Labs.Show(cuts.Packets, Lab));
    }

    [Fact]
    public void A_mend_of_all_takes_some_traffic_too() => Assert.True(After(Some("a", "b", "udp"), Labs.Mend("a", "b")).IsEmpty);

    [Fact]
    public void Pairs_are_transposed_at_every_size()
    {
        foreach (int nodes in (int[])[1, 2, 63, 64, 65, 127, 128, 129, 300])
        {
            var random = new Random(nodes);
            var pairs = new PairSet(2, nodes);
            for (int i = 0; i < nodes * 3; i++)
            {
                pairs.Add(1, random.Next(nodes), random.Next(nodes));
            }

            PairSet transposed = pairs.Transposed(1);
            for (int a = 0; a < nodes; a++)
            {
                for (int b = 0; b < nodes; b++)
                {
                    Assert.Equal(pairs.Contains(1, a, b), transposed.Contains(0, b, a));
                }
            }
        }
    }

    private static Cuts After(params ReadOnlySpan<Fault> faults)
    {
        FaultsInForce now = FaultsInForce.None(Lab);
        foreach (Fault fault in faults)
        {
            now = now.With(fault);
        }

        return now.Cuts;
    }

    private static Fault.Loss Some(string from, string to, string traffic) => Labs.Cut(from, to) with { Manner = new(Traffic.Parse(traffic), CutMode.Drop, false) };

    private static Fault.Loss Told(string from, string to, CutMode mode) => Labs.Cut(from, to) with { Manner = new(null, mode, false) };
}
