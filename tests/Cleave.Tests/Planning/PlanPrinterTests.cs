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

    public static TheoryData<string> Operations() =>
        [.. typeof(Operation).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Operation))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_operation_has_a_command(string name)
    {
        ConstructorInfo constructor = typeof(Operation).GetNestedType(name)!.GetConstructors().Single();
        var operation = (Operation)constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);

        Assert.NotEqual("", PlanPrinter.Line(operation, Lab).Trim());
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
        """
        flush chain bridge cleave forward
        table bridge cleave {
          map source {
            type ifname : mark
            elements = { "p1" : 0x00000001, "p3" : 0x00000002, "p4" : 0x00000002 }
          }
          map target {
            type ifname : classid
            elements = { "p1" : 0:1, "p3" : 0:2, "p4" : 0:2 }
          }
          set cut {
            type mark . classid
            elements = { 0x00000001 . 0:2, 0x00000002 . 0:1 }
          }
          chain forward {
            meta protocol != { ip, ip6 } accept
            icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
            meta mark set iifname map @source
            meta priority set oifname map @target
            meta mark . meta priority @cut counter drop
            meta mark set 0x00000000
            meta priority set 0:0
          }
        }

        """, Change(new Fault.Heal(), Labs.Isolate("web"), out _));

    [Fact]
    public void Another_cut_deletes_what_the_one_before_made_first()
    {
        string text = Change(Labs.Isolate("web"), Labs.Isolate("db"), out Operation.ReplaceCuts change);

        Assert.StartsWith(
            "flush chain bridge cleave forward\n"
            + "delete map bridge cleave source\ndelete map bridge cleave target\ndelete set bridge cleave cut\n"
            + "table bridge cleave {\n  map source {\n", text, StringComparison.Ordinal);
        Assert.EndsWith(CutTableText.Replace(CutRuleset.Healed, change.After)["flush chain bridge cleave forward\n".Length..], text, StringComparison.Ordinal);
    }

    [Fact]
    public void Healing_empties_the_chain_and_deletes_the_rest() => Assert.Equal(
        "flush chain bridge cleave forward\ndelete map bridge cleave source\ndelete map bridge cleave target\ndelete set bridge cleave cut\n",
        Change(Labs.Isolate("web"), new Fault.Heal(), out _));

    [Fact]
    public void Healing_the_healed_changes_nothing() =>
        Assert.Equal("flush chain bridge cleave forward\n", Change(new Fault.Heal(), new Fault.Heal(), out _));

    [Fact]
    public void Classes_beyond_sixteen_bits_are_written_as_tc_does()
    {
        string text = CutTableText.Replace(CutRuleset.Healed, new CutRuleset([("p1", 0x12345)], [(0x12345, 10)]));

        Assert.Contains("\"p1\" : 0x00012345", text, StringComparison.Ordinal);
        Assert.Contains("\"p1\" : 1:2345", text, StringComparison.Ordinal);
        Assert.Contains("0x00012345 . 0:a", text, StringComparison.Ordinal);
    }

    private static string Change(Fault before, Fault after, out Operation.ReplaceCuts change)
    {
        change = LabPlan.Change(FaultPairs.Of(before, Lab), FaultPairs.Of(after, Lab), Lab);
        return CutTableText.Replace(change.Before, change.After);
    }

    private static object Value(Type type) => type switch
    {
        _ when type == typeof(Place) => new Place(0),
        _ when type == typeof(Interface) => new Interface("x1", 1),
        _ when type == typeof(MacAddress) => new MacAddress(1),
        _ when type == typeof(IPAddress) => IPAddress.Loopback,
        _ when type == typeof(IPNetwork) => IPNetwork.Parse("10.1.0.0/16"),
        _ when type == typeof(CutRuleset) => new CutRuleset([("p1", 1)], [(1, 1)]),
        _ when type == typeof(string) => "text",
        _ when type == typeof(int) || type == typeof(int?) => 1,
        _ when type == typeof(long?) => 4096L,
        _ when type == typeof(uint) => 33u,
        _ when type == typeof(bool) => true,
        _ when type == typeof(ImmutableArray<(string, int)>) => ImmutableArray.Create(("p1", 1)),
        _ when type == typeof(ImmutableArray<string>) => ImmutableArray.Create("text"),
        _ => throw new NotSupportedException($"no value for a {type}: add one here"),
    };
}
