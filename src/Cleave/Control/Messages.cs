using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Evidence;
using Cleave.Faults;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Control;

/// <summary>What the command that starts a lab tells its lab host, on one line of its standard input.</summary>
/// <param name="Record">The lab's place on the machine.</param>
/// <param name="Text">The lab file as it was checked, so that a later edit changes nothing.</param>
/// <param name="Texts">The files that it refers to, as they were read then.</param>
/// <param name="Machine">What of the machine goes into the plan.</param>
/// <param name="Environment">The user's environment, from which the nodes' are made.</param>
/// <param name="SoftFileLimit">The user's soft limit of open files, or null to leave the lab host's.</param>
/// <param name="Ids">Which user ids exist in the lab.</param>
/// <param name="Supervise">Whether a program that ends by itself can end the lab.</param>
/// <param name="NotStarted">Nodes whose programs are not started with the lab.</param>
/// <param name="Version">Which Cleave says so.</param>
/// <param name="Phases">Where the time has gone so far.</param>
/// <param name="PhaseEnd">When the last of them ended; see <see cref="StartupClock"/>.</param>
internal sealed record HostOrder(
    LabRecord Record,
    string Text,
    ImmutableSortedDictionary<string, string> Texts,
    PlanInputs Machine,
    ImmutableSortedDictionary<string, string> Environment,
    ulong? SoftFileLimit,
    IdMapKind Ids,
    bool Supervise,
    ImmutableArray<string> NotStarted,
    string Version,
    ImmutableArray<StartupPhase> Phases,
    long PhaseEnd)
{
    /// <summary>What the lab records of what happens in it; null: nothing but its logs.</summary>
    public RunOrder? Run { get; init; }
}

/// <summary>What a lab host reads of its order before it believes the rest.</summary>
/// <param name="Version">Which Cleave has written it.</param>
internal sealed record OrderVersion(string? Version);

/// <summary>A lab and its nodes, now.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Id">The lab's id.</param>
/// <param name="File">The lab file.</param>
/// <param name="Ids">Which user ids exist in it.</param>
/// <param name="Started">When it was started.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="ExitCode">What <c>up</c> exits with; null while it runs.</param>
/// <param name="Reason">Why it ends, or null.</param>
/// <param name="Nodes">In the file's order.</param>
public sealed record LabStatus(
    int Schema,
    string Id,
    string File,
    IdMapKind Ids,
    DateTimeOffset Started,
    LabState State,
    int? ExitCode,
    string? Reason,
    ImmutableArray<NodeStatus> Nodes)
{
    /// <summary>How its nodes reach the internet; null: not at all.</summary>
    public UplinkStatus? Uplink { get; init; }

    /// <summary>Where the time between the start of the command and the lab's being ready went, in order.</summary>
    public ImmutableArray<StartupPhase> Startup { get; init; } = [];
}

/// <summary>How the nodes of a lab reach the internet, now.</summary>
/// <param name="Gateway">user or privileged.</param>
/// <param name="By">What carries the packets: "pasta".</param>
/// <param name="Addresses">The fabric's addresses on the link to the host, with the lengths of their prefixes.</param>
/// <param name="Resolvers">The name servers outside, as the fabric reaches them.</param>
/// <param name="Trouble">Why nothing is reached any more; null: nothing is known to be wrong.</param>
public sealed record UplinkStatus(
    GatewayChoice Gateway, string By, ImmutableArray<string> Addresses, ImmutableArray<string> Resolvers, string? Trouble)
{
    /// <summary>In a few words: "internet by pasta".</summary>
    public string Describe() => $"internet by {By}{(Trouble is null ? "" : $", out of reach: {Trouble}")}";
}

/// <summary>Where a lab is in its life.</summary>
[JsonConverter(typeof(SnakeCaseEnum<LabState>))]
public enum LabState
{
    /// <summary>Being made, or not all nodes are ready.</summary>
    Starting,

    /// <summary>All nodes are ready.</summary>
    Ready,

    /// <summary>Being ended.</summary>
    Ending,
}

/// <summary>A node, now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses, in the file's order.</param>
/// <param name="State">Where its program is in its life.</param>
/// <param name="Pid">Its program's process number as the lab host sees it; null if none runs.</param>
/// <param name="Exit">How its program ended, or null.</param>
/// <param name="ExitCode">As a shell reports it; null while it runs.</param>
/// <param name="HostPid">Its program's process number on the host; only the user's side can know it, and <c>cleave ps</c> does.</param>
/// <param name="Restarts">How many times it was started again because it had ended.</param>
public sealed record NodeStatus(
    string Name, ImmutableArray<string> Addresses, NodeState State, int? Pid, string? Exit, int? ExitCode, int? HostPid = null, int Restarts = 0)
{
    /// <summary>The process number of the node's PID 1 in the lab; null until it is made.</summary>
    public int? Init { get; init; }

    /// <summary>Its published ports, in the file's order.</summary>
    public ImmutableArray<PortRecord> Ports { get; init; } = [];
}

