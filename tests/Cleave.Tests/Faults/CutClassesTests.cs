using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

public class CutClassesTests
{
    [Fact]
    public void Healed_there_are_no_classes()
    {
        LabTopology lab = Labs.OfSize(10);
        var classes = CutClasses.Of(FaultPairs.Of(new Fault.Heal(), lab), lab);

        Assert.Empty(classes.Members);
        Assert.Empty(classes.Cuts);
    }

    [Fact]
    public void Halves_of_five_hundred_nodes_are_two_classes()
    {
        CutClasses classes = Of($"{Labs.Names(1, 250)} | {Labs.Names(251, 500)}", 500);

        Assert.Equal(500, classes.Members.Length);
        Assert.Equal(2, Count(classes));
        Assert.Equal([(1, 2), (2, 1)], classes.Cuts);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(30, 2)]
    [InlineData(98, 2)]
    [InlineData(99, 1)]
    [InlineData(100, 1)]
    public void Isolated_nodes_share_a_class_that_is_cut_from_itself(int isolated, int classes)
    {
        LabTopology lab = Labs.OfSize(100);
        CutClasses made = CutClasses.Of(FaultPairs.Of(Labs.Isolate(Labs.Names(1, isolated)), lab), lab);

        Assert.Equal(classes, Count(made));
        Assert.Equal(isolated > 1, made.Cuts.Contains((1, 1)));
        Assert.DoesNotContain((2, 2), made.Cuts);
    }

    [Fact]
    public void Overlapping_clusters_make_a_class_for_each_part_and_each_overlap()
    {
        CutClasses classes = Of($"{Labs.Names(1, 20)} | {Labs.Names(15, 40)} | {Labs.Names(41, 50)}", 60);

        Assert.Equal(5, Count(classes)); // 1-14, 15-20, 21-40, 41-50, and those not listed
    }

    [Fact]
    public void A_cut_of_two_nodes_makes_three_classes_however_many_there_are()
    {
        LabTopology lab = Labs.OfSize(200);
        CutClasses classes = CutClasses.Of(FaultPairs.Of(Labs.Cut("n70", "n130"), lab), lab);

        Assert.Equal(3, Count(classes));
        Assert.Equal((2, 3), Assert.Single(classes.Cuts));
    }

    [Fact]
    public void A_network_without_cuts_has_no_members()
    {
        LabTopology lab = Labs.Of("a:lan,wan b:lan,wan c:lan d:wan");
        CutClasses classes = CutClasses.Of(FaultPairs.Of(Labs.Cut("a", "b", network: "wan"), lab), lab);

        Assert.All(classes.Members, m => Assert.Equal(1, m.Network));
        Assert.Equal([0, 1, 3], classes.Members.Select(m => m.Node));
    }

