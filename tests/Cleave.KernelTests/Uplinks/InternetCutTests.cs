using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Uplinks;

/// <summary>Cuts between nodes and the internet.</summary>
public sealed class InternetCutTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        gateway: user
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
          far: {subnet: 10.9.8.0/24}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"], ports: ["auto:80"]}
          b: {ip: 172.23.0.2}
          r: {ip: [172.23.0.3, 10.9.8.1], router: true}
          w: {ip: 10.9.8.3, routes: {default: r}}
        scenarios:
          lost:
            - {run: "curl -sS --max-time 10 http://$WEB/", node: a}
            - during: {cut: {between: [a, internet]}}
              steps:
                - {run: "! curl -sS --max-time 1 http://$WEB/", node: a}
                - {run: "curl -sS --max-time 10 http://$WEB/", node: b}
            - {run: "curl -sS --max-time 10 http://$WEB/", node: a}
        """;

    private const string LeaveTunToOthers = "cp -a /dev/net/tun tun; chmod 0666 tun; mount --bind tun /dev/net/tun";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_are_cut_from_it_alone_in_both_families_and_through_routers(bool asUser)
    {
        Tool.Require("curl", "curl");
        Assert.SkipUnless(!asUser || Posix.IsRoot, "needs root, to become another");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(asUser);
        using (host)
        {
            await cleave.OkAsync("up", "-d");
            await ReachAsync(cleave, "a b w a6");

            Assert.Equal("cut a, w <-> internet: 4 ordered pairs are cut\n", await cleave.OkAsync("cut", "a,w", "--to", "internet"));
            Assert.Contains("outside   internet  a  w\ninternet  -         x  x\na         x         -   \nw         x            -\n", await cleave.OkAsync("status"), StringComparison.Ordinal);
            await ReachAsync(cleave, "b");
            await cleave.OkAsync("check"); // nodes reach each other

            // A cut of one direction is silence, too; and what the rules have counted, they have seen.
            await cleave.OkAsync("heal");
            await cleave.OkAsync("cut", "internet", "--to", "all", "--one-way");
            await ReachAsync(cleave, "");
            string rules = await cleave.InAsync("fabric", "nft list ruleset");
            Assert.True(System.Text.RegularExpressions.Regex.Count(rules, "set lost[46]-3 {[^}]*elements = {[^}]*counter packets [1-9]") == 2, rules);
            string status = await cleave.OkAsync("status");
            foreach (string node in (string[])["a", "b", "w"])
            {
                Assert.Matches($"(?m)^internet +{node} +([1-9][0-9]*) +\\1 +0$", status);
            }

            await cleave.OkAsync("mend", "w", "--to", "internet");
            await ReachAsync(cleave, "w");
            await cleave.OkAsync("heal");

            // Some traffic, and other cuts in the same switch.
            await cleave.OkAsync("cut", "a,b", "--to", "internet", "--one-way", "--tcp", "80,8000-8010");
            await cleave.OkAsync("isolate", "b");
            await cleave.OkAsync("cut", "host", "--to", "a");
            await ReachAsync(cleave, "w");
            Assert.Equal("the host", await cleave.InAsync("a", $"curl -sS --max-time 5 http://{PlayedInternet.Host}:{PlayedInternet.OpenPort}/"));
            await cleave.OkAsync("mend", "b", "--to", "internet");
            await ReachAsync(cleave, "b w");
            await cleave.OkAsync("heal");
            await ReachAsync(cleave, "a b w a6");
            Assert.DoesNotContain("internet-", await cleave.InAsync("fabric", "nft list ruleset"), StringComparison.Ordinal);
            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task What_is_listed_loads_again_and_is_what_a_dry_run_prints()
    {
        Tool.Require("nft", "nftables");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync();
        using (host)
        {
            await cleave.OkAsync("up", "-d");
            string before = await cleave.InAsync("fabric", "nft list ruleset");
            string dryRun = await cleave.OkAsync("cut", "internet", "--to", "all", "--tcp", "80", "--icmp", "--dry-run");
            string printed = string.Concat(dryRun.Split("'NFT'\n").Skip(1).Select(t => t[..t.IndexOf("NFT\n", StringComparison.Ordinal)])); // the turn, and what counts behind it
            await cleave.OkAsync("cut", "internet", "--to", "all", "--tcp", "80", "--icmp");
            string listed = await cleave.InAsync("fabric", "nft list ruleset");
            Assert.Contains("internet-to6-1", listed, StringComparison.Ordinal);
            foreach (string text in (string[])[listed, $"{before}\n{printed}"])
            {
                Outcome again = await cleave.RunAsync("unshare", ["-Urn", "sh", "-ec", "nft -f - && nft list ruleset"], text);
                Assert.True(again.Code == 0, $"{again}\n--- of\n{text}");
                Assert.Equal(Sorted(listed), Sorted(again.Output));
            }

            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task A_scenario_cuts_it_for_a_time_and_cuts_between_nodes_leave_it_alone()
    {
        Tool.Require("curl", "curl");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync();
        using (host)
        {
            cleave.Environment["WEB"] = PlayedInternet.Web;
            await cleave.OkAsync("test");
            await cleave.OkAsync("up", "-d");
            await cleave.OkAsync("isolate", "a", "b");
            await ReachAsync(cleave, "a b w a6");
            await cleave.OkAsync("isolate", "all", "--mode", "reject");
            await ReachAsync(cleave, "a b a6"); // w is cut from its router
            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task A_sealed_lab_has_no_internet_to_be_cut_from()
    {
        CleaveCommand cleave = NewLab(Lab.Replace("gateway: user\n", "", StringComparison.Ordinal));
        await cleave.OkAsync("up", "-d");
        Outcome outcome = await cleave.RunAsync("cut", "a", "--to", "internet");
        Assert.Equal(
            (2, "cleave: this lab has no way out, so there is nothing to cut from the internet: expected 'gateway' in the lab file, or --gateway of up and test\n"),
            (outcome.Code, outcome.Errors));
        await cleave.OkAsync("down");
    }

    /// <summary>Expects these to fetch the page, and the others not.</summary>
    private static async Task ReachAsync(CleaveCommand cleave, string expected)
    {
        (string Name, string Node, string Web)[] all = [("a", "a", PlayedInternet.Web), ("b", "b", PlayedInternet.Web), ("w", "w", PlayedInternet.Web), ("a6", "a", $"[{PlayedInternet.Web6}]")];
        string[] reached = await Task.WhenAll(all.Select(async t =>
        {
            string patience = expected.Split(' ').Contains(t.Name) ? "10" : "1.5";
            Outcome outcome = await cleave.RunAsync("exec", t.Node, "--", "curl", "-sS", "--max-time", patience, $"http://{t.Web}/");
            return outcome.Code == 0 && outcome.Output.TrimEnd('\n') == PlayedInternet.Page ? t.Name : "";
        }));
        Assert.Equal(expected, string.Join(' ', reached.Where(r => r.Length > 0)));
    }

    private static IEnumerable<string> Sorted(string ruleset) =>
        ruleset.Split('\n').Select(l => System.Text.RegularExpressions.Regex.Replace(l, "packets [0-9]+ bytes [0-9]+", "").Trim(' ', '\t', ',')).Where(l => l.Length > 0).Order(StringComparer.Ordinal);

    private async Task<(PlayedInternet Host, CleaveCommand Cleave)> StartAsync(bool asUser = false)
    {
        PlayedInternet.RequireTun();
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        PlayedInternet host = await PlayedInternet.MakeAsync(NewFolder("cleave-test-host-", "/var/tmp"), more: asUser ? LeaveTunToOthers : "");
        try
        {
            return (host, asUser ? await host.RunAsUserAsync(cleave) : host.Run(cleave));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
