using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>Every rule and set lists with nft, loads again as listed, and is the one that the plan prints.</summary>
public sealed class RulesetTests : KernelTest
{
    private static readonly LabText Lab = LabText.Of("a", "b", "c", "d").With("wan", "10.9.8", "c", "d", "e");

    private static readonly (string[] Verb, Fault Fault)[] Faults =
    [
        (["isolate", "a"], new Fault.Isolate(["a"])),
        (["split", "a,b", "b,c", "e"], new Fault.Split([["a", "b"], ["b", "c"], ["e"]])),
        (["cut", "c", "--to", "d", "--one-way", "--network", "wan"], new Fault.Cut(["c"], ["d"], BothWays: false, "wan")),
        (["mend", "a", "--to", "c"], new Fault.Mend(["a"], ["c"], BothWays: true, Network: null)),
        (["disjoint", "a,b", "c,d,e"], new Fault.Disjoint([["a", "b"], ["c", "d", "e"]])),
    ];

    [Fact]
    public async Task What_nft_lists_in_the_fabric_loads_again_and_lists_the_same()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab.Yaml());
        await cleave.OkAsync("up", "-d");
        foreach ((string[] verb, _) in Faults)
        {
            await cleave.OkAsync(verb);
            string listed = await cleave.InAsync("fabric", "nft list ruleset");
            Assert.Contains("@cut counter", listed, StringComparison.Ordinal);

            // Counters are listed as they stand and loaded as listed.
            string again = await NftAsync(cleave, "cat >/tmp/rules && nft -c -f /tmp/rules && nft -f /tmp/rules && nft list ruleset", listed);
            Assert.Equal(Lines(listed), Lines(again));
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_printed_table_loaded_by_nft_is_the_one_that_the_lab_has()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab.Yaml());
        LabTopology topology = TopologyReader.Parse("/lab/cleave.yaml", System.Text.Encoding.UTF8.GetBytes(Lab.Yaml())).Topology!;
        await cleave.OkAsync("up", "-d");

        // The whole way of one fault after the other, each replacing the rules before, and the healing at last.
        string printed = CutTableText.Create();
        FaultsInForce now = FaultsInForce.None(topology);
        foreach ((string[] verb, Fault fault) in Faults.Append((["heal"], new Fault.Heal())))
        {
            FaultsInForce next = now.With(fault);
            Operation.ReplaceCuts change = LabPlan.Change(now.Pairs, next.Pairs, topology);
            printed += CutTableText.Replace(change.Before, change.After);
            now = next;

            await cleave.OkAsync(verb);
            string loaded = await NftAsync(cleave, "nft -f - && nft -j list ruleset", printed);
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