    [Fact]
    public void Five_thousand_random_sets_of_pairs_mean_the_same_as_their_classes()
    {
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            LabTopology lab = RandomLab(random, seed % 50 == 0 ? 200 : 40);
            MeansTheSame(RandomPairs(random, lab), lab, $"seed {seed}");
        }
    }

    private static void MeansTheSame(PairSet pairs, LabTopology lab, string what)
    {
        var classes = CutClasses.Of(pairs, lab);
        var classOf = classes.Members.ToDictionary(m => (m.Network, m.Node), m => m.Class);
        var cuts = classes.Cuts.ToHashSet();
        Assert.True(cuts.Count == classes.Cuts.Length, $"{what}: a pair of classes is listed twice");
        int smallest = 0;
        for (int network = 0; network < lab.Networks.Length; network++)
        {
            int[] members = [.. Enumerable.Range(0, lab.Nodes.Length).Where(n => lab.Nodes[n].Attachments.Any(a => a.Network == lab.Networks[network].Name))];
            bool isCut = members.Any(a => members.Any(b => pairs.Contains(network, a, b)));
            foreach (int a in members)
            {
                Assert.True(classOf.ContainsKey((network, a)) == isCut, $"{what}: node {a} on network {network}");
                foreach (int b in isCut ? members : [])
                {
                    bool lost = a != b && cuts.Contains((classOf[(network, a)], classOf[(network, b)]));
                    Assert.True(lost == pairs.Contains(network, a, b), $"{what}: {a} to {b} on network {network}");
                }
            }

            smallest += isCut ? SmallestNumber(pairs, network, members) : 0;
        }

        int[] numbers = [.. classOf.Values.Distinct().Order()];
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        Assert.True(numbers.Length == smallest, $"{what}: {numbers.Length} classes where {smallest} do");
        Assert.All(classes.Members, m => Assert.Contains(lab.Nodes[m.Node].Attachments, a => a.Network == lab.Networks[m.Network].Name));
    }

    /// <summary>Two nodes can share a class only if all third nodes see them alike, and they each other.</summary>
    private static int SmallestNumber(PairSet pairs, int network, int[] members)
    {
        var representatives = new List<int>();
        foreach (int x in members)
        {
            if (!representatives.Exists(y => AreAlike(x, y)))
            {
                representatives.Add(x);
            }
        }

        return representatives.Count;

        bool AreAlike(int x, int y) =>
            pairs.Contains(network, x, y) == pairs.Contains(network, y, x)
            && Array.TrueForAll(members, z => z == x || z == y
                || (pairs.Contains(network, x, z) == pairs.Contains(network, y, z) && pairs.Contains(network, z, x) == pairs.Contains(network, z, y)));
    }

    private static LabTopology RandomLab(Random random, int largest)
    {
        string[] networks = [.. Enumerable.Range(0, random.Next(1, 4)).Select(n => $"net{n}")];
        return Labs.Of(string.Join(' ', Enumerable.Range(1, random.Next(1, largest + 1)).Select(Node)));

        string Node(int number)
        {
            string[] on = [.. networks.Where(_ => random.Next(3) > 0)];
            return $"n{number}:{string.Join(',', on.Length == 0 ? [networks[0]] : on)}";
        }
    }

    private static PairSet RandomPairs(Random random, LabTopology lab)
    {
        switch (random.Next(3))
        {
            case 0:
                double density = random.NextDouble();
                return Pairs(lab, (_, _, _) => random.NextDouble() < density);

            case 1: // blocks: nodes of few kinds, some kinds cut from themselves
                int kinds = random.Next(1, 7);
                int[] kind = [.. lab.Nodes.Select(_ => random.Next(kinds))];
                bool[] isCut = [.. Enumerable.Range(0, lab.Networks.Length * kinds * kinds).Select(_ => random.Next(2) == 0)];
                return Pairs(lab, (network, a, b) => isCut[(((network * kinds) + kind[a]) * kinds) + kind[b]]);

            default:
                var faults = FaultsInForce.None(lab);
                for (int count = random.Next(1, 5); count > 0 && lab.Nodes.Length > 1; count--)
                {
                    faults = faults.With(Shapes.Random(random, lab));
                }

                return faults.Pairs;
        }
    }

    private static PairSet Pairs(LabTopology lab, Func<int, int, int, bool> isCut)
    {
        var pairs = new PairSet(lab.Networks.Length, lab.Nodes.Length);
        for (int network = 0; network < lab.Networks.Length; network++)
        {
            int[] members = FaultPairs.Members(lab, network);
            foreach (int a in members)
            {
                foreach (int b in members)
                {
                    if (a != b && isCut(network, a, b))
                    {
                        pairs.Add(network, a, b);
                    }
                }
            }
        }

        return pairs;
    }

    private static CutClasses Of(string clusters, int nodes)
    {
        LabTopology lab = Labs.OfSize(nodes);
        return CutClasses.Of(FaultPairs.Of(Labs.Split(clusters), lab), lab);
    }

    private static int Count(CutClasses classes) => classes.Members.Select(m => m.Class).Distinct().Count();
}
