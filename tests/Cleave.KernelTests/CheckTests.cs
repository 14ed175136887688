using System.Collections.Immutable;
using System.Text.Json;
using Cleave.Control;
using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Registry;

namespace Cleave.KernelTests;

/// <summary><c>status</c> says what the rules are, <c>check</c> what is so; they agree until somebody meddles.</summary>
public sealed class CheckTests : KernelTest
{
    private static readonly LabText Lab = LabText.Of("a", "b", "c");
    private static readonly LabText Six = LabText.Of("a", "b", "c", "d").With("wan", "10.9.8", "c", "d", "e", "f");

    [Fact]
    public async Task Status_check_and_traffic_agree_after_any_sequence_of_faults()
    {
        const int Labs = 6;
        const int Sequences = 5;
        await Task.WhenAll(Enumerable.Range(0, Labs).Select(async number =>
        {
            CleaveCommand cleave = NewLab(Ears.Yaml(Six));
            Ears ears = await Ears.UpAsync(cleave, Six);
            using var client = new LabClient(new LabRecord(ears.Id, "", Path.Combine(Runtime, "cleave", ears.Id), "", default, CleaveVersion.Current));
            for (int seed = number * Sequences; seed < (number + 1) * Sequences; seed++)
            {
                string verbs = await ApplyRandomFaultsAsync(client, new Random(seed));
                FaultStatus status = await client.FaultsAsync(TestContext.Current.CancellationToken);
                var cut = status.Networks.SelectMany(n => n.Cuts.Select(c => $"{c[0]}>{c[1]}@{n.Network}")).ToHashSet();

                CheckResult check = await client.CheckAsync(TestContext.Current.CancellationToken);
                Assert.True(check.Agrees, $"seed {seed}, {verbs}: {string.Join(", ", check.Pairs.Where(p => !p.Agrees))}");
                SortedSet<string> passes = Six.Pairs((network, from, to) => !cut.Contains($"{from}>{to}@{network}"));
                Assert.True(passes.SetEquals(check.Pairs.Where(p => p.Icmp).Select(p => $"{p.From}>{p.To}@{p.Network}")), $"seed {seed}, {verbs}: status says otherwise");
                Assert.True(passes.SetEquals(await ears.UnicastAsync()), $"seed {seed}, {verbs}: UDP says otherwise");
            }

            await cleave.OkAsync("down");
        }));
    }

    [Fact]
    public async Task Check_names_the_pairs_that_a_removed_rule_lets_pass()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");
        await cleave.InAsync("fabric", "nft flush chain bridge cleave forward");
        ImmutableArray<PairCheck> wrong = await DisagreesAsync(cleave);
        Assert.Equal(
            [new PairCheck("lan", "a", "b", false, true, false, Scenarios.Reachability.Refused, "ipv4"), new PairCheck("lan", "b", "a", true, true, false, Scenarios.Reachability.Refused, "ipv4")],
            wrong.AsEnumerable());

        Outcome words = await cleave.RunAsync("check");
        Assert.Equal(1, words.Code);
        Assert.Contains("a -> b on lan: icmp reachable, by the rules unreachable", words.Output, StringComparison.Ordinal);

        await cleave.OkAsync("heal");
        await cleave.OkAsync("check");
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Check_names_the_pairs_of_a_node_whose_link_is_down()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("c", "ip link set eth0 down");
        ImmutableArray<PairCheck> wrong = await DisagreesAsync(cleave);
        Assert.Equal(["a>c", "b>c", "c>a", "c>b"], wrong.Select(p => $"{p.From}>{p.To}").Order());
        Assert.All(wrong, p => Assert.False(p.Icmp));
        Assert.All(wrong, p => Assert.Equal(Scenarios.Reachability.Unreachable, p.Tcp));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Check_names_the_pairs_of_a_node_that_drops_pings_itself()
    {
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.InAsync("b", "nft 'add table ip own; add chain ip own input { type filter hook input priority 0; }; add rule ip own input icmp type echo-request drop'");
        ImmutableArray<PairCheck> wrong = await DisagreesAsync(cleave);
        Assert.Equal(["a>b", "c>b"], wrong.Select(p => $"{p.From}>{p.To}").Order());
        Assert.All(wrong, p => Assert.Equal((false, Scenarios.Reachability.Refused), (p.Icmp, p.Tcp)));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Check_of_sixty_nodes_takes_seconds()
    {
        LabText sixty = LabText.Of([.. Enumerable.Range(1, 60).Select(n => $"n{n}")]);
        CleaveCommand cleave = NewLab(sixty.Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("split", string.Join(',', sixty.Nodes.Take(30)), string.Join(',', sixty.Nodes.Skip(30)));
        CheckResult check = JsonSerializer.Deserialize(await cleave.OkAsync("check", "--json"), ControlJson.Default.CheckResult)!;
        Assert.Equal((60 * 59, 2 * 30 * 30), (check.Pairs.Length, check.Pairs.Count(p => !p.Icmp)));
        await cleave.OkAsync("down");
    }

    private static async Task<ImmutableArray<PairCheck>> DisagreesAsync(CleaveCommand cleave)
    {
        Outcome outcome = await cleave.RunAsync("check", "--json");
        CheckResult check = JsonSerializer.Deserialize(outcome.Output, ControlJson.Default.CheckResult)!;
        Assert.Equal((1, false), (outcome.Code, check.Agrees));
        return [.. check.Pairs.Where(p => !p.Agrees)];
    }

    private static async Task<string> ApplyRandomFaultsAsync(LabClient client, Random random)
    {
        var said = new List<string>();
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            string[] nodes = [.. Six.Nodes];
            random.Shuffle(nodes);
            int size = random.Next(1, 5);
            ImmutableArray<string> some = [.. nodes[..size]];
            ImmutableArray<string> others = [.. nodes[size..]];
            Fault fault = random.Next(7) switch
            {
                0 => new Fault.Isolate(some),
                1 => new Fault.Split([some, [.. nodes[(size - 1)..(size + 1)]]]),
                2 => new Fault.Disjoint([some, others]),
                3 => new Fault.Cut(some, others, BothWays: false, Network: null),
                4 => new Fault.Cut(["c"], ["d"], BothWays: true, random.Next(2) == 0 ? "lan" : "wan"),
                5 => new Fault.Mend(some, others, BothWays: random.Next(2) == 0, Network: null),
                _ => new Fault.Heal(),
            };
            said.Add(FaultText.Describe(fault));
            try
            {
                await client.ApplyAsync(FaultOrder.For(fault), isBrief: true, TestContext.Current.CancellationToken);
            }
            catch (InputException e) when (e.Message.Contains("share no network", StringComparison.Ordinal))
            {
                said.Add("(nothing)");
            }
        }

        return string.Join("; ", said);
    }
}
