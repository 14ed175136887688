using System.Net;
using Cleave.Evidence;
using Cleave.Faults;
using Cleave.Planning;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Evidence;

/// <summary>What counters mean: for which fault and which pair, and what they prove.</summary>
public class EvidenceBookTests
{
    /// <summary>a and b on lan and wan, r joins lan and far, on which d is.</summary>
    private static readonly LabTopology Lab = LabText.Valid(
        """
        cleave: 1
        networks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 10.9.9.0/24}, far: {subnet: 10.9.8.0/24}}
        nodes:
          a: {networks: {lan: 172.23.0.1, wan: 10.9.9.1}, run: x}
          b: {networks: {lan: 172.23.0.2, wan: 10.9.9.2}, run: x, ports: ["80:80"]}
          r: {networks: {lan: 172.23.0.3, far: 10.9.8.3}, router: true}
          d: {networks: {far: 10.9.8.4}, run: x}
        links: {up: {ends: {a: 10.1.1.1, fabric: 10.1.1.2}}}
        """);

    private readonly EvidenceBook _book = new(Lab);
    private FaultsInForce _now = FaultsInForce.None(Lab);
    private CutRuleset _rules = CutRuleset.Healed;
    private long _time;

    [Fact]
    public void A_packet_counts_for_the_pair_whose_port_and_address_it_has()
    {
        Turn(new Fault.Isolate(["a"]));
        WindowEvidence seen = Heal(Lost("a", "b", 3), Lost("b", "a", 1), Lost("a", "b", 2, network: "wan"), Probe("a", "b", 4));

        Assert.Equal((EvidenceVerdict.Proven, "a>b 5/5/0 b>a 1/1/0"), (seen.Verdict, Pairs(seen)));
        Assert.Equal((6, 6, 0, 4), (seen.Attempted.Packets, seen.Lost.Packets, seen.Leaked.Packets, seen.Probes));
        Assert.Equal("isolate a: 6 packets attempted over 2 of 6 pairs, 6 lost, 0 leaked, in 0.0 s, beside 4 of Cleave's own probes", seen.Sentence);
        Assert.Equal(6, seen.Pairs.Length); // those over which nothing was sent, too
    }

    [Fact]
    public void Nothing_attempted_proves_nothing_unless_that_is_meant()
    {
        Turn(new Fault.Isolate(["a"]));
        Assert.Equal(EvidenceVerdict.Silent, Heal().Verdict);
        Turn(new Fault.Isolate(["a"]) { Demand = TrafficDemand.None });
        Assert.Equal(EvidenceVerdict.NotAsked, Heal().Verdict);
        Turn(Cut("a", "b", both: true) with { Demand = TrafficDemand.EveryPair });
        WindowEvidence half = Heal(Lost("a", "b", 3));
        Assert.Equal(EvidenceVerdict.Silent, half.Verdict);
        Assert.StartsWith("cut a <-> b: b sent nothing to a in 0.0 s; is it running?", half.Sentence, StringComparison.Ordinal);
        Turn(Cut("a", "b", both: true) with { Demand = TrafficDemand.EveryPair });
        Assert.Equal(EvidenceVerdict.Proven, Heal(Lost("a", "b", 3), Lost("b", "a", 1)).Verdict);
    }

    [Fact]
    public void Probes_prove_it_only_where_the_scenario_expects_silence_of_the_pair()
    {
        Turn(Cut("a", "b"));
        _book.Expect(Node("r"), Node("b"), isRefused: false);
        Assert.Contains("only Cleave's own probes were lost", Heal(Probe("a", "b", 1)).Sentence, StringComparison.Ordinal);
        Turn(Cut("a", "b"));
        _book.Expect(Node("b"), Node("a"), isRefused: false); // whose answer it is
        Assert.Equal(EvidenceVerdict.Proven, Heal(Probe("a", "b", 1)).Verdict);
        Turn(Cut("a", "b"));
        _book.Expect(Node("a"), Node("b"), isRefused: true); // a dead program would refuse, too
        Assert.Equal(EvidenceVerdict.Silent, Heal(Probe("a", "b", 1)).Verdict);
        Turn(Cut("a", "b") with { Manner = new(null, CutMode.Reset, false) });
        _book.Expect(Node("a"), Node("b"), isRefused: true);
        Assert.Equal(EvidenceVerdict.Proven, Heal(Probe("a", "b", 1)).Verdict);
    }

