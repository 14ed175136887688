using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using Cleave.Faults;
using Cleave.Netlink;
using Cleave.Planning;
using Cleave.Tests.Faults;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Planning;

public class PlanPrinterTests
{
    private const string Rewrite = "CLEAVE_REWRITE_GOLDEN";

    private const string TwoNetworks = """
        cleave: 1
        networks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 10.0.0.0/30}}
        nodes:
          web: {ip: 172.23.0.1}
          router: {networks: {wan: 10.0.0.1, lan: 172.23.0.254}}
          db: {networks: {lan: 172.23.0.3}}
        """;

    private static readonly LabTopology Lab = LabText.Valid(TwoNetworks);

    private const string DualStack = """
        cleave: 1
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"], mtu: 1400}
          six: {subnet: "fd00:6::/64"}
        nodes:
          web: {ip: [172.23.0.1, "fd00:23::1"]}
          old: {ip: 172.23.0.2}
          new: {networks: {six: "fd00:6::3", lan: {ip: "fd00:23::3", interface: lan0}}}
        """;

    private const string Routed = """
        cleave: 1
        networks:
          left: {subnet: [172.23.0.0/24, "fd00:1::/64"]}
          right: {subnet: [10.0.0.0/24, "fd00:2::/64"]}
        nodes:
          a: {ip: [172.23.0.1, "fd00:1::1"], routes: {10.0.0.0/16: 172.23.0.254, default: r}, aliases: [www, db.example.com]}
          r: {ip: [172.23.0.254, 10.0.0.254, "fd00:1::fe", "fd00:2::fe"], router: true, hostname: r.example.com}
          b: {ip: [10.0.0.2, "fd00:2::2"], routes: {"fd00:1::/64": r, default: ["fd00:2::fe", 10.0.0.254]},
              sysctls: {net.ipv4.tcp_rmem: 4096 87380 6291456, net.ipv6.conf.default.hop_limit: 7, kernel.shmmax: 1000000, net/ipv4/conf/eth0/rp_filter: 1}}
        """;

    private const string Links = """
        cleave: 1
        links:
          cable: {ends: {fabric: {ip: [192.0.2.1, "2001:db8::1"], interface: veth1.0}, netns1: {ip: [10.200.1.1, "fd00:200::1"], interface: veth2}}}
          wire: {mtu: 1400, ends: {netns1: 10.9.0.1/30, b: {ip: 10.9.0.2/30}}}
          bare: {ends: {b: {interface: port0}, c: 10.9.1.1}}
          apart: {ends: {b: 10.9.2.1, c: [10.9.3.1, "fd00:3::1"]}}
        nodes:
          netns1: {router: true, routes: {default: cable}}
          b: {router: true, routes: {default: 10.9.0.1}}
          c: {routes: {default: apart}}
        """;

    private const string Mounts = """
        cleave: 1
        nodes:
          web:
            ip: 172.23.0.1
            tmpfs: [/run, {path: /tmp, size: 64M, mode: 700}]
            volumes: ["./my conf:/etc/app:ro", "data:/run/data", "/tmp/shared:/tmp/in", "/run/x:/srv"]
          db: {ip: 172.23.0.3, volumes: ["data:/srv"]}
        """;

    [Theory]
    [InlineData("two-networks", TwoNetworks)]
    [InlineData("dual-stack", DualStack)]
    [InlineData("routed", Routed)]
    [InlineData("mounts", Mounts)]
    [InlineData("links", Links)]
    public void A_lab_is_printed_as_it_always_was(string name, string lab) =>
        Golden(name, LabPlan.Of(LabText.Valid(lab, Surroundings.AsChecked(new Dictionary<string, string>())), new PlanInputs("/tmp/my project", "/run/user/1000/cleave")));

    private static void Golden(string name, LabPlan plan)
    {
        string printed = PlanPrinter.Print(plan);
        string golden = Repository.PathOf("tests", "Cleave.Tests", "Planning", "golden", $"{name}.txt");
        if (Environment.GetEnvironmentVariable(Rewrite) is { Length: > 0 })
        {
            File.WriteAllText(golden, printed);
        }

        Assert.True(
            File.ReadAllText(golden) == printed,
            $"the plan has changed; look at git diff after a run with {Rewrite}=1. Now it is\n{printed}");
    }

    [Fact]
    public void A_network_of_several_bridges_is_printed_as_it_always_was()
    {
        string five = string.Concat(Enumerable.Range(1, 5).Select(n => $"  n{n}: {{ip: 172.23.0.{n}}}\n"));
        Golden("several-bridges", LabPlan.Of(
            LabText.Valid($"cleave: 1\nnetworks: {{lan: {{subnet: 172.23.0.0/24, mtu: 1400}}}}\nnodes:\n{five}"),
            new PlanInputs("/tmp/my project", "/run/user/1000/cleave", NodesOfABridge: 4)));
    }

