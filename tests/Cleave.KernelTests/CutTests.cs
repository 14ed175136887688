using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Which pairs each verb cuts, judged one way at a time by UDP between the nodes.</summary>
public sealed class CutTests : KernelTest
{
    private static readonly LabText Lab = LabText.Of("a", "b", "c", "d", "e");

    [Fact]
    public async Task Isolate_cuts_each_node_from_all_others_and_from_each_other()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        await ears.ExpectAsync((_, _) => true);

        await cleave.OkAsync("isolate", "b");
        await ears.ExpectAsync((from, to) => from != "b" && to != "b");

        await cleave.OkAsync("isolate", "b", "e");
        await ears.ExpectAsync((from, to) => !"be".Contains(from[0], StringComparison.Ordinal) && !"be".Contains(to[0], StringComparison.Ordinal));

        await cleave.OkAsync("heal");
        await ears.ExpectAsync((_, _) => true);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Split_keeps_pairs_that_some_cluster_has_and_leaves_the_unlisted_alone()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        await cleave.OkAsync("split", "a,b", "b,c,d");
        await ears.ExpectAsync((from, to) => Together(from, to, "ab", "bcd"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Disjoint_cuts_across_clusters_and_wants_every_node_in_one()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        await cleave.OkAsync("disjoint", "a,e", "b,c,d");
        await ears.ExpectAsync((from, to) => Together(from, to, "ae", "bcd"));

        foreach (string[] wrong in (string[][])[["disjoint", "a,b", "c,d"], ["disjoint", "a,b,c", "c,d,e"]])
        {
            Outcome refused = await cleave.RunAsync(wrong);
            Assert.Equal(2, refused.Code);
            Assert.Contains("exactly one cluster", refused.Errors, StringComparison.Ordinal);
        }

        await ears.ExpectAsync((from, to) => Together(from, to, "ae", "bcd"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_cut_one_way_loses_that_way_only_and_both_ways_both()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");
        await ears.ExpectAsync((from, to) => (from, to) is not ("a", "b"));

        await cleave.OkAsync("cut", "c", "--to", "d,e");
        await ears.ExpectAsync((from, to) => (from, to) is not (("a", "b") or ("c", "d") or ("c", "e") or ("d", "c") or ("e", "c")));

        await cleave.OkAsync("mend", "d", "--to", "c", "--one-way");
        await ears.ExpectAsync((from, to) => (from, to) is not (("a", "b") or ("c", "d") or ("c", "e") or ("e", "c")));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_partition_replaces_the_one_before_a_cut_adds_and_mend_takes_out_of_both()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        await cleave.OkAsync("isolate", "a");
        await cleave.OkAsync("split", "a,b", "c,d,e");
        await ears.ExpectAsync((from, to) => Together(from, to, "ab", "cde"));

        await cleave.OkAsync("cut", "d", "--to", "e", "--one-way");
        await ears.ExpectAsync((from, to) => Together(from, to, "ab", "cde") && (from, to) is not ("d", "e"));

        await cleave.OkAsync("mend", "a", "--to", "c");
        await ears.ExpectAsync((from, to) => (Together(from, to, "ab", "cde") && (from, to) is not ("d", "e")) || Together(from, to, "ac"));

        // The cut is no part of the partition and outlives it.
        await cleave.OkAsync("isolate", "b");
        await ears.ExpectAsync((from, to) => from != "b" && to != "b" && (from, to) is not ("d", "e"));

        await cleave.OkAsync("mend", "d", "--to", "e");
        await cleave.OkAsync("mend", "b", "--to", "a,c,d,e");
        await ears.ExpectAsync((_, _) => true);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_cut_on_one_network_leaves_the_other_alone()
    {
        LabText two = LabText.Of("a", "b", "c").With("wan", "10.9.8", "a", "b", "d");
        CleaveCommand cleave = NewLab(Ears.Yaml(two));
        Ears ears = await Ears.UpAsync(cleave, two);
        Assert.Equal(two.Pairs((_, _, _) => true), await ears.UnicastAsync());

        await cleave.OkAsync("cut", "a", "--to", "b", "--network", "wan");
        Assert.Equal(two.Pairs((network, from, to) => network != "wan" || !Together(from, to, "ab")), await ears.UnicastAsync());

        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");
        Assert.Equal(
            two.Pairs((network, from, to) => !(network == "wan" && Together(from, to, "ab")) && (from, to) is not ("a", "b")), await ears.UnicastAsync());

        await cleave.OkAsync("heal");
        await cleave.OkAsync("isolate", "a");
        Assert.Equal(two.Pairs((_, from, to) => from != "a" && to != "a"), await ears.UnicastAsync());

        Outcome apart = await cleave.RunAsync("cut", "c", "--to", "d");
        Assert.Equal(2, apart.Code);
        Assert.Contains("share no network", apart.Errors, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Broadcast_and_multicast_are_cut_towards_the_cut_node_only()
    {
        CleaveCommand cleave = NewLab(Ears.Yaml(Lab));
        Ears ears = await Ears.UpAsync(cleave, Lab);
        SortedSet<string> all = Lab.Pairs((_, _, _) => true);
        Assert.Equal(all, await ears.BroadcastAsync());
        Assert.Equal(all, await ears.MulticastAsync());

        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");
        await cleave.OkAsync("cut", "c", "--to", "d");
        SortedSet<string> kept = Lab.Pairs((_, from, to) => (from, to) is not (("a", "b") or ("c", "d") or ("d", "c")));
        Assert.Equal(kept, await ears.BroadcastAsync());
        Assert.Equal(kept, await ears.MulticastAsync());
        await cleave.OkAsync("down");
    }

    private static bool Together(string a, string b, params string[] clusters) => Array.Exists(clusters, c => c.Contains(a[0], StringComparison.Ordinal) && c.Contains(b[0], StringComparison.Ordinal));
}
