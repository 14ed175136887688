using Cleave.Control;
using Cleave.Faults;
using Cleave.Planning;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>Cuts between nodes and the host.</summary>
public class OutsideEndsTests
{
    private const string Yaml =
        """
        cleave: 1
        networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"], tags: [t], ports: ["auto:80"]}
          b: {ip: 172.23.0.2, tags: [t], ports: ["auto:80/udp", {node: 81, via: loopback}]}
          c: {ip: 172.23.0.3}
          d: {ip: 172.23.0.4, ports: [{node: 80, via: loopback}]}
        """;

    private static readonly LabTopology Lab = LabText.Valid(Yaml);

    [Theory]
    [InlineData("host", "a", false, "host>a")]
    [InlineData("a", "host", false, "a>host")]
    [InlineData("a", "host", true, "host>a a>host")]
    [InlineData("t", "host", false, "a>host b>host")]
    [InlineData("host", "all", false, "host>a host>b")]
    [InlineData("host,a", "host,a,b", true, "host>a host>b a>host b>host")]
    public void A_cut_is_of_nodes_with_published_ports(string from, string to, bool bothWays, string expected)
    {
        FaultStatus status = Status(Cut(from, to, bothWays));
        Assert.Equal(expected, string.Join(' ', Outside(status)));
        Assert.Equal(from.Contains(',', StringComparison.Ordinal) ? "a>b b>a" : "", string.Join(' ', status.Networks[0].Cuts.Select(c => $"{c[0]}>{c[1]}")));
    }

    [Fact]
    public void Other_faults_leave_the_host_alone_and_mends_take_back_what_they_name()
    {
        FaultsInForce now = FaultsInForce.None(Lab).With(new Fault.Isolate(["all"]));
        Assert.Null(now.Cuts.Outside);
        now = now.With(Cut("host", "a,b", true)).With(Cut("host", "a", false) with { Manner = new(Traffic.Parse("tcp 80"), CutMode.Drop, false) });
        Assert.Equal("16 ordered pairs are cut", FaultReport.Count(now.Cuts, Lab)); // 12 of the nodes
        now = now.With(new Fault.Isolate(["a"]));
        Assert.Equal("host>a host>b a>host b>host", string.Join(' ', Outside(FaultReport.Of(now, Lab))));
        now = now.With(new Fault.Mend(["a"], ["c"], BothWays: true, null));
        Assert.Equal("host>a host>b a>host b>host", string.Join(' ', Outside(FaultReport.Of(now, Lab))));
        now = now.With(new Fault.Mend(["host"], ["a"], BothWays: true, null) { Traffic = Traffic.Parse("udp") }).With(new Fault.Mend(["b"], ["host"], BothWays: false, null));
        Assert.Equal("host>a host>b a>host", string.Join(' ', Outside(FaultReport.Of(now, Lab))));
        now = now.With(new Fault.Mend(["host"], ["all"], BothWays: true, null));
        Assert.Null(now.Cuts.Outside);
        Assert.NotNull(now.Partition);
    }

    [Fact]
    public void Some_traffic_and_scopes_lie_on_top_of_each_other()
    {
        object scope = new();
        FaultsInForce now = FaultsInForce.None(Lab)
            .With(Cut("host", "a", false) with { Manner = new(Traffic.Parse("tcp 80"), CutMode.Drop, false) })
            .BeginScope(Cut("host", "a", false), scope);
        FaultStatus status = FaultReport.Of(now, Lab);
        Assert.Equal(("host>a", 0), (string.Join(' ', Outside(status)), status.Some.Length));
        now = now.EndScope(scope);
        status = FaultReport.Of(now, Lab);
        TrafficCuts some = Assert.Single(status.Some);
        Assert.Equal(("outside", "tcp 80", "host>a", "1 ordered pair is cut for some traffic"), (some.Network, some.Traffic, string.Join('>', some.Cuts[0]), status.Summary));
        Assert.Null(now.With(new Fault.Heal()).Cuts.Outside);
    }