    [Fact]
    public void A_lab_with_a_way_out_is_printed_as_it_always_was() => Golden("uplink", LabPlan.Of(
        LabText.Valid(Routed),
        new PlanInputs("/tmp/my project", "/run/user/1000/cleave")
        {
            Uplink = new Uplink(GatewayChoice.User, "pasta", [new("169.254.23.100", 24, "169.254.23.2"), new("fdc1:ea7e:17::64", 64, "fdc1:ea7e:17::2")], ["192.0.2.1"])
            {
                Commands = ["pasta --netns /run/netns/fabric &"],
                Index = 7,
            },
        }));

    public static TheoryData<string> Operations() =>
        [.. typeof(Operation).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Operation))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_operation_has_a_command(string name)
    {
        Assert.NotEqual("", PlanPrinter.Line(Sample(name), Lab).Trim());
    }

    [Theory]
    [InlineData("/plain/path-1.2_3+4", "/plain/path-1.2_3+4")]
    [InlineData("/with space", "'/with space'")]
    [InlineData("/it's", "'/it'\\''s'")]
    [InlineData("/$HOME/`id`/\"x\"", "'/$HOME/`id`/\"x\"'")]
    [InlineData("/a;b&c|d", "'/a;b&c|d'")]
    [InlineData("/ümläut", "'/ümläut'")]
    [InlineData("/*?[a]~", "'/*?[a]~'")]
    public void Paths_are_quoted_for_the_shell(string path, string quoted)
    {
        Assert.Equal($"mkdir -p {quoted} && mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs {quoted}", PlanPrinter.Line(new Operation.MountTmpfs(new(0), path, "0700", null), Lab));
        Assert.Contains(
            $"mkdir -p {quoted}; mount --no-canonicalize --rbind /proc/self/fd/3 {quoted}; ",
            PlanPrinter.Line(new Operation.MountTmpfs(new(0), "/tmp", "1777", path), Lab), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_cut_makes_maps_and_set_and_rules() => Assert.Equal(
        [
            """
            add map bridge cleave source1 { type iface_index : mark; size 3; elements = { "p1" : 0x00000001, "p3" : 0x00000002, "p4" : 0x00000002 }; }
            add map bridge cleave target1 { type iface_index : classid; size 3; elements = { "p1" : 0:1, "p3" : 0:2, "p4" : 0:2 }; }
            add set bridge cleave cut1 { type mark . classid; size 2; elements = { 0x00000001 . 0:2, 0x00000002 . 0:1 }; }
            add set bridge cleave lost4-1 { type iface_index . iface_index . ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add set bridge cleave probes4-1 { type iface_index . iface_index . ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            flush chain bridge cleave forward
            add chain bridge cleave probes1
            add rule bridge cleave probes1 update @probes4-1 { iif . oif . ip saddr . ip daddr counter }
            add rule bridge cleave probes1 counter drop
            add chain bridge cleave lost1
            add rule bridge cleave lost1 meta protocol != { ip, ip6 } accept
            add rule bridge cleave lost1 icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
            add rule bridge cleave lost1 meta pkttype { broadcast, multicast } counter drop
            add rule bridge cleave lost1 ip dscp 43 goto probes1
            add rule bridge cleave lost1 update @lost4-1 { iif . oif . ip saddr . ip daddr counter }
            add rule bridge cleave lost1 counter drop
            add chain bridge cleave judge1
            add rule bridge cleave judge1 meta priority set oif map @target1
            add rule bridge cleave judge1 meta mark . meta priority @cut1 jump lost1
            add rule bridge cleave judge1 meta mark set 0x00000000
            add rule bridge cleave judge1 meta priority set 0:0
            add rule bridge cleave forward meta mark set iif map @source1 jump judge1

            """,
            """
            add table netdev cleave-evidence
            add set netdev cleave-evidence passed4-1 { type iface_index . ipv4_addr . ipv4_addr; size 65535; flags dynamic; }
            add chain netdev cleave-evidence passed1
            add rule netdev cleave-evidence passed1 update @passed4-1 { oif . ip saddr . ip daddr counter } return
            add rule netdev cleave-evidence passed1 meta protocol ip counter
            add chain netdev cleave-evidence out1.0 { type filter hook egress devices = { p1, p3, p4 } priority filter; policy accept; }
            add rule netdev cleave-evidence out1.0 jump passed1

            """,
        ],
        Switch(Lab, Labs.Isolate("web")));

    [Fact]
    public void Another_cut_is_loaded_beside_the_one_before_which_is_deleted_when_nobody_uses_it_any_more()
    {
        string[] transactions = Switch(Lab, Labs.Isolate("web"), Labs.Isolate("db"));

        Assert.Equal(3, transactions.Length);
        Assert.StartsWith("add map bridge cleave source2 {", transactions[0], StringComparison.Ordinal);
        Assert.DoesNotContain("delete", transactions[0] + transactions[1], StringComparison.Ordinal);
        Assert.Contains("flush chain bridge cleave forward\n", transactions[0], StringComparison.Ordinal);
        Assert.Contains("flush chain netdev cleave-evidence out1.0\n", transactions[0], StringComparison.Ordinal);
        Assert.StartsWith("add set netdev cleave-evidence passed4-2 {", transactions[1], StringComparison.Ordinal);
        Assert.Equal(
            Gone("judge1")
            + "delete chain netdev cleave-evidence out1.0\nflush chain netdev cleave-evidence passed1\ndelete chain netdev cleave-evidence passed1\ndelete set netdev cleave-evidence passed4-1\n",
            transactions[2]);
    }

    [Fact]
    public void Healing_empties_the_chain_and_deletes_the_rest() => Assert.Equal(
        [
            "flush chain bridge cleave forward\nflush chain netdev cleave-evidence out1.0\n",
            Gone("judge1") + "delete table netdev cleave-evidence\n",
        ],
        Switch(Lab, Labs.Isolate("web"), new Fault.Heal()));

    [Fact]
    public void Healing_the_healed_changes_nothing() =>
        Assert.Equal(["flush chain bridge cleave forward\n"], Switch(Lab, new Fault.Heal()));

    [Fact]
    public void Some_traffic_is_judged_in_a_chain_of_its_own()
    {
        string[] transactions = Switch(Lab, Labs.Cut("web", "db") with { Manner = new(Traffic.Parse("tcp 80,8000-8010 icmp"), CutMode.Drop, false) }, new Fault.Heal());

        Assert.Contains(
            """
            add chain bridge cleave some1
            add rule bridge cleave forward tcp dport 80 jump some1
            add rule bridge cleave forward tcp dport 8000-8010 jump some1
            add rule bridge cleave forward meta l4proto { icmp, ipv6-icmp } jump some1
            add chain bridge cleave judge1
            add rule bridge cleave judge1 meta priority set oif map @target1
            add rule bridge cleave judge1 meta mark . meta priority @cut1 jump lost1
            """, CutTableText.Print(CutSwitch.From(CutRuleset.Healed, Rules(Labs.Cut("web", "db") with { Manner = new(Traffic.Parse("tcp 80,8000-8010 icmp"), CutMode.Drop, false) })).Turn), StringComparison.Ordinal);
        Assert.Equal(Gone("some1", "judge1") + "delete table netdev cleave-evidence\n", transactions[1]);
    }

    [Fact]
    public void Ports_and_ranges_are_a_rule_each()
    {
        CutRuleset rules = Rules(Labs.Cut("web", "db") with { Manner = new(Traffic.Parse("tcp 80,8000-8010 udp icmp"), CutMode.Drop, false) });

        Assert.Equal(
            ["tcp dport 80 jump some1", "tcp dport 8000-8010 jump some1", "meta l4proto udp jump some1", "meta l4proto { icmp, ipv6-icmp } jump some1"],
            CutTableText.Print(CutSwitch.From(CutRuleset.Healed, rules).Turn).Split('\n').Where(l => l.Contains("jump some", StringComparison.Ordinal))
                .Select(l => l["add rule bridge cleave forward ".Length..]));
    }

    [Fact]
    public void An_answer_stands_at_the_senders_ports_in_a_table_that_goes_with_the_last_one()
    {
        string[] transactions = Switch(Lab, Labs.Cut("web", "db") with { Manner = new(null, CutMode.Reset, false) }, new Fault.Heal());

        Assert.Contains("delete table netdev cleave\n", transactions[1], StringComparison.Ordinal);
        string first = Switch(Lab, Labs.Cut("web", "db") with { Manner = new(null, CutMode.Reset, false) })[0];
        Assert.StartsWith("add table netdev cleave\n", first, StringComparison.Ordinal);
        Assert.Contains("add chain netdev cleave in1.0 { type filter hook ingress devices = { p1 } priority filter; policy accept; }", first, StringComparison.Ordinal);
        Assert.Contains("meta mark . meta priority @cut1.1 jump lost1.1", first, StringComparison.Ordinal);
        Assert.Contains("add rule netdev cleave lost1.1 update @lost4-1.1 { iif . ether daddr . ip saddr . ip daddr counter }\nadd rule netdev cleave lost1.1 counter goto as-closed\n", first, StringComparison.Ordinal);
        Assert.Contains("add rule bridge cleave judge1 meta mark . meta priority @cut1 jump lost1", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_router_the_first_port_and_the_destination_are_judged_and_the_origin_and_the_last_port()
    {
        string text = Switch(LabText.Valid(Routed), Labs.Cut("a", "b"))[0];

        Assert.Contains("add rule bridge cleave leave1 meta priority set ip daddr map @to4-1", text, StringComparison.Ordinal);
        Assert.Contains("add rule bridge cleave leave1 meta priority set ip6 daddr map @to6-1", text, StringComparison.Ordinal);
        Assert.Contains("add rule bridge cleave arrive1 ip saddr . meta priority @from4-1 jump lost1", text, StringComparison.Ordinal);
        Assert.Contains("add rule bridge cleave arrive1 ip6 saddr . meta priority @from6-1 jump lost1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("source1", text, StringComparison.Ordinal); // they share no network
    }

    [Fact]
    public void Classes_beyond_sixteen_bits_are_written_as_tc_does()
    {
        var part = new CutPart(0, CutPartKind.Packets, null, CutMode.Drop)
        {
            Sources = [(new("p1", 7), 0x12345)],
            Targets = [(new("p1", 7), 0x12345)],
            Cuts = [(0x12345, 10)],
        };
        string text = string.Concat(CutTableText.Switch(CutRuleset.Healed, new CutRuleset(1, [part])));

        Assert.Contains("\"p1\" : 1:2345", text, StringComparison.Ordinal);
        Assert.Contains("0x00012345 . 0:a", text, StringComparison.Ordinal);
    }

    /// <summary>How the first cut goes: its chains, and its maps and sets.</summary>
    private static string Gone(params string[] chains)
    {
        string[] all = [.. chains, "lost1", "probes1"];
        return string.Concat(all.Select(c => $"flush chain bridge cleave {c}\n")) + string.Concat(all.Select(c => $"delete chain bridge cleave {c}\n"))
            + "delete map bridge cleave source1\ndelete map bridge cleave target1\ndelete set bridge cleave cut1\ndelete set bridge cleave lost4-1\ndelete set bridge cleave probes4-1\n";
    }

    private static CutRuleset Rules(Fault fault) => CutRuleset.Of(FaultsInForce.None(Lab).With(fault).Cuts, Lab, 1);

    /// <summary>The transactions of the last of some faults.</summary>
    private static string[] Switch(LabTopology lab, params ReadOnlySpan<Fault> faults)
    {
        FaultsInForce now = FaultsInForce.None(lab);
        CutRuleset before = CutRuleset.Healed;
        CutRuleset rules = before;
        foreach (Fault fault in faults)
        {
            now = now.With(fault);
            (before, rules) = (rules, CutRuleset.Of(now.Cuts, lab, rules.Generation + 1));
        }

        return [.. CutTableText.Switch(before, rules)];
    }

    /// <summary>An operation of that kind.</summary>
    internal static Operation Sample(string name)
    {
        ConstructorInfo constructor = typeof(Operation).GetNestedType(name)!.GetConstructors().Single();
        return (Operation)constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);
    }

    private static object Value(Type type) => type switch
    {
        _ when type == typeof(Place) => new Place(0),
        _ when type == typeof(Interface) => new Interface("x1", 1),
        _ when type == typeof(MacAddress) => new MacAddress(1),
        _ when type == typeof(IPAddress) => IPAddress.Loopback,
        _ when type == typeof(IPNetwork) => IPNetwork.Parse("10.1.0.0/16"),
        _ when type == typeof(CutRuleset) => CutRuleset.Healed,
        _ when type == typeof(Uplink) => new Uplink(GatewayChoice.User, "pasta", [], []),
        _ when type == typeof(string) => "text",
        _ when type == typeof(int) || type == typeof(int?) => 1,
        _ when type == typeof(long?) => 4096L,
        _ when type == typeof(uint) => 33u,
        _ when type == typeof(bool) => true,
        _ when type == typeof(ImmutableArray<(Interface, int)>) => ImmutableArray.Create((new Interface("p1", 1), 1)),
        _ when type == typeof(ImmutableArray<string>) => ImmutableArray.Create("text"),
        _ => throw new NotSupportedException($"no value for a {type}: add one here"),
    };
}