    [Fact]
    public void What_passes_is_a_leak_only_of_pairs_that_are_cut_there()
    {
        Turn(Cut("a", "b", network: "lan"));
        WindowEvidence seen = Heal(Lost("a", "b", 3), Passed("a", "b", 7, network: "wan"), Passed("b", "a", 7), Passed("r", "b", 7));
        Assert.Equal((EvidenceVerdict.Proven, "a>b 3/3/0"), (seen.Verdict, Pairs(seen)));

        Turn(Cut("a", "b", network: "lan"));
        seen = Heal(Lost("a", "b", 3), Passed("a", "b", 2));
        Assert.Equal((EvidenceVerdict.Leaked, "a>b 5/3/2"), (seen.Verdict, Pairs(seen)));
        Assert.StartsWith("cut a -> b on lan: 2 packets of 5 passed although cut, in 0.0 s: a -> b 2 of 5; was a rule changed", seen.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_passed_until_the_turn_was_over_is_taken_off()
    {
        Turn(Cut("a", "b"));
        CounterReading first = Reading(Passed("a", "b", 2), Passed("r", "b", 5)), last = Reading(Passed("a", "b", 2), Passed("r", "b", 9), Lost("a", "b", 1));
        WindowEvidence seen = Heal(last.Since(first));
        Assert.Equal((EvidenceVerdict.Proven, "a>b 1/1/0"), (seen.Verdict, Pairs(seen)));
    }

    [Fact]
    public void Some_traffic_leaks_where_that_traffic_passes()
    {
        var some = new Manner(Traffic.Parse("tcp 80"), CutMode.Drop, false);
        Turn(Cut("a", "b") with { Manner = some });
        Turn(Cut("b", "a")); // another fault, by which all is watched
        int part = _rules.Parts.Single(p => p.Traffic is not null).Number;
        WindowEvidence[] seen = HealAll(Reading(Passed("a", "b", 9), Lost("a", "b", 2) with { Part = part }, Lost("b", "a", 1)));
        Assert.Equal(["a>b 2/2/0", "b>a 1/1/0"], seen.Select(Pairs));

        Turn(Cut("a", "b") with { Manner = some });
        Assert.Equal("a>b 1/0/1", Pairs(Heal(Passed("a", "b", 1))));
    }

    [Fact]
    public void Through_routers_a_packet_counts_once_for_its_origin_and_its_destination()
    {
        Turn(Cut("a", "d"));
        FlowCount first = Flow(Counted.Lost, "a", "r", "lan", "172.23.0.1", "10.9.8.4", 3), last = Flow(Counted.Lost, "r", "d", "far", "172.23.0.1", "10.9.8.4", 2);
        Assert.Equal("a>d 5/5/0", Pairs(Heal(first, last)));

        // Three left by the first router; two of them were lost behind it.
        FlowCount left = Flow(Counted.Passed, "a", "r", "lan", "172.23.0.1", "10.9.8.4", 3), arrived = Flow(Counted.Passed, "r", "d", "far", "172.23.0.1", "10.9.8.4", 3);
        Turn(Cut("a", "d"));
        Assert.Equal("a>d 3/2/1", Pairs(Heal(left, last)));

        // Seen twice, it is one packet; and one that the router has given its own address is seen once.
        Turn(Cut("a", "d"));
        Assert.Equal("a>d 3/0/3", Pairs(Heal(left, arrived)));
        Turn(Cut("a", "d"));
        Assert.Equal("a>d 3/0/3", Pairs(Heal(left, Flow(Counted.Passed, "r", "d", "far", "10.9.8.3", "10.9.8.4", 3))));
    }

    [Fact]
    public void What_a_router_passes_on_counts_for_the_cut_from_the_router_where_that_is_cut()
    {
        Turn(Cut("a", "r"));
        Assert.Equal("a>r 3/3/0", Pairs(Heal(Flow(Counted.Lost, "a", "r", "lan", "172.23.0.1", "10.9.8.4", 3))));
        Turn(Cut("r", "d"));
        Assert.Equal("r>d 3/2/1", Pairs(Heal(
            Flow(Counted.Lost, "r", "d", "far", "172.23.0.1", "10.9.8.4", 2), Flow(Counted.Passed, "r", "d", "far", "172.23.0.1", "10.9.8.4", 1))));
    }

    [Fact]
    public void The_outside_has_pairs_too()
    {
        Turn(Cut("b", "host", both: true));
        FlowCount to = new(Counted.Lost, 0, 0, 0, default, IPAddress.Parse("172.23.0.254"), IPAddress.Parse("172.23.0.2"), new(3, 300));
        Assert.Equal("host>b 3/3/0", Pairs(Heal(to)));
        Turn(Cut("a", "fabric", both: true));
        WindowEvidence seen = Heal(Flow(Counted.Lost, "a", null, "up", "10.1.1.1", "10.1.1.2", 2), Flow(Counted.Lost, null, "a", "up", "192.0.2.1", "10.1.1.1", 1));
        Assert.Equal("a>fabric 2/2/0 fabric>a 1/1/0", Pairs(seen).Replace("fabric>a 1/1/0 a>fabric 2/2/0", "a>fabric 2/2/0 fabric>a 1/1/0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_has_one_window_from_its_beginning_to_its_end_whatever_begins_and_ends_meanwhile()
    {
        Turn(new Fault.Isolate(["a"]));
        Turn(Cut("b", "r"), Lost("a", "b", 1));
        object scope = new();
        WindowEvidence[] none = Change(_now.BeginScope(new Fault.Isolate(["b"]), scope), Reading(Lost("a", "b", 2))); // the other partition lies still
        Assert.Empty(none);
        WindowEvidence inner = Assert.Single(Change(_now.EndScope(scope), Reading(Lost("a", "b", 4), Lost("b", "r", 8))));
        Assert.Equal(("isolate b", "a>b 4/4/0 b>r 8/8/0"), (inner.Fault, Pairs(inner)));
        WindowEvidence[] seen = HealAll(Reading(Lost("a", "b", 16)));
        Assert.Equal(["isolate a: a>b 19/19/0", "cut b -> r: b>r 8/8/0"], seen.Select(w => $"{w.Fault}: {Pairs(w)}"));
        Assert.All(seen, w => Assert.True(w.Edges.BeginsAfter < inner.Edges.BeginsAfter && w.Edges.EndedBy > inner.Edges.EndedBy));
    }

    [Fact]
    public void Counters_that_somebody_took_away_prove_nothing_and_full_ones_are_said_to_be()
    {
        Turn(Cut("a", "b"));
        Assert.Equal(EvidenceVerdict.Unknown, Heal(Reading(Lost("a", "b", 1)) with { IsGone = true }).Verdict);
        Turn(Cut("a", "b"));
        WindowEvidence full = Heal(Reading(Lost("a", "b", 1)) with { Missed = 1 });
        Assert.True(full.Incomplete);
        Assert.StartsWith("cut a -> b: at least 1 packet attempted over 1 of 1 pair, 1 lost, 0 leaked, in 0.0 s; the count is incomplete", full.Sentence, StringComparison.Ordinal);
    }

    private static Fault.Cut Cut(string from, string to, bool both = false, string? network = null) => new([from], [to], both, network);

    private static int Node(string name) => Lab.Nodes.Select(n => n.Name).ToList().IndexOf(name);

    private static FlowCount Lost(string from, string to, long packets, string network = "lan") => Between(Counted.Lost, from, to, packets, network);

    private static FlowCount Probe(string from, string to, long packets) => Between(Counted.Probes, from, to, packets, "lan");

    private static FlowCount Passed(string from, string to, long packets, string network = "lan") => Between(Counted.Passed, from, to, packets, network);

    private static FlowCount Between(Counted what, string from, string to, long packets, string network) =>
        Flow(what, from, to, network, Address(from, network), Address(to, network), packets);

    private static string Address(string node, string network) => $"{Lab.Nodes[Node(node)].Attachments.Single(a => a.Network == network).Addresses[0]}";

    /// <summary>What was counted on a stretch of the way; null: the end is the fabric's.</summary>
    private static FlowCount Flow(Counted what, string? from, string? to, string network, string source, string target, long packets)
    {
        var wiring = new Wiring(Lab);
        int number = wiring.Network(network);
        return new(
            what, 0, what == Counted.Passed ? 0 : Port(from), Port(to), default, IPAddress.Parse(source), IPAddress.Parse(target), new(packets, packets * 84));

        int Port(string? node) => node is null ? wiring.Plug(number)!.Port.Index : wiring.Port(number, Node(node)).Index;
    }

    private static CounterReading Reading(params FlowCount[] flows) => new([.. flows], 0, 0, IsGone: false);

    private void Turn(Fault fault, params FlowCount[] before) => Change(_now.With(fault), Reading(before));

    private WindowEvidence Heal(params FlowCount[] flows) => Heal(Reading(flows));

    private WindowEvidence Heal(CounterReading reading) => Assert.Single(HealAll(reading));

    private WindowEvidence[] HealAll(CounterReading reading) => Change(_now.With(new Fault.Heal()), reading);

    private WindowEvidence[] Change(FaultsInForce after, CounterReading reading)
    {
        WindowEvidence[] ended = [.. _book.Turn(_now, _rules, reading, after, new TurnEdges(++_time, ++_time))];
        (_now, _rules) = (after, CutRuleset.Of(after.Cuts, Lab, _rules.Generation + 1));
        return ended;
    }

    private static string Pairs(WindowEvidence window) => string.Join(
        ' ',
        window.Pairs.Where(p => p.Attempted.Packets > 0).Select(p => $"{p.From}>{p.To} {p.Attempted.Packets}/{p.Lost.Packets}/{p.Leaked.Packets}"));
}
