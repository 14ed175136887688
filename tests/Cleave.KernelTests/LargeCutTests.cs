using System.Diagnostics;
using System.Net;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.KernelTests.Harness;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.KernelTests;

/// <summary>Cuts that do not fit into one transaction of a user's socket.</summary>
public sealed class LargeCutTests : KernelTest
{
    [Fact]
    public async Task A_million_pairs_are_loaded_in_pieces_and_turned_over_at_once()
    {
        Tool.Require("nft", "nftables");
        string self = Path.Combine(AppContext.BaseDirectory, "Cleave.KernelTests");
        Outcome outcome = await new CleaveCommand("/", Runtime).RunAsync(
            "unshare", ["-Urnm", "--kill-child", "env", self, "-class", typeof(LargeCutInNamespaces).FullName!, "-explicit", "only", "-noColor"], null);
        Assert.True(outcome.Code == 0, $"{outcome}");
        Assert.Contains("Total: 2, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", outcome.Output, StringComparison.Ordinal);
    }
}

/// <summary>Run by <see cref="LargeCutTests"/> in a process whose network namespace is its own. Rules name ports, and need none to be there.</summary>
public sealed class LargeCutInNamespaces : IDisposable
{
    private const int Nodes = 1000;
    private const int OrdinaryTransaction = 2 * 212_992;

    private static readonly LabTopology Lab = new(
        "/lab/cleave.yaml",
        [new Network("lan", IPNetwork.Parse("10.0.0.0/16"))],
        [.. Enumerable.Range(0, Nodes).Select(n => new Node($"n{n}", [new Attachment("lan", new IPAddress([10, 0, (byte)(n / 250), (byte)((n % 250) + 1)]))]))],
        []);

    private readonly NetlinkSocket _socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);

    public LargeCutInNamespaces() => _socket.Send(CutTable.Create());

    [Fact(Explicit = true)]
    public void Random_pairs_of_a_thousand_nodes_are_all_there_and_gone_after_the_healing()
    {
        CutRuleset rules = Random(seed: 1, generation: 1);
        Assert.InRange(rules.Parts[0].Cuts.Length, 400_000, 600_000);

        // As on a machine where nobody has changed net.core.wmem_max.
        int transactions = 0;
        foreach (TableBatch transaction in CutTable.Transactions(CutRuleset.Healed, rules, CutSwitch.From(CutRuleset.Healed, rules), OrdinaryTransaction))
        {
            Assert.InRange(transaction.Length, 1, OrdinaryTransaction);
            _socket.Send(transaction);
            transactions++;
        }

        Assert.InRange(transactions, 20, 40);
        Assert.Equal(rules.Parts[0].Cuts.Length, Nft("list set bridge cleave cut1").Split(" . ").Length - 2); // one stands in the type
        Assert.Contains("@cut1 jump lost1", Nft("list chain bridge cleave judge1"), StringComparison.Ordinal);

        rules = CutTable.Watch(_socket, CutRuleset.Healed, rules);
        CutTable.Switch(_socket, rules, new CutRuleset(2, []));
        Assert.Equal(["chain forward {"], Nft("list table bridge cleave").Split('\n').Select(l => l.Trim()).Where(l => l.EndsWith('{')).Skip(1));
    }

    [Fact(Explicit = true)]
    public void A_load_that_fails_half_way_leaves_what_was_in_force_and_nothing_else()
    {
        CutRuleset before = CutRuleset.Of(FaultsInForce.None(Lab).With(new Fault.Isolate(["n1"])).Cuts, Lab, 1);
        CutTable.Switch(_socket, CutRuleset.Healed, before);
        string table = Nft("-s list table bridge cleave");

        // In the way, with a type of its own, so that the set cannot be made.
        Nft("add set bridge cleave cut2 { type ether_addr; }");
        Assert.Throws<NetlinkException>(() => CutTable.Switch(_socket, before, Random(seed: 2, generation: 2)));

        Assert.Equal(table, Nft("-s list table bridge cleave"));
    }

    // Both tests run in one namespace, in an order that hangs on the checkout's path.
    public void Dispose()
    {
        _socket.Dispose();
        Nft("delete table bridge cleave");
    }

    private static CutRuleset Random(int seed, int generation)
    {
        var random = new Random(seed);
        var pairs = PairSet.For(Lab);
        for (int from = 0; from < Nodes; from++)
        {
            for (int to = 0; to < Nodes; to++)
            {
                if (random.Next(2) == 0)
                {
                    pairs.Add(0, from, to);
                }
            }
        }

        return CutRuleset.Of(new Cuts(PairSet.For(Lab), pairs, [], []), Lab, generation);
    }

    private static string Nft(string arguments)
    {
        using Process nft = Process.Start(new ProcessStartInfo("nft", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = nft.StandardOutput.ReadToEnd();
        nft.WaitForExit();
        Assert.Equal(0, nft.ExitCode);
        return output;
    }
}
