using System.Text.Json;
using Cleave.Cli;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>A fault that cut nothing that was sent, or let something pass, is not taken for one that worked.</summary>
public sealed class EvidenceTests : KernelTest
{
    /// <summary>a asks b who has its address, until it answers: what a pair says to each other that no cut loses.</summary>
    private const string Ask =
        """
        import socket, struct
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x806))
        s.bind(("eth0", 0x806))
        own = s.getsockname()[4]
        b = bytes.fromhex("02c100000002")
        ask = struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + own + socket.inet_aton("172.23.0.1") + bytes(6) + socket.inet_aton("172.23.0.2")
        s.settimeout(5)
        s.send(b + own + b"\x08\x06" + ask)
        while s.recv(100)[20:22] != b"\x00\x02":
            pass
        """;

    [Fact]
    public async Task A_fault_that_cut_nothing_that_was_sent_is_inconclusive_and_says_why()
    {
        Tool.Require("python3", "python3");
        LabText lab = LabText.Of("a", "b", "c").With("wan", "10.9.9", "a", "b");
        CleaveCommand cleave = NewLab(
            lab.Yaml() +
            """
            scenarios:
              silent:
                - {during: {isolate: c}, for: 100ms}
              asked:
                - during: {cut: {between: [a, b]}}
                  steps: [{run: python3 ask.py, node: a}]
              elsewhere:
                - during: {cut: {from: a, to: b, network: lan}}
                  steps: [{run: ping -nc2 -i0.1 -W5 10.9.9.2, node: a}]
              half:
                - during: {cut: {between: [a, b], traffic: every-pair}}
                  steps: [{run: "! ping -nc1 -W1 172.23.0.2", node: a}]
              meant:
                - {during: {isolate: {nodes: c, traffic: none}}, for: 100ms}
              probed:
                - during: {cut: {from: a, to: b}}
                  steps: [{expect: {from: a, to: b, icmp: true, is: unreachable}}]
              unasked:
                - during: {cut: {from: b, to: a}}
                  steps: [{expect: {from: a, to: c, is: reachable}}, {expect: {from: b, to: [a, c], icmp: true, is: reachable, at-least: 1}}]

            """);
        cleave.Write("ask.py", Ask);
        Outcome outcome = await cleave.RunAsync("test", "--json", "--quiet");
        ScenarioResult[] results = [.. JsonSerializer.Deserialize(outcome.Output, CliJson.Default.TestReport)!.Scenarios];
        Assert.Equal(3, outcome.Code);
        Assert.Equal(
            [
                "silent Inconclusive", "asked Inconclusive", "elsewhere Inconclusive", "half Inconclusive", "meant Passed", "probed Passed", "unasked Inconclusive",
            ],
            results.Select(r => $"{r.Scenario} {r.Verdict}"));
        string[] why = [.. results.Select(r => r.Failure ?? "")];
        Assert.Matches(@"^isolate c: nothing was sent over its 4 pairs \(a -> c, b -> c, c -> a, c -> b\) in 0\.\d s; ", why[0]);
        Assert.Matches(@"^cut a, b <-> a, b: a and b sent each other nothing in \d\.\d s; ", why[1]);
        Assert.Matches(@"^cut a -> b on lan: a sent nothing to b in \d\.\d s; do they talk over wan\? Where silence is meant, say `traffic: none`$", why[2]);
        Assert.Matches(@"^cut a, b <-> a, b: b sent nothing to a in \d\.\d s; ", why[3]);
        Assert.Contains("only Cleave's own probes were lost", why[6], StringComparison.Ordinal);

        WindowEvidence half = Assert.Single(results[3].Windows);
        Assert.Equal((1, 84, 0), (half.Lost.Packets, half.Lost.Bytes, half.Leaked.Packets));
        Assert.True(half.Edges.BeginsAfter < half.Edges.BegunBy && half.Edges.BegunBy < half.Edges.EndsAfter && half.Edges.EndsAfter < half.Edges.EndedBy, $"{half.Edges}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_passes_although_it_is_cut_is_a_leak(bool hasNoEgress)
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(LabText.Of("a", "b", "c").Yaml());
        cleave.Environment["CLEAVE_NO_EGRESS"] = hasNoEgress ? "1" : null;
        await cleave.OkAsync("up", "-d");

        await cleave.OkAsync("isolate", "a");
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc3", "-i0.1", "-W1", "b")).Code);
        WindowEvidence seen = await WindowAsync(cleave);
        Assert.Equal((EvidenceVerdict.Proven, "a>b 3 3 0"), (seen.Verdict, Pairs(seen)));

        // The rule goes behind Cleave's back, while others that have been there before go on counting.
        await DeleteRuleAsync(cleave, "forward", "jump");
        await cleave.InAsync("a", "ping -nc2 -i0.1 -W5 b");
        await cleave.InAsync("b", "ping -nc2 -i0.1 -W5 c");
        seen = await WindowAsync(cleave);
        Assert.Equal((EvidenceVerdict.Leaked, "a>b 5 3 2, b>a 2 0 2"), (seen.Verdict, Pairs(seen)));
        Assert.Contains("4 packets of 7 passed although cut", seen.Sentence, StringComparison.Ordinal);
        Assert.Contains("isolate a: 4 packets of 7 passed although cut", await cleave.OkAsync("status"), StringComparison.Ordinal);
        await cleave.OkAsync("heal");
        Assert.Empty((await StatusAsync(cleave)).Windows);

        // Only the rule that loses what others have counted.
        await cleave.OkAsync("cut", "a", "--to", "c", "--one-way");
        await DeleteRuleAsync(cleave, "lost3", "counter packets 0 bytes 0 drop");
        await cleave.InAsync("a", "ping -nc2 -i0.1 -W5 c");
        seen = await WindowAsync(cleave);
        Assert.Equal((EvidenceVerdict.Leaked, "a>c 2 0 2"), (seen.Verdict, Pairs(seen)));
        await cleave.OkAsync("heal");

        // A second cable of a, which nothing knows of.
        await cleave.OkAsync("cut", "a", "--to", "b", "--one-way");
        string space = await cleave.InAsync("a", "readlink /proc/self/ns/net");
        await cleave.InAsync(
            "fabric",
            $$"""
            for p in /proc/[0-9]*; do [ "$(readlink $p/ns/net)" != "{{space}}" ] || pid=${p#/proc/}; done
            ip link add x1 type veth peer name eth9 netns $pid && ip link set x1 master br1 up
            """);
        await cleave.InAsync("a", "ip link set eth9 up && ip route add 172.23.0.2/32 dev eth9 src 172.23.0.1 && ip neigh add 172.23.0.2 lladdr 02:c1:00:00:00:02 dev eth9 nud permanent");
        await cleave.InAsync("a", "ping -nc2 -i0.1 -W5 b");
        seen = await WindowAsync(cleave);
        Assert.Equal((EvidenceVerdict.Leaked, "a>b 2 0 2"), (seen.Verdict, Pairs(seen)));
        Assert.Contains($"table {(hasNoEgress ? "bridge" : "netdev")} cleave-evidence", await cleave.InAsync("fabric", "nft list ruleset"), StringComparison.Ordinal);
        await cleave.OkAsync("heal");

        // Who takes away what counts is found out, and it is healed all the same.
        await cleave.OkAsync("cut", "a", "--to", "b");
        await cleave.InAsync("fabric", $"nft delete table {(hasNoEgress ? "bridge" : "netdev")} cleave-evidence");
        Assert.Equal(EvidenceVerdict.Unknown, (await WindowAsync(cleave)).Verdict);
        await cleave.OkAsync("isolate", "c");
        Assert.Equal([EvidenceVerdict.Unknown, EvidenceVerdict.Silent], (await StatusAsync(cleave)).Windows.Select(w => w.Verdict));
        await cleave.OkAsync("heal");
        Assert.DoesNotContain("evidence", await cleave.InAsync("fabric", "nft list ruleset"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Every_kind_of_cut_counts_what_it_loses_and_what_is_for_no_single_node_apart()
    {
        Tool.Require("python3", "python3");
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            networks: {lan: {subnet: [172.23.0.0/24, "fd00:1::/64"]}, far: {subnet: [10.9.8.0/24, "fd00:2::/64"]}}
            nodes:
              a: {networks: {lan: [172.23.0.1, "fd00:1::1"]}, routes: {default: r}}
              b: {networks: {lan: [172.23.0.2, "fd00:1::2"]}}
              r: {networks: {lan: [172.23.0.3, "fd00:1::3"], far: [10.9.8.3, "fd00:2::3"]}, router: true}
              d: {networks: {far: [10.9.8.4, "fd00:2::4"]}, routes: {default: r}}
            links: {up: {ends: {b: 10.1.1.1, fabric: 10.1.1.2}}}

            """);
        await cleave.OkAsync("up", "-d");
        const string Refused = "python3 -c 'import socket; [socket.socket().connect_ex((\"172.23.0.2\", 80)) for _ in range(2)]'";
        foreach ((string[] verb, string node, string traffic, string pairs) in ((string[], string, string, string)[])
        [
            (["cut", "a", "--to", "d", "--one-way"], "a", "ping -nc2 -i0.1 -W1 10.9.8.4; ping -nc3 -i0.1 -W1 fd00:2::4", "a>d 5 5 0"),
            (["cut", "d", "--to", "a", "--one-way"], "a", "ping -nc2 -i0.1 -W1 10.9.8.4", "d>a 2 2 0"),
            (["isolate", "r"], "a", "ping -nc2 -i0.1 -W1 10.9.8.4; ping -nc1 -W1 172.23.0.3", "a>r 3 3 0"),
            (["cut", "a", "--to", "b", "--tcp", "80", "--mode", "reset"], "a", $"{Refused}; ping -nc1 -W1 172.23.0.2", "a>b 2 2 0"),
            (["cut", "a", "--to", "b", "--udp"], "a", "for i in 1 2 3; do echo x >/dev/udp/172.23.0.2/9; done; ping -nc1 -W1 172.23.0.2", "a>b 3 3 0"),
            (["isolate", "b", "--arp"], "b", "ping -nc4 -i0.1 -W1 fd00:1::1", "b>a 4 4 0"),
            (["cut", "b", "--to", "fabric"], "b", "ping -nc2 -i0.1 -W1 10.1.1.2", "b>fabric 2 2 0"),
            (["cut", "a", "--to", "b"], "a", "ping -c2 -i0.1 -W1 224.0.0.1", ""),
        ])
        {
            await cleave.OkAsync(verb);
            _ = await cleave.RunAsync("exec", node, "--", "bash", "-c", traffic);
            WindowEvidence seen = await WindowAsync(cleave);
            Assert.True(Pairs(seen) == pairs && seen.ToMany >= (pairs.Length == 0 ? 2 : 0), $"{string.Join(' ', verb)}: {Pairs(seen)}, {seen.ToMany} for many: {seen.Sentence}");
            await cleave.OkAsync("heal");
        }

        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_full_set_of_counters_opens_nothing_and_says_so()
    {
        Tool.Require("nft", "nftables");
        CleaveCommand cleave = NewLab(LabText.Of("a", "b", "c").Yaml());
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("isolate", "a");

        // As full as can be: all of it of senders that nobody knows.
        await cleave.InAsync(
            "fabric",
            """
            for set in "bridge cleave lost4-1 p1 . p2 ." "netdev cleave-evidence passed4-1 p2 ."; do
              set -- $set; f=$1 t=$2 s=$3; shift 3
              for part in $(seq 0 4096 65534); do
                { echo "add element $f $t $s {"; seq $part $((part + 4095)) | awk -v k="$*" '$1 < 65535 { printf "%s 10.1.%d.%d . 10.1.0.0 counter,\n", k, $1 / 256, $1 % 256 }'; echo "}"; } | nft -f -
              done
            done
            """);
        Assert.Equal(1, (await cleave.RunAsync("exec", "a", "--", "ping", "-nc2", "-i0.1", "-W1", "b")).Code);
        WindowEvidence seen = await WindowAsync(cleave);
        Assert.True(seen.Incomplete, seen.Sentence);
        Assert.Contains("the count is incomplete", seen.Sentence, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    /// <summary>Deletes the last rule with these words in a chain of cuts.</summary>
    private static async Task DeleteRuleAsync(CleaveCommand cleave, string chain, string words)
    {
        string listed = await cleave.InAsync("fabric", $"nft -a list chain bridge cleave {chain}");
        string handle = listed.Split('\n').Last(l => l.Contains(words, StringComparison.Ordinal)).Split("# handle ")[1];
        await cleave.InAsync("fabric", $"nft delete rule bridge cleave {chain} handle {handle}");
    }

    private static async Task<WindowEvidence> WindowAsync(CleaveCommand cleave) => Assert.Single((await StatusAsync(cleave)).Windows);

    private static async Task<FaultStatus> StatusAsync(CleaveCommand cleave) =>
        JsonSerializer.Deserialize(await cleave.OkAsync("status", "--json"), ControlJson.Default.FaultStatus)!;

    private static string Pairs(WindowEvidence window) => string.Join(
        ", ",
        window.Pairs.Where(p => p.Attempted.Packets > 0).Select(p => $"{p.From}>{p.To} {p.Attempted.Packets} {p.Lost.Packets} {p.Leaked.Packets}"));
}
