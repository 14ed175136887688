using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <summary>
/// Something that holds or does not hold in a running lab and can be looked at again and again. Nodes are names, tags, <c>${save.NAME}</c>, or <c>all</c>.
/// </summary>
/// <param name="Count">Of how many of its nodes or pairs it must hold; null: of each.</param>
public abstract record Check(CheckCount? Count)
{
    /// <summary>Who reaches whom: every ordered pair of both lists, a node and itself apart.</summary>
    /// <param name="From">Who tries.</param>
    /// <param name="To">Whom.</param>
    /// <param name="By">How.</param>
    /// <param name="Is">What is expected.</param>
    /// <param name="Count">Of how many pairs; null: of each.</param>
    public sealed record Reach(ImmutableArray<string> From, ImmutableArray<string> To, Probe By, Reachability Is, CheckCount? Count)
        : Check(Count);

    /// <summary>How a command ends, and what it prints.</summary>
    /// <param name="Command">Saved values reach it as environment variables.</param>
    /// <param name="Nodes">Where it runs: nodes, or <c>fabric</c> alone.</param>
    /// <param name="Exit">The exit code expected, as a shell reports it: 0 to 255.</param>
    /// <param name="Output">A regular expression that its standard output must match, or null.</param>
    /// <param name="Json">What its standard output, read as JSON, must have, see <see cref="JsonSubset"/>; or null.</param>
    /// <param name="Count">On how many nodes; null: on each.</param>
    public sealed record Runs(
        Command Command, ImmutableArray<string> Nodes, int Exit, string? Output, string? Json, CheckCount? Count) : Check(Count);

    /// <summary>What has become of nodes' programs.</summary>
    /// <param name="Nodes">Whose.</param>
    /// <param name="Is">The state expected.</param>
    /// <param name="Exit">The exit code it must have ended with, as a shell reports it, or null.</param>
    /// <param name="Count">Of how many nodes; null: of each.</param>
    public sealed record State(ImmutableArray<string> Nodes, ProgramState Is, int? Exit, CheckCount? Count) : Check(Count);

    /// <summary>Whether nodes have logged a line.</summary>
    /// <param name="Nodes">Whose logs.</param>
    /// <param name="Pattern">A regular expression.</param>
    /// <param name="IsAbsent">True: no line may match.</param>
    /// <param name="Since">Which lines count.</param>
    /// <param name="Count">Of how many nodes; null: of each.</param>
    public sealed record Log(ImmutableArray<string> Nodes, string Pattern, bool IsAbsent, LogSince Since, CheckCount? Count) : Check(Count);
}

/// <summary>Of how many nodes or pairs a check must hold.</summary>
/// <param name="Least">At least so many; 0 for no limit.</param>
/// <param name="Most">At most so many, or null.</param>
public sealed record CheckCount(int Least, int? Most)
{
    /// <summary>Whether so many are as many as wanted.</summary>
    public bool Allows(int holding) => holding >= Least && !(holding > Most);

    /// <inheritdoc/>
    public override string ToString() => Most switch
    {
        null => $"at least {Least}",
        { } most when most == Least => $"exactly {Least}",
        { } most when Least == 0 => $"at most {most}",
        { } most => $"{Least} to {most}",
    };
}

/// <summary>How one node tries to reach another.</summary>
public abstract record Probe
{
    private Probe() { }

    /// <summary>An ICMP echo.</summary>
    public sealed record Icmp : Probe;

    /// <summary>A TCP connection.</summary>
    /// <param name="Port">1 to 65535.</param>
    public sealed record Tcp(int Port) : Probe;

    /// <summary>A datagram; any datagram that comes back is an answer.</summary>
    /// <param name="Port">1 to 65535.</param>
    /// <param name="Send">What is sent, in UTF-8; may be empty.</param>
    public sealed record Udp(int Port, string Send) : Probe;

    /// <summary>An HTTP request.</summary>
    /// <param name="Port">1 to 65535.</param>
    /// <param name="Path">Starts with '/'.</param>
    /// <param name="Method">GET by default.</param>
    /// <param name="Headers">Beside Host, in the file's order.</param>
    /// <param name="Send">The request's body, in UTF-8; null for none.</param>
    /// <param name="Answer">What is expected of the answer; null: there is one, whatever it says.</param>
    public sealed record Http(
        int Port, string Path, string Method, ImmutableArray<KeyValuePair<string, string>> Headers, string? Send, HttpAnswer? Answer) : Probe;
}

/// <summary>What is expected of an HTTP answer.</summary>
/// <param name="Status">The status code, or null for any from 200 to 299.</param>
/// <param name="Body">A regular expression that the body must match, or null.</param>
/// <param name="Json">What the body, read as JSON, must have, see <see cref="JsonSubset"/>; or null.</param>
public sealed record HttpAnswer(int? Status, string? Body, string? Json);

/// <summary>What a probe saw.</summary>
[JsonConverter(typeof(SnakeCaseEnum<Reachability>))]
public enum Reachability
{
    /// <summary>An answer of the kind asked for.</summary>
    Reachable,

    /// <summary>No answer at all.</summary>
    Unreachable,

    /// <summary>An answer that says no: a TCP reset or an ICMP error. A dead program, not a cut.</summary>
    Refused,
}

/// <summary>What a check can expect of a node's program.</summary>
public enum ProgramState
{
    /// <summary>It has not been started, waits for its turn, or the node has none.</summary>
    Idle,

    /// <summary>It runs, but is not ready yet.</summary>
    Starting,

    /// <summary>It runs, ready or not.</summary>
    Running,

    /// <summary>It runs and is ready.</summary>
    Ready,

    /// <summary>It has ended, by itself or because somebody asked for it, and nothing will start it again by itself.</summary>
    Ended,

    /// <summary>It has ended and waits for its restart.</summary>
    Restarting,

    /// <summary>Every process of the node stands still.</summary>
    Paused,
}

/// <summary>Which lines of a log count.</summary>
public enum LogSince
{
    /// <summary>All since the lab was started.</summary>
    Start,

    /// <summary>Those since the step before this one began, so that none slips between; in a first step all.</summary>
    Step,
}
