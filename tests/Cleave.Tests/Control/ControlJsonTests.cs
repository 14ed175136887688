using System.Collections.Immutable;
using System.Text.Json;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Scenarios;
using Cleave.Tests.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Control;

public class ControlJsonTests
{
    private static readonly LabTopology Lab = Labs.Of("a:lan b:lan,wan c:lan,wan d:wan");
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<Fault, string> Faults() => new()
    {
        { Labs.Isolate("a b"), """{"kind":"isolate","clusters":[["a","b"]],"both_ways":false,"arp":false}""" },
        { Labs.Isolate("all") with { Except = ["d"] }, """{"kind":"isolate","clusters":[["all"]],"both_ways":false,"except":["d"],"arp":false}""" },
        { Labs.Split("a b | b c"), """{"kind":"split","clusters":[["a","b"],["b","c"]],"both_ways":false,"arp":false}""" },
        { Labs.Disjoint("a b | c d"), """{"kind":"disjoint","clusters":[["a","b"],["c","d"]],"both_ways":false,"arp":false}""" },
        { new Fault.Partial([["a"], ["b", "c"]]), """{"kind":"partial","clusters":[["a"],["b","c"]],"both_ways":false,"arp":false}""" },
        { new Fault.Halves([], ShapeOrder.OfFile), """{"kind":"halves","both_ways":false,"arp":false}""" },
        { new Fault.Halves(["b", "c"], ShapeOrder.Of(7)), """{"kind":"halves","clusters":[["b","c"]],"both_ways":false,"seed":7,"arp":false}""" },
        { new Fault.MinorityThird([], ShapeOrder.Of(0)), """{"kind":"minority-third","both_ways":false,"seed":0,"arp":false}""" },
        { new Fault.Ring([], ShapeOrder.OfFile), """{"kind":"ring","both_ways":false,"arp":false}""" },
        { new Fault.Bridge("c", [], ShapeOrder.OfFile), """{"kind":"bridge","both_ways":false,"via":"c","arp":false}""" },
        { Labs.Cut("a b", "c"), """{"kind":"cut","from":["a","b"],"to":["c"],"both_ways":false,"arp":false}""" },
        { Labs.Cut("b", "c", true, "wan"), """{"kind":"cut","from":["b"],"to":["c"],"both_ways":true,"network":"wan","arp":false}""" },
        {
            Labs.Cut("b", "c") with { Manner = new(Traffic.Parse("tcp 80"), CutMode.Reject, true) },
            """{"kind":"cut","from":["b"],"to":["c"],"both_ways":false,"traffic":"tcp 80","mode":"reject","arp":true}"""
        },
        { Labs.Mend("b", "c", true, "wan"), """{"kind":"mend","from":["b"],"to":["c"],"both_ways":true,"network":"wan","arp":false}""" },
        { new Fault.Dns(["db", "*.example.com"], []), """{"kind":"dns","clusters":[["db","*.example.com"],[]],"both_ways":false,"arp":false}""" },
        { new Fault.Heal(), """{"kind":"heal","both_ways":false,"arp":false}""" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_comes_through_as_it_was_sent(Fault fault, string json)
    {
        string sent = JsonSerializer.Serialize(FaultOrder.For(fault), ControlJson.Default.FaultOrder);
        Fault received = JsonSerializer.Deserialize(sent, ControlJson.Default.FaultOrder)!.ToFault();

        Assert.Equal(json, sent);
        Assert.IsType(fault.GetType(), received);
        Assert.Equal(FaultText.Describe(fault), FaultText.Describe(received));
        Assert.Equal(Labs.Show(fault, Lab), Labs.Show(received, Lab));
    }

    [Fact]
    public void No_fault_is_forgotten_here() =>
        Assert.Equal(
            typeof(Fault).GetNestedTypes().Where(t => !t.IsAbstract).Select(t => t.Name).Order(),
            Faults().Select(row => row.Data.Item1.GetType().Name).Distinct().Order());

    [Theory]
    [InlineData("""{"kind":"explode"}""", "unknown fault 'explode'")]
    [InlineData("""{"kind":"isolate"}""", "a field of the fault 'isolate' is missing")]
    [InlineData("""{"kind":"split","clusters":[]}""", "a field of the fault 'split' is missing")]
    [InlineData("""{"kind":"cut","from":["a"]}""", "a field of the fault 'cut' is missing")]
    [InlineData("""{"kind":"mend","to":["a"]}""", "a field of the fault 'mend' is missing")]
    [InlineData("""{"kind":"isolate","clusters":[["a"]],"mode":"burn"}""", "'burn' is no mode: expected drop, reject or reset")]
    [InlineData("""{"kind":"isolate","clusters":[["a"]],"traffic":"sctp"}""", "'sctp' is no traffic: expected for instance 'tcp 80,8000-8010', 'udp' or 'icmp'")]
    public void A_fault_that_is_not_whole_is_wrong_input(string json, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => JsonSerializer.Deserialize(json, ControlJson.Default.FaultOrder)!.ToFault()).Message);

    [Fact]
    public void The_status_of_a_lab_is_written_in_snake_case_with_words_for_enums() => Assert.Equal(
        """{"schema":1,"id":"x-1","file":"/x/cleave.yaml","ids":"subordinate","started":"2026-01-02T12:00:00+00:00","state":"ready","nodes":["""
        + """{"name":"a","addresses":["10.0.0.1"],"state":"ended","exit":"exit code 1","exit_code":1,"restarts":0,"ports":[]},{"name":"b","addresses":[],"state":"ready","pid":7,"restarts":2,"ports":[]}],"startup":[]}""",
        JsonSerializer.Serialize(
            new LabStatus(
                1, "x-1", "/x/cleave.yaml", IdMapKind.Subordinate, Noon, LabState.Ready, null, null,
                [new("a", ["10.0.0.1"], NodeState.Ended, null, "exit code 1", 1), new("b", [], NodeState.Ready, 7, null, null, Restarts: 2)]),
            ControlJson.Default.LabStatus));

    [Fact]
    public void Results_of_scenarios_are_written_in_snake_case_with_words_for_enums() => Assert.Equal(
        """{"scenario":"s","verdict":"failed","failure":"it did","seconds":1.5,"saved":{"a":"1","b":"{}"},"windows":[]}""",
        JsonSerializer.Serialize(
            new("s", Verdict.Failed, "it did", 1.5, new Dictionary<string, string> { ["b"] = "{}", ["a"] = "1" }.ToImmutableSortedDictionary()),
            ControlJson.Default.ScenarioResult));

    [Fact]
    public void Checks_and_events_are_written_in_snake_case_with_words_for_enums()
    {
        Assert.Equal(
            """{"schema":1,"agrees":false,"pairs":[{"network":"lan","from":"a","to":"b","expected":true,"icmp":false,"expected_tcp":true,"tcp":"refused","family":"ipv4","agrees":false}]}""",
            JsonSerializer.Serialize(new CheckResult(1, false, [new("lan", "a", "b", true, false, true, Reachability.Refused, "ipv4")]), ControlJson.Default.CheckResult));
        Assert.Equal(
            """{"schema":1,"time":"2026-01-02T12:00:00+00:00","kind":"log","node":"a","text":"hi"}""",
            JsonSerializer.Serialize(new LabEvent(Noon, EventKind.Log, "a", "hi"), ControlJson.Default.LabEvent));
    }

    [Fact]
    public void A_refusal_agrees_with_a_pair_that_is_not_cut_and_silence_does_not()
    {
        Assert.True(new PairCheck("lan", "a", "b", true, true, true, Reachability.Refused, "ipv4").Agrees);
        Assert.False(new PairCheck("lan", "a", "b", true, true, true, Reachability.Unreachable, "ipv4").Agrees);
        Assert.True(new PairCheck("lan", "a", "b", true, true, false, Reachability.Unreachable, "ipv4").Agrees);
        Assert.False(new PairCheck("lan", "a", "b", false, true, false, Reachability.Unreachable, "ipv4").Agrees);
    }

    [Fact]
    public void The_order_to_a_lab_host_is_one_line_and_comes_through()
    {
        var order = new HostOrder(
            new LabRecord("x-1", "/x/cleave.yaml", "/run/x-1", "/state/x-1", Noon), "cleave: 1\nnodes: ü\n",
            ImmutableSortedDictionary<string, string>.Empty.Add("/x/a.env", "A=\"b\nc\"\n"), new PlanInputs("/x", "/run"),
            ImmutableSortedDictionary<string, string>.Empty.Add("CamelCase", "a\nb"), ulong.MaxValue, IdMapKind.Single, true, ["a"], "0.1.0+abc", [new StartupPhase("command", 1.5)], 7)
        {
            Run = new RunOrder("/x/.cleave/runs/r", long.MaxValue, 5) { HasPackets = true },
        };
        string sent = JsonSerializer.Serialize(order, HostJson.Default.HostOrder);
        HostOrder received = JsonSerializer.Deserialize(sent, HostJson.Default.HostOrder)!;

        Assert.DoesNotContain('\n', sent);
        Assert.Contains("\"soft_file_limit\":18446744073709551615,\"ids\":\"single\"", sent, StringComparison.Ordinal);
        Assert.Equal(order with { Environment = received.Environment, NotStarted = received.NotStarted, Texts = received.Texts, Phases = received.Phases }, received);
        Assert.Equal(order.Texts, received.Texts);
        Assert.Equal(order.NotStarted, received.NotStarted);
        Assert.Equal(order.Phases, received.Phases);
        Assert.Equal(order.Environment, received.Environment);
    }

    public static TheoryData<Exception, Type> Failures() => new()
    {
        { new InputException("no such node"), typeof(InputException) },
        { new MachineException("no such kernel"), typeof(MachineException) },
        { new CleaveException("no such luck"), typeof(CleaveException) },
        { new IOException("no such file"), typeof(CleaveException) },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_error_keeps_its_message_and_who_is_to_mend_it(Exception error, Type kind)
    {
        string sent = JsonSerializer.Serialize(ErrorReply.For(error), ControlJson.Default.ErrorReply);
        CleaveException received = JsonSerializer.Deserialize(sent, ControlJson.Default.ErrorReply)!.ToException();

        Assert.IsType(kind, received);
        Assert.Equal(error.Message, received.Message);
    }
}