/// <summary>Where a node's program is in its life.</summary>
[JsonConverter(typeof(SnakeCaseEnum<NodeState>))]
public enum NodeState
{
    /// <summary>The node has no program.</summary>
    Idle,

    /// <summary>Its program is started by hand: the file or <c>up --only</c> says so.</summary>
    Manual,

    /// <summary>Its program waits: for setup commands, or for what it is to be started after.</summary>
    Waiting,

    /// <summary>Executed, not ready yet.</summary>
    Starting,

    /// <summary>Ready.</summary>
    Ready,

    /// <summary>Every process of the node is stopped until it is resumed.</summary>
    Paused,

    /// <summary>Its program has ended and will be started again.</summary>
    Restarting,

    /// <summary>Its program has ended because a verb or a step asked for it.</summary>
    Stopped,

    /// <summary>Its program has ended by itself.</summary>
    Ended,
}

/// <summary>What is cut, now.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Partition">The partition in force in words, or null.</param>
/// <param name="Networks">Each network with who loses every packet on the way to whom; behind them, if any, the pairs that only routers join.</param>
public sealed record FaultStatus(int Schema, string? Partition, ImmutableArray<NetworkCuts> Networks)
{
    /// <summary>How many pairs are cut, in words.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Pairs that lose some traffic only.</summary>
    public ImmutableArray<TrafficCuts> Some { get; init; } = [];

    /// <summary>Which of the pairs that lose packets are told so.</summary>
    public ImmutableArray<AnsweredCuts> Answered { get; init; } = [];

    /// <summary>What stands for the pairs of large networks where not every pair was asked for.</summary>
    public ImmutableArray<GroupCuts> Groups { get; init; } = [];

    /// <summary>How nodes reach the internet; null: not at all.</summary>
    public UplinkStatus? Uplink { get; init; }

    /// <summary>What has been counted so far of the faults in force.</summary>
    public ImmutableArray<WindowEvidence> Windows { get; init; } = [];

    /// <summary>Names that fail in every node.</summary>
    public ImmutableArray<FailingName> Names { get; init; } = [];
}

/// <summary>Who loses every packet on the way to whom on a network, by groups of nodes in the same relation to all others.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Groups">Groups of nodes, in the file's order.</param>
/// <param name="Cuts">Ordered pairs of groups by number, from 0; one with itself: its nodes are cut from each other.</param>
public sealed record GroupCuts(string Network, ImmutableArray<ImmutableArray<string>> Groups, ImmutableArray<ImmutableArray<int>> Cuts);

/// <summary>A name that fails.</summary>
/// <param name="Name">The name; *.example.com for all below example.com.</param>
/// <param name="Fault">fail: the fabric says that it has failed; drop: it gives no answer.</param>
public sealed record FailingName(string Name, string Fault);

/// <summary>What a fault would do.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Faults">What would be cut then.</param>
/// <param name="Commands">What would be done, as commands for a shell.</param>
public sealed record FaultPreview(int Schema, FaultStatus Faults, string Commands)
{
    /// <summary>Works it out; nothing is done.</summary>
    /// <exception cref="InputException">The fault does not fit the lab.</exception>
    public static FaultPreview Of(FaultsInForce now, CutRuleset rules, Fault fault, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(rules);
        FaultsInForce then = now.With(fault);
        var change = new Operation.ReplaceCuts(rules, CutRuleset.Of(then.Cuts, topology, rules.Generation + 1));
        return new(ControlJson.Schema, FaultReport.Of(then, topology), PlanPrinter.Line(change, topology) + "\n");
    }
}

/// <summary>Pairs that lose some of their traffic.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Traffic">Which: "tcp 2380".</param>
/// <param name="Cuts">Ordered pairs [sender, receiver].</param>
public sealed record TrafficCuts(string Network, string Traffic, ImmutableArray<ImmutableArray<string>> Cuts);

/// <summary>Pairs whose senders are answered that their packets are lost.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Mode">reject or reset.</param>
/// <param name="Traffic">Which packets: "tcp 2380"; null: all.</param>
/// <param name="Cuts">Ordered pairs [sender, receiver].</param>
public sealed record AnsweredCuts(string Network, string Mode, string? Traffic, ImmutableArray<ImmutableArray<string>> Cuts);

/// <summary>The cuts of one network.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Nodes">The nodes on it, in the file's order.</param>
/// <param name="Cuts">Ordered pairs [sender, receiver] that lose every IPv4 and IPv6 packet.</param>
public sealed record NetworkCuts(string Network, ImmutableArray<string> Nodes, ImmutableArray<ImmutableArray<string>> Cuts);

