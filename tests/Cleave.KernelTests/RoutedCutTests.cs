using System.Text.Json;
using Cleave.Control;
using Cleave.KernelTests.Harness;
using Cleave.Scenarios;

namespace Cleave.KernelTests;

/// <summary>Cuts between nodes that packets reach through others: two routers in a row, the first of which hides the sender's address.</summary>
public sealed class RoutedCutTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        networks:
          left: {subnet: [172.23.0.0/24, "fd00:1::/64"]}
          middle: {subnet: [10.0.0.0/24, "fd00:2::/64"]}
          right: {subnet: [10.1.0.0/24, "fd00:3::/64"]}
        nodes:
          a: {ip: [172.23.0.1, "fd00:1::1"], routes: {default: r}}
          b: {ip: [172.23.0.2, "fd00:1::2"], routes: {default: r}}
          r:
            ip: [172.23.0.254, "fd00:1::fe", 10.0.0.1, "fd00:2::1"]
            router: true
            routes: {10.1.0.0/24: s, "fd00:3::/64": s}
            setup:
              - nft add table inet n
              - nft 'add chain inet n out { type nat hook postrouting priority 100; }'
              - nft add rule inet n out oifname eth1 masquerade
          s: {ip: [10.0.0.2, "fd00:2::2", 10.1.0.254, "fd00:3::fe"], router: true}
          c: {ip: [10.1.0.1, "fd00:3::1"], routes: {default: s}}
          d: {ip: [10.1.0.2, "fd00:3::2"], routes: {default: s}}

        """;

    [Fact]
    public async Task A_cut_holds_through_routers_in_both_families_although_one_hides_the_sender()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("cut", "a", "--to", "c", "--one-way");

        foreach (string family in (string[])["-4", "-6"])
        {
            Assert.False(await PingsAsync(cleave, "a", "c", family));
            Assert.True(await PingsAsync(cleave, "a", "d", family));
            Assert.True(await PingsAsync(cleave, "b", "c", family));
        }

        // What was lost was lost before the first router, which never saw it.
        await cleave.OkAsync("heal");
        Assert.True(await PingsAsync(cleave, "a", "c", "-4"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_way_back_through_routers_is_a_pair_of_its_own()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");

        // c answers to r, whose address it sees; that the answer is for a shows only when r has put a's address back, at the last hop.
        await cleave.OkAsync("cut", "c", "--to", "a", "--one-way");
        Assert.False(await PingsAsync(cleave, "a", "c", "-4"));
        Assert.False(await PingsAsync(cleave, "a", "c", "-6"));
        Assert.True(await PingsAsync(cleave, "b", "c", "-4"));
        Assert.True(await PingsAsync(cleave, "a", "d", "-6"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_partition_holds_through_routers()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab);
        await cleave.OkAsync("up", "-d");

        // The routers are in no group, so that they see both; the groups see each other only through them.
        await cleave.OkAsync("partial", "a,d", "b,c");
        foreach ((string from, string to, bool passes) in ((string, string, bool)[])
            [("a", "d", true), ("a", "c", false), ("b", "c", true), ("b", "d", false), ("a", "b", false), ("c", "d", false), ("a", "s", true), ("d", "s", true)])
        {
            Assert.True(await PingsAsync(cleave, from, to, "-4") == passes, $"{from} to {to} {(passes ? "should" : "should not")} pass");
        }

        await cleave.OkAsync("isolate", "s");
        Assert.False(await PingsAsync(cleave, "a", "d", "-4"));
        Assert.True(await PingsAsync(cleave, "a", "b", "-4"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Check_probes_through_routers_and_finds_what_the_rules_say()
    {
        CleaveCommand cleave = NewLab(Lab[..Lab.IndexOf("    setup:", StringComparison.Ordinal)] + Lab[Lab.IndexOf("  s:", StringComparison.Ordinal)..]
            .Replace("router: true", "router: true, routes: {172.23.0.0/24: r, \"fd00:1::/64\": r}", StringComparison.Ordinal));
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("cut", "a", "--to", "c", "--one-way");
        await cleave.OkAsync("cut", "r", "--to", "s", "--one-way");
        CheckResult check = JsonSerializer.Deserialize(await cleave.OkAsync("check", "--json"), ControlJson.Default.CheckResult)!;

        // a and b on one side, c and d on the other, and each with the router behind its own; by both families.
        string[] arrives = [.. check.Pairs.Where(p => p.Network == "through routers" && p.Icmp).Select(p => $"{p.From}>{p.To}").Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["c>a", "c>b", "c>r", "d>a", "d>b", "d>r", "s>a", "s>b"], arrives);
        Assert.Equal(2 * 16, check.Pairs.Count(p => p.Network == "through routers"));
        await cleave.OkAsync("heal");
        check = JsonSerializer.Deserialize(await cleave.OkAsync("check", "--json"), ControlJson.Default.CheckResult)!;
        Assert.All(check.Pairs, p => Assert.True(p.Icmp && p.Tcp == Reachability.Refused, $"{p}"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_router_that_rewrites_destinations_is_named_and_nothing_is_cut()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(Lab.Replace("masquerade", "masquerade; nft add rule inet n out tcp dport 81 dnat ip to 10.1.0.1 || true", StringComparison.Ordinal));
        Outcome refused = await cleave.RunAsync("cut", "a", "--to", "c", "--dry-run");
        Assert.Equal(2, refused.Code);
        Assert.Contains("packets from a to c can pass r, where 'dnat' rewrites destinations and hides who speaks to whom: cut a or c from r instead", refused.Errors, StringComparison.Ordinal);
    }

    private static async Task<bool> PingsAsync(CleaveCommand cleave, string from, string to, string family) =>
        (await cleave.RunAsync("exec", from, "--", "ping", family, "-nc2", "-i0.2", "-W1", to)).Code == 0;
}
