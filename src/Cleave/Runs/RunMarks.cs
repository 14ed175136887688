using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Scenarios;

namespace Cleave.Runs;

/// <summary>What is broken from one moment on.</summary>
/// <param name="Text">What changed it, in words: the fault, "heal", or the end of a fault.</param>
/// <param name="From">When the kernel was asked to change it, in seconds as <see cref="LabEvent.At"/>.</param>
/// <param name="To">When it had: what passed between the two may have met either state.</param>
/// <param name="InForce">The faults in force then, in words; empty: nothing is broken.</param>
/// <param name="Pairs">How many ordered pairs lose all or some of their packets then.</param>
/// <param name="Cuts">Those pairs, sender and receiver; null where they are more than a few hundred.</param>
public sealed record FaultMark(
    string Text, double From, double To, ImmutableArray<string> InForce, int Pairs, ImmutableArray<ImmutableArray<string>>? Cuts);

/// <summary>Something in the life of a node's program.</summary>
/// <param name="Edge">What.</param>
/// <param name="Pid">Its process number as the lab host sees it; null if it was never executed.</param>
/// <param name="ExitCode">As a shell reports it; null while it runs.</param>
public sealed record ProgramMark(ProgramEdge Edge, int? Pid, int? ExitCode);

/// <summary>What may happen in the life of a program.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ProgramEdge>))]
public enum ProgramEdge
{
    /// <summary>It was executed.</summary>
    Started,

    /// <summary>It is ready, as its node says when that is.</summary>
    Ready,

    /// <summary>It has ended, and nobody had asked it to.</summary>
    Ended,

    /// <summary>It has ended because a step, a verb or the end of the lab asked for it.</summary>
    Stopped,

    /// <summary>It has ended and is started again.</summary>
    Restarting,

    /// <summary>It could not be executed.</summary>
    Failed,

    /// <summary>Every process of its node is stopped.</summary>
    Paused,

    /// <summary>They go on.</summary>
    Resumed,
}

/// <summary>A check of a scenario.</summary>
/// <param name="At">Where its step stands in the lab file, as line:column.</param>
/// <param name="Expected">What was expected, in words.</param>
/// <param name="Holds">Whether it held.</param>
/// <param name="Seen">What was seen instead, in words; null if it held.</param>
public sealed record CheckMark(string At, string Expected, bool Holds, string? Seen);

/// <summary>A value that a step has saved.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it is.</param>
public sealed record SavedMark(string Name, string Value);

/// <summary>One question of a probe, and what came of it.</summary>
/// <param name="Probe">Which probe: its name, or whom it asks how.</param>
/// <param name="From">Who asks.</param>
/// <param name="To">Who is asked.</param>
/// <param name="Sent">When it asked, in seconds as <see cref="LabEvent.At"/>.</param>
/// <param name="Outcome">What it met.</param>
/// <param name="Seconds">How long the answer took; null: there was none.</param>
/// <param name="Status">The status of an answer by HTTP, or null.</param>
public sealed record ProbeSample(string Probe, string From, string To, double Sent, Reachability Outcome, double? Seconds, int? Status);

/// <summary>What is run.</summary>
/// <param name="Run">The run's name, which is that of its folder.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="File">Absolute path of the lab file.</param>
/// <param name="Version">Which Cleave runs it.</param>
/// <param name="Seed">What everything random is drawn with: the same gives the same schedule.</param>
/// <param name="Networks">The networks, in the file's order.</param>
/// <param name="Nodes">The nodes, in the file's order.</param>
public sealed record RunHead(
    string Run, string Scenario, string File, string Version, int Seed, ImmutableArray<RunNetwork> Networks, ImmutableArray<RunNode> Nodes)
{
    /// <summary>What CLOCK_MONOTONIC said when it began, in nanoseconds: where <see cref="LabEvent.At"/> is 0.</summary>
    public long Clock { get; init; }
}

/// <summary>A network of the lab that is run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subnets">Its subnets.</param>
public sealed record RunNetwork(string Name, ImmutableArray<string> Subnets);

/// <summary>A node of the lab that is run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Router">Whether it passes packets on between its networks.</param>
/// <param name="Places">Its place on each network that it is on.</param>
public sealed record RunNode(string Name, bool Router, ImmutableArray<RunPlace> Places);

/// <summary>A node's place on a network.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Addresses">Its addresses there.</param>
public sealed record RunPlace(string Network, ImmutableArray<string> Addresses);