    [Theory]
    [InlineData("host", "c", null, "drop", "c has no published port, so there is nothing to cut from the host: expected 'ports' in the lab file")]
    [InlineData("c,d", "host", null, "drop", "c, d have no published port but via loopback, which no cut stands in the way of, so there is nothing")]
    [InlineData("host", "host", null, "drop", "host and host are both outside of the lab")]
    [InlineData("host", "internet", null, "drop", "host and internet are both outside of the lab")]
    [InlineData("host", "a", "lan", "drop", "a cut of host, internet or fabric is one on every network or link of the node: expected no network lan beside it")]
    [InlineData("host", "a", null, "reset", "between nodes and host, internet or fabric packets can be lost only")]
    [InlineData("host", "e", null, "drop", "there is no node and no tag 'e' in this lab")]
    public void What_makes_no_sense_is_wrong_input(string from, string to, string? network, string mode, string message)
    {
        Fault.Cut cut = Cut(from, to, true) with { Network = network, Manner = new(null, Enum.Parse<CutMode>(mode, ignoreCase: true), false) };
        Assert.Contains(message, Assert.Throws<InputException>(() => FaultsInForce.None(Lab).With(cut)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_cut_and_mend_know_the_host() =>
        Assert.Contains("there is no node and no tag 'host'", Assert.Throws<InputException>(() => FaultsInForce.None(Lab).With(new Fault.Isolate(["host"]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Its_rules_stand_where_the_fabric_itself_sends_and_is_sent()
    {
        CutRuleset rules = CutRuleset.Of(FaultsInForce.None(Lab).With(Cut("host", "a,b", true)).Cuts, Lab, 1);
        Assert.Equal(
            """
            add set bridge cleave host-to4-1 { type ipv4_addr; size 2; elements = { 172.23.0.1, 172.23.0.2 }; }
            add set bridge cleave host-to6-1 { type ipv6_addr; size 1; elements = { fd00:23::1 }; }
            add set bridge cleave host-from4-1 { type ipv4_addr; size 2; elements = { 172.23.0.1, 172.23.0.2 }; }
            add set bridge cleave host-from6-1 { type ipv6_addr; size 1; elements = { fd00:23::1 }; }
            add set bridge cleave lost4-1 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set bridge cleave lost6-1 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            flush chain bridge cleave forward
            add chain bridge cleave output { type filter hook output priority filter; policy accept; }
            add chain bridge cleave input { type filter hook input priority filter; policy accept; }
            add chain bridge cleave lost1
            add rule bridge cleave lost1 update @lost4-1 { ip saddr . ip daddr counter }
            add rule bridge cleave lost1 update @lost6-1 { ip6 saddr . ip6 daddr counter }
            add rule bridge cleave lost1 counter drop
            add chain bridge cleave from-host1
            add rule bridge cleave from-host1 ip daddr @host-to4-1 meta l4proto { tcp, udp } th sport 20000-32767 goto lost1
            add rule bridge cleave from-host1 ip6 daddr @host-to6-1 meta l4proto { tcp, udp } th sport 20000-32767 goto lost1
            add rule bridge cleave output jump from-host1
            add chain bridge cleave to-host1
            add rule bridge cleave to-host1 ip saddr @host-from4-1 meta l4proto { tcp, udp } th dport 20000-32767 goto lost1
            add rule bridge cleave to-host1 ip6 saddr @host-from6-1 meta l4proto { tcp, udp } th dport 20000-32767 goto lost1
            add rule bridge cleave input jump to-host1

            """,
            CutTableText.Switch(CutRuleset.Healed, rules).First());
        Assert.Equal(
            """
            add table bridge cleave-evidence
            add set bridge cleave-evidence passed4-1 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set bridge cleave-evidence passed6-1 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            add chain bridge cleave-evidence passed1
            add rule bridge cleave-evidence passed1 meta l4proto { tcp, udp } th sport 20000-32767 update @passed4-1 { ip saddr . ip daddr counter } return
            add rule bridge cleave-evidence passed1 meta l4proto { tcp, udp } th dport 20000-32767 update @passed4-1 { ip saddr . ip daddr counter } return
            add rule bridge cleave-evidence passed1 meta l4proto { tcp, udp } th sport 20000-32767 update @passed6-1 { ip6 saddr . ip6 daddr counter } return
            add rule bridge cleave-evidence passed1 meta l4proto { tcp, udp } th dport 20000-32767 update @passed6-1 { ip6 saddr . ip6 daddr counter } return
            add chain bridge cleave-evidence output1 { type filter hook output priority filter + 10; policy accept; }
            add rule bridge cleave-evidence output1 jump passed1
            add chain bridge cleave-evidence input1 { type filter hook input priority filter + 10; policy accept; }
            add rule bridge cleave-evidence input1 jump passed1

            """,
            CutTableText.Switch(CutRuleset.Healed, rules).ElementAt(1));
        Assert.Equal(
            ["flush chain bridge cleave forward\nflush chain bridge cleave output\nflush chain bridge cleave input\n", "delete chain bridge cleave output\ndelete chain bridge cleave input\n"],
            CutTableText.Switch(rules, new CutRuleset(2, [])).Select(t => string.Concat(t.Split('\n')[..(t.StartsWith("flush", StringComparison.Ordinal) ? 3 : 2)].Select(l => l + "\n"))));
    }

    [Fact]
    public void The_internet_is_cut_where_the_fabric_passes_packets_on()
    {
        LabTopology lab = LabText.Valid($"gateway: user\n{Yaml}");
        FaultsInForce now = FaultsInForce.None(lab).With(Cut("a", "internet", true) with { Manner = new(Traffic.Parse("tcp 80"), CutMode.Drop, false) }).With(Cut("c,d", "internet", false));
        CutRuleset rules = CutRuleset.Of(now.Cuts, lab, 4);
        Assert.Equal(
            """
            add set inet cleave-uplink internet-from4-4 { type ipv4_addr; size 2; elements = { 172.23.0.3, 172.23.0.4 }; }
            add set inet cleave-uplink internet-to4-4.1 { type ipv4_addr; size 1; elements = { 172.23.0.1 }; }
            add set inet cleave-uplink internet-to6-4.1 { type ipv6_addr; size 1; elements = { fd00:23::1 }; }
            add set inet cleave-uplink internet-from4-4.1 { type ipv4_addr; size 1; elements = { 172.23.0.1 }; }
            add set inet cleave-uplink internet-from6-4.1 { type ipv6_addr; size 1; elements = { fd00:23::1 }; }
            add set inet cleave-uplink lost4-4 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set inet cleave-uplink lost6-4 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            add set inet cleave-uplink lost4-4.1 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set inet cleave-uplink lost6-4.1 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            flush chain bridge cleave forward
            add chain inet cleave-uplink lost4
            add rule inet cleave-uplink lost4 update @lost4-4 { ip saddr . ip daddr counter }
            add rule inet cleave-uplink lost4 update @lost6-4 { ip6 saddr . ip6 daddr counter }
            add rule inet cleave-uplink lost4 counter drop
            add chain inet cleave-uplink to-internet4
            add rule inet cleave-uplink to-internet4 oifname "up0" ip saddr @internet-from4-4 goto lost4
            add rule inet cleave-uplink cut jump to-internet4
            add chain inet cleave-uplink lost4.1
            add rule inet cleave-uplink lost4.1 update @lost4-4.1 { ip saddr . ip daddr counter }
            add rule inet cleave-uplink lost4.1 update @lost6-4.1 { ip6 saddr . ip6 daddr counter }
            add rule inet cleave-uplink lost4.1 counter drop
            add chain inet cleave-uplink from-internet4.1
            add rule inet cleave-uplink from-internet4.1 iifname "up0" ip daddr @internet-to4-4.1 goto lost4.1
            add rule inet cleave-uplink from-internet4.1 iifname "up0" ip6 daddr @internet-to6-4.1 goto lost4.1
            add rule inet cleave-uplink cut tcp dport 80 jump from-internet4.1
            add chain inet cleave-uplink to-internet4.1
            add rule inet cleave-uplink to-internet4.1 oifname "up0" ip saddr @internet-from4-4.1 goto lost4.1
            add rule inet cleave-uplink to-internet4.1 oifname "up0" ip6 saddr @internet-from6-4.1 goto lost4.1
            add rule inet cleave-uplink cut tcp dport 80 jump to-internet4.1

            """,
            CutTableText.Switch(CutRuleset.Healed, rules).First());
        Assert.Equal(
            """
            add table inet cleave-evidence
            add set inet cleave-evidence passed4-4 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set inet cleave-evidence passed6-4 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            add set inet cleave-evidence passed4-4.1 { type ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set inet cleave-evidence passed6-4.1 { type ipv6_addr . ipv6_addr; size 65535; flags dynamic; }
            add chain inet cleave-evidence passed4
            add rule inet cleave-evidence passed4 update @passed4-4 { ip saddr . ip daddr counter } return
            add rule inet cleave-evidence passed4 meta protocol ip counter
            add rule inet cleave-evidence passed4 update @passed6-4 { ip6 saddr . ip6 daddr counter } return
            add rule inet cleave-evidence passed4 meta protocol ip6 counter
            add chain inet cleave-evidence passed4.1
            add rule inet cleave-evidence passed4.1 update @passed4-4.1 { ip saddr . ip daddr counter } return
            add rule inet cleave-evidence passed4.1 meta protocol ip counter
            add rule inet cleave-evidence passed4.1 update @passed6-4.1 { ip6 saddr . ip6 daddr counter } return
            add rule inet cleave-evidence passed4.1 meta protocol ip6 counter
            add chain inet cleave-evidence forward4 { type filter hook forward priority filter + 10; policy accept; }
            add rule inet cleave-evidence forward4 tcp dport 80 jump passed4.1
            add rule inet cleave-evidence forward4 jump passed4

            """,
            CutTableText.Switch(CutRuleset.Healed, rules).ElementAt(1));
        Assert.Contains(
            "this lab has no way out, so there is nothing to cut from the internet: expected 'gateway' in the lab file",
            Assert.Throws<InputException>(() => FaultsInForce.None(Lab).With(Cut("a", "internet", true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fabric_is_cut_between_the_ports_of_its_links_and_nowhere_else()
    {
        LabTopology lab = LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.1}, b: {}}\nlinks: {x: {ends: {a: 10.0.0.1, fabric: }}, y: {ends: {b: , fabric: 10.0.0.2}}}\n");
        FaultsInForce now = FaultsInForce.None(lab).With(Cut("all", "fabric", false)).With(Cut("fabric", "b", false));
        Assert.Equal(
            """
            add map bridge cleave source1 { type iface_index : mark; size 3; elements = { "p2" : 0x00000001, "p3" : 0x00000001, "p6" : 0x00000003 }; }
            add map bridge cleave target1 { type iface_index : classid; size 3; elements = { "p4" : 0:2, "p6" : 0:2, "p3" : 0:4 }; }
            add set bridge cleave cut1 { type mark . classid; size 2; elements = { 0x00000001 . 0:2, 0x00000003 . 0:4 }; }

            """,
            string.Concat(CutTableText.Switch(CutRuleset.Healed, CutRuleset.Of(now.Cuts, lab, 1)).First().Split('\n')
                .TakeWhile(l => !l.StartsWith("flush", StringComparison.Ordinal)).Where(l => l.Contains("elements", StringComparison.Ordinal)).Select(l => l + "\n")));
        Assert.Equal(["fabric>b", "a>fabric", "b>fabric"], Outside(FaultReport.Of(now, lab)));
    }

    [Fact]
    public void What_is_published_over_a_link_to_the_fabric_is_cut_with_the_fabric()
    {
        LabTopology lab = LabText.Valid("cleave: 1\nnodes: {a: {ports: [\"auto:80\"]}, b: {ip: 172.23.0.1, ports: [\"auto:80\"]}}\nlinks: {x: {ends: {a: 10.0.0.1, fabric: }}, y: {ends: {b: 10.0.0.2, fabric: }}}\n");
        Assert.Contains(
            "the published ports of a are reached over its link to the fabric, which plays the host there: cut it from fabric instead",
            Assert.Throws<InputException>(() => FaultsInForce.None(lab).With(Cut("host", "a", true))).Message, StringComparison.Ordinal);
        Assert.Equal(["host>b"], Outside(FaultReport.Of(FaultsInForce.None(lab).With(Cut("host", "all", false)), lab)));
    }

    [Theory]
    [InlineData("- cut: {from: all, to: internet}")] // --gateway may say more than the file
    [InlineData("- cut: {from: host, to: a}")]
    [InlineData("- during: {cut: {between: [host, a]}}\n  for: 1ms")]
    [InlineData("- mend: {from: [a, b], to: host}")]
    public void A_scenario_can_name_the_host(string step) => _ = LabText.Valid($"{Yaml}\nscenarios:\n  s:\n    {step.Replace("\n", "\n    ", StringComparison.Ordinal)}\n");

    [Theory]
    [InlineData("- cut: {from: host, to: c}", "10:7", "c has no published port")]
    [InlineData("- cut: {from: fabric, to: c}", "10:7", "c has no link to the fabric, so there is nothing to cut from it")]
    [InlineData("- cut: {from: hots, to: a}", "10:19", "'hots' is no node: expected a node's name, host, internet or fabric", "host")]
    [InlineData("- isolate: host", "10:16", "'host' is no node")]
    [InlineData("- cut: {from: host, to: a, network: lan}", "10:7", "expected no network lan beside it")]
    public void Mistakes_have_their_place(string step, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake($"{Yaml}\nscenarios:\n  s:\n    {step}\n", at, words, suggestion);

    private static Fault.Cut Cut(string from, string to, bool bothWays) => new([.. from.Split(',')], [.. to.Split(',')], bothWays, null);

    private static FaultStatus Status(Fault fault) => FaultReport.Of(FaultsInForce.None(Lab).With(fault), Lab);

    private static IEnumerable<string> Outside(FaultStatus status) => status.Networks.Where(n => n.Network == "outside").SelectMany(n => n.Cuts).Select(c => $"{c[0]}>{c[1]}");
}
