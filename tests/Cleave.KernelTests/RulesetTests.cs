using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>Every rule and set lists with nft, loads again as listed, and is the one that the plan prints.</summary>
public sealed class RulesetTests : KernelTest
{
    /// <summary>Two networks shared by some, a third behind a router.</summary>
    private static readonly string Lab = LabText.Of("a", "b", "c", "d").With("wan", "10.9.8", "c", "d", "e").With("side", "10.7.7", "c", "far").DualStack()
        .Yaml(node => $"router: {(node == "c" ? "true" : "false")}{(node is "a" or "c" ? ", ports: [\"auto:80\"]" : "")}");

    /// <summary>The ports that rules at their ingress need to be there.</summary>
    private const string Ports = "for p in 1 2 3 4 5 6 7 8 9; do ip link add p$p type veth peer name q$p; done; ";

    private static readonly (string[] Verb, Fault Fault)[] Faults =
    [
        (["isolate", "a"], new Fault.Isolate(["a"])),
        (["split", "a,b", "b,c", "e"], new Fault.Split([["a", "b"], ["b", "c"], ["e"]])),
        (["cut", "c", "--to", "d", "--one-way", "--network", "wan"], new Fault.Cut(["c"], ["d"], BothWays: false, "wan")),
        (["mend", "a", "--to", "c"], new Fault.Mend(["a"], ["c"], BothWays: true, Network: null)),
        (["cut", "a", "--to", "b", "--tcp", "80,8000-8010", "--udp", "--icmp"], new Fault.Cut(["a"], ["b"], BothWays: true, null) { Manner = new(Traffic.Parse("tcp 80,8000-8010 udp icmp"), CutMode.Drop, false) }),
        (["cut", "d", "--to", "e", "--mode", "reset"], new Fault.Cut(["d"], ["e"], BothWays: true, null) { Manner = new(null, CutMode.Reset, false) }),
        (["cut", "a", "--to", "far", "--mode", "reject", "--tcp", "443"], new Fault.Cut(["a"], ["far"], BothWays: true, null) { Manner = new(Traffic.Parse("tcp 443"), CutMode.Reject, false) }),
        (["ring", "--arp"], new Fault.Ring([], ShapeOrder.OfFile) { Manner = new(null, CutMode.Drop, true) }),
        (["cut", "host", "--to", "a,c"], new Fault.Cut(["host"], ["a", "c"], BothWays: true, null)),
        (["cut", "a", "--to", "host", "--one-way", "--tcp", "80", "--udp"], new Fault.Cut(["a"], ["host"], BothWays: false, null) { Manner = new(Traffic.Parse("tcp 80 udp"), CutMode.Drop, false) }),
        (["halves", "--seed", "5"], new Fault.Halves([], ShapeOrder.Of(5))),
        (["mend", "a", "--to", "host"], new Fault.Mend(["a"], ["host"], BothWays: true, Network: null)),
        (["cut", "host", "--to", "c", "--one-way", "--tcp", "80,8000-8010"], new Fault.Cut(["host"], ["c"], BothWays: false, null) { Manner = new(Traffic.Parse("tcp 80,8000-8010"), CutMode.Drop, false) }),
        (["mend", "c", "--to", "host"], new Fault.Mend(["c"], ["host"], BothWays: true, Network: null)),
        (["disjoint", "a,b", "c,d,e,far"], new Fault.Disjoint([["a", "b"], ["c", "d", "e", "far"]])),
    ];

    [Fact]
    public async Task What_nft_lists_in_the_fabric_loads_again_and_lists_the_same()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");
        foreach ((string[] verb, _) in Faults)
        {
            await cleave.OkAsync(verb);
            string listed = await cleave.InAsync("fabric", "nft list ruleset");
            Assert.Contains("@cut", listed, StringComparison.Ordinal);

            // Counters are listed as they stand and loaded as listed.
            string again = await NftAsync(cleave, $"{Ports}cat >/tmp/rules && nft -c -f /tmp/rules && nft -f /tmp/rules && nft list ruleset", listed);
            Assert.Equal(Lines(listed), Lines(again));
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_printed_table_loaded_by_nft_is_the_one_that_the_lab_has()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab);
        LabTopology topology = TopologyReader.Parse("/lab/cleave.yaml", System.Text.Encoding.UTF8.GetBytes(Lab)).Topology!;
        await cleave.OkAsync("up", "-d");

        // The whole way of one fault after the other, each replacing the rules before, and the healing at last.
        List<string> printed = [CutTableText.Create()];
        FaultsInForce now = FaultsInForce.None(topology);
        CutRuleset rules = CutRuleset.Healed;
        foreach ((string[] verb, Fault fault) in Faults.Append((["heal"], new Fault.Heal())))
        {
            now = now.With(fault);
            CutRuleset next = CutRuleset.Of(now.Cuts, topology, rules.Generation + 1);
            printed.AddRange(CutTableText.Switch(rules, next));
            rules = next;

            await cleave.OkAsync(verb);
            string loaded = await NftAsync(cleave, $"{Ports}csplit -sz -f /tmp/t - '/^# next/' '{{*}}'; for t in /tmp/t*; do nft -f $t; done; nft -j list ruleset", string.Join("# next\n", printed));
            Assert.Equal(NetworkDump.Rules(loaded), NetworkDump.Rules(await cleave.InAsync("fabric", "nft -j list ruleset")));
        }

        await cleave.OkAsync("down");
    }

    private static async Task<string> NftAsync(CleaveCommand cleave, string shell, string input)
    {
        Outcome outcome = await cleave.RunAsync("unshare", ["-Urnm", "sh", "-ec", $"mount -t tmpfs tmpfs /tmp; {shell}"], input);
        Assert.True(outcome.Code == 0, $"{outcome}\n--- of\n{input}");
        return outcome.Output;
    }

    /// <summary>A hash set lists its elements in no order; an element is a line or stands at the end of one.</summary>
    private static IEnumerable<string> Lines(string ruleset) =>
        ruleset.Split('\n').Select(l => l.Replace("elements = {", "", StringComparison.Ordinal).Trim(' ', '\t', ',', '}')).Where(l => l.Length > 0).Order(StringComparer.Ordinal);
}
