using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

public class FaultsInForceTests
{
    private static readonly LabTopology Lab = Labs.Of("a b c");

    private FaultsInForce _now = FaultsInForce.None(Lab);

    private string Cuts => Labs.Show(_now.Pairs, Lab);

    [Fact]
    public void Nothing_is_in_force_at_first()
    {
        Assert.Null(_now.Partition);
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void Each_partition_replaces_the_one_before()
    {
        Apply(Labs.Isolate("a"));
        Apply(Labs.Split("a b"));
        Assert.Equal("a>c b>c c>a c>b", Cuts);

        Apply(Labs.Disjoint("a | b c"));
        Assert.Equal("a>b a>c b>a c>a", Cuts);
        Assert.IsType<Fault.Disjoint>(_now.Partition);
    }

    [Fact]
    public void Cuts_add_up_and_outlive_partitions()
    {
        Apply(Labs.Cut("a", "b"));
        Apply(Labs.Isolate("c"));
        Apply(Labs.Cut("b", "a"));
        Assert.Equal("a>b a>c b>a b>c c>a c>b", Cuts);

        Apply(Labs.Isolate("a"));
        Apply(Labs.Split("a b c"));
        Assert.Equal("a>b b>a", Cuts);
    }

    [Fact]
    public void A_mend_takes_pairs_out_of_cuts_and_of_the_partition()
    {
        Apply(Labs.Cut("a", "b"));
        Apply(Labs.Cut("b", "c"));
        Apply(Labs.Isolate("a"));
        Apply(Labs.Mend("a", "b"));
        Assert.Equal("a>c b>a b>c c>a", Cuts);

        Apply(Labs.Isolate("c"));
        Assert.Equal("a>c b>c c>a c>b", Cuts);
    }

    [Fact]
    public void A_partition_of_which_everything_is_mended_is_none()
    {
        Apply(Labs.Isolate("a"));
        Apply(Labs.Mend("a", "b c"));
        Assert.NotNull(_now.Partition);

        Apply(Labs.Mend("b c", "a"));
        Assert.Null(_now.Partition);
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void Healing_clears_partition_and_cuts()
    {
        Apply(Labs.Isolate("a"));
        Apply(Labs.Cut("b", "c"));
        Apply(new Fault.Heal());

        Assert.Null(_now.Partition);
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void A_fault_that_does_not_fit_changes_nothing()
    {
        Apply(Labs.Isolate("a"));
        Assert.Throws<InputException>(() => _now.With(Labs.Isolate("x")));
        Assert.Equal("a>b a>c b>a c>a", Cuts);
    }

    [Fact]
    public void A_scope_of_a_partition_gives_back_the_one_before_with_what_was_mended_of_it()
    {
        Apply(Labs.Isolate("a"));
        Apply(Labs.Mend("a", "b"));
        During(Labs.Isolate("c"), () => Assert.Equal("a>c b>c c>a c>b", Cuts));

        Assert.Equal("a>c b>a c>a", Cuts);
        Assert.Equal(["a"], Assert.IsType<Fault.Isolate>(_now.Partition).Nodes);
    }

    [Fact]
    public void Nested_scopes_end_one_by_one()
    {
        During(Labs.Isolate("a"), () =>
        {
            During(Labs.Cut("b", "c"), () =>
            {
                During(Labs.Split("a b"), () => Assert.Equal("a>c b>c c>a c>b", Cuts));
                Assert.Equal("a>b a>c b>a b>c c>a", Cuts);
            });
            Assert.Equal("a>b a>c b>a c>a", Cuts);
        });
        Assert.Equal("", Cuts);
        Assert.Null(_now.Partition);
    }

    [Fact]
    public void A_scope_of_a_cut_leaves_what_an_older_cut_had_cut_already()
    {
        Apply(Labs.Cut("a", "b"));
        During(Labs.Cut("a", "b c"), () => Assert.Equal("a>b a>c", Cuts));

        Assert.Equal("a>b", Cuts);
    }

    [Fact]
    public void A_scope_of_a_cut_takes_nothing_from_the_partition()
    {
        Apply(Labs.Isolate("a"));
        During(Labs.Cut("a b", "c"), () => Assert.Equal("a>b a>c b>a b>c c>a", Cuts));

        Assert.Equal("a>b a>c b>a c>a", Cuts);
    }

    [Fact]
    public void What_a_step_inside_a_scope_cuts_or_mends_stays()
    {
        Apply(Labs.Cut("c", "a"));
        During(Labs.Isolate("a"), () =>
        {
            Apply(Labs.Cut("b", "c"));
            Apply(Labs.Mend("c", "a"));
        });

        Assert.Equal("b>c", Cuts);
    }

    [Fact]
    public void The_scope_of_a_cut_that_was_healed_inside_ends_quietly()
    {
        During(Labs.Cut("a", "b"), () => Apply(new Fault.Heal()));
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void Scopes_that_overlap_without_nesting_take_out_their_own_fault_only()
    {
        (object first, object second) = (new(), new());
        _now = _now.BeginScope(Labs.Isolate("a"), first);
        _now = _now.BeginScope(Labs.Isolate("b"), second);
        _now = _now.EndScope(first);
        Assert.Equal("a>b b>a b>c c>b", Cuts);

        _now = _now.EndScope(second);
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void Two_overlapping_scopes_of_one_cut_end_with_the_later_one()
    {
        (object first, object second) = (new(), new());
        _now = _now.BeginScope(Labs.Cut("a", "b"), first);
        _now = _now.BeginScope(Labs.Cut("a", "b"), second);
        _now = _now.EndScope(first);
        Assert.Equal("a>b", Cuts);

        _now = _now.EndScope(second);
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void A_heal_inside_a_scope_ends_the_scopes_around_it_for_good()
    {
        During(Labs.Isolate("a"), () => During(Labs.Cut("b", "c"), () => Apply(new Fault.Heal())));
        Assert.Equal("", Cuts);
    }

    [Fact]
    public void Ten_thousand_random_nestings_end_as_they_began()
    {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++)
        {
            _now = FaultsInForce.None(Lab);
            for (int before = random.Next(4); before > 0; before--)
            {
                Apply(Shapes.Random(random, Lab));
            }

            Nest(random, depth: 4);
        }
    }

    private void Nest(Random random, int depth)
    {
        Fault fault = Shapes.Random(random, Lab);
        if (depth == 0 || fault is not Fault.Loss loss)
        {
            return;
        }

        (Fault.Partition? partition, string pairs) = (_now.Partition, Cuts);
        During(loss, () => Nest(random, depth - 1));
        Assert.Same(partition, _now.Partition);
        Assert.Equal(pairs, Cuts);
    }

    private void Apply(Fault fault) => _now = _now.With(fault);

    private void During(Fault.Loss fault, Action inside)
    {
        object scope = new();
        _now = _now.BeginScope(fault, scope);
        inside();
        _now = _now.EndScope(scope);
    }
}