/// <summary>Who reaches whom in fact, and by the rules.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Agrees">True if every probe saw what the rules say.</param>
/// <param name="Pairs">Every ordered pair on every network, in the file's order; by IPv4, then by IPv6, where both have an address of the family there.</param>
public sealed record CheckResult(int Schema, bool Agrees, ImmutableArray<PairCheck> Pairs);

/// <summary>The probes of one ordered pair by one family of addresses.</summary>
/// <param name="Network">The network.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Expected">Whether packets pass by the rules.</param>
/// <param name="Icmp">Whether an ICMP echo request arrived.</param>
/// <param name="ExpectedTcp">Whether a TCP handshake passes by the rules, which needs both directions.</param>
/// <param name="Tcp">What the TCP handshake met: an answer, a refusal (which is an answer from the node), or nothing.</param>
/// <param name="Family">"ipv4" or "ipv6".</param>
public sealed record PairCheck(
    string Network, string From, string To, bool Expected, bool Icmp, bool ExpectedTcp, Reachability Tcp, string Family)
{
    /// <summary>True if both probes saw what the rules say.</summary>
    public bool Agrees => Expected == Icmp && ExpectedTcp == (Tcp != Reachability.Unreachable);
}

/// <summary>A scenario to run.</summary>
/// <param name="Scenario">Its name.</param>
public sealed record ScenarioOrder(string Scenario);

/// <summary>How a scenario ended.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Verdict">passed, failed, inconclusive or error.</param>
/// <param name="Failure">What was expected and seen, where, or what was not proven; or null.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Saved">What its steps saved.</param>
public sealed record ScenarioResult(
    string Scenario, Verdict Verdict, string? Failure, double Seconds, ImmutableSortedDictionary<string, string> Saved)
{
    /// <summary>The nodes concerned by the failure, the first to look at first; null if none is.</summary>
    public ImmutableArray<string>? Nodes { get; init; }

    /// <summary>What was counted of each of its faults, in the order they ended.</summary>
    public ImmutableArray<WindowEvidence> Windows { get; init; } = [];

    /// <summary>The id of its lab, if that is kept; null otherwise.</summary>
    public string? Lab { get; init; }

    /// <summary>What everything random was drawn with; null where nobody has said.</summary>
    public int? Seed { get; init; }

    /// <summary>When its lab was started; null where nobody has said.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Absolute path of the folder with what the run has left; null: it could not be made.</summary>
    public string? Run { get; init; }
}

/// <summary>The judgement of a scenario.</summary>
[JsonConverter(typeof(SnakeCaseEnum<Verdict>))]
public enum Verdict
{
    /// <summary>Every step did what it should.</summary>
    Passed,

    /// <summary>A check failed, a command failed, or a program ended that nobody asked to end.</summary>
    Failed,

    /// <summary>Every step did what it should, but a fault cut nothing that was sent, or let something pass.</summary>
    Inconclusive,

    /// <summary>The lab itself broke.</summary>
    Error,
}

/// <summary>An error as the lab host reports it.</summary>
/// <param name="Error">For the user.</param>
/// <param name="Kind">input, machine, or null for anything else.</param>
public sealed record ErrorReply(string Error, string? Kind)
{
    /// <summary>The reply for an exception.</summary>
    public static ErrorReply For(Exception e) => new(e.Message, e is InputException ? "input" : e is MachineException ? "machine" : null);

    /// <summary>The exception it stands for.</summary>
    public CleaveException ToException() => Kind switch
    {
        "input" => new InputException(Error),
        "machine" => new MachineException(Error),
        _ => new CleaveException(Error),
    };
}

/// <summary>JSON of the control socket, much of which is also what <c>--json</c> prints; without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LabEvent))]
[JsonSerializable(typeof(LabStatus))]
[JsonSerializable(typeof(FaultOrder))]
[JsonSerializable(typeof(FaultStatus))]
[JsonSerializable(typeof(FaultPreview))]
[JsonSerializable(typeof(CheckResult))]
[JsonSerializable(typeof(ExecOrder))]
[JsonSerializable(typeof(JoinOrder))]
[JsonSerializable(typeof(JoinNews))]
[JsonSerializable(typeof(JoinWord))]
[JsonSerializable(typeof(NodeOrder))]
[JsonSerializable(typeof(NodeReply))]
[JsonSerializable(typeof(ScenarioOrder))]
[JsonSerializable(typeof(ScenarioResult))]
[JsonSerializable(typeof(ErrorReply))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>The version of every record that stands by itself. It changes when a member goes or changes its meaning, not when one is added.</summary>
    public const int Schema = 1;
}

/// <summary>JSON of what only Cleave's own processes say to each other.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HostOrder))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(OrderVersion))]
internal sealed partial class HostJson : JsonSerializerContext;
