using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <summary>A named timeline of steps. It starts healed and ends healed.</summary>
public sealed record Scenario(string Name, Location At, ImmutableArray<Step> Steps);

/// <summary>One step of a scenario.</summary>
/// <param name="At">Where it stands in the file.</param>
/// <param name="Name">What the author calls it, or null.</param>
public abstract record Step(Location At, string? Name)
{
    /// <summary>Puts a fault in force, or ends it; it stays until a later step or the end of the scenario.</summary>
    public sealed record Apply(Location At, string? Name, Fault Fault) : Step(At, Name);

    /// <summary>A fault in force for a time, or while the steps run; healed on every way out.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Fault">Never <see cref="Fault.Heal"/> or <see cref="Fault.Mend"/>.</param>
    /// <param name="For">How long; with steps: at least so long. Null: as long as the steps take.</param>
    /// <param name="Steps">May be empty if <paramref name="For"/> is given.</param>
    public sealed record During(Location At, string? Name, Fault Fault, TimeSpan? For, ImmutableArray<Step> Steps) : Step(At, Name);

    /// <summary>The steps, so many times.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Times">1 to 1,000,000.</param>
    /// <param name="Steps">Not empty.</param>
    public sealed record Repeat(Location At, string? Name, int Times, ImmutableArray<Step> Steps) : Step(At, Name);

    /// <summary>Branches that run at the same time; it ends when all have ended, the others being stopped when one fails.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Branches">Each a list of steps, none empty.</param>
    public sealed record Parallel(Location At, string? Name, ImmutableArray<ImmutableArray<Step>> Branches) : Step(At, Name);

    /// <summary>Waits for a time.</summary>
    public sealed record Sleep(Location At, string? Name, TimeSpan Time) : Step(At, Name);

    /// <summary>Runs a command and expects exit code 0.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Command">Saved values reach it as environment variables.</param>
    /// <param name="Node">A node, or "fabric" (the default).</param>
    /// <param name="Within">How long one run may take; with a limit it is tried again until it succeeds. Null: one try without a limit.</param>
    /// <param name="Save">The name its output is kept under (without trailing newlines), or null.</param>
    public sealed record Run(Location At, string? Name, Command Command, string Node, TimeSpan? Within, string? Save) : Step(At, Name);

    /// <summary>Checks who can reach whom.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="From">Who tries: a node or <c>${save.NAME}</c>.</param>
    /// <param name="To">Whom: a node or <c>${save.NAME}</c>.</param>
    /// <param name="TcpPort">A TCP connection to this port; null: an ICMP echo.</param>
    /// <param name="Is">What is expected.</param>
    /// <param name="Within">True at some time within this limit.</param>
    /// <param name="For">True all this time. At most one of the two is given; neither: at the first try.</param>
    public sealed record Expect(
        Location At, string? Name, string From, string To, int? TcpPort, Reachability Is, TimeSpan? Within, TimeSpan? For) : Step(At, Name);

    /// <summary>Waits for a line in a node's log.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Node">Whose log.</param>
    /// <param name="Pattern">Regular expression; lines logged since the step before this one began count, so that none slips between; in a first
    /// step all.</param>
    /// <param name="Within">How long it may take; 30 s by default.</param>
    public sealed record WaitLog(Location At, string? Name, string Node, string Pattern, TimeSpan Within) : Step(At, Name);
}

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
