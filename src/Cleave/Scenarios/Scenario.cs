using System.Collections.Immutable;
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
    /// <summary>The steps within it, those of all branches one after the other.</summary>
    internal ImmutableArray<Step> Inner => this switch
    {
        During s => s.Steps,
        Repeat s => s.Steps,
        Always s => s.Steps,
        Parallel s => [.. s.Branches.SelectMany(b => b)],
        _ => [],
    };

    /// <summary>Puts a fault in force, or ends it; it stays until a later step or the end of the scenario.</summary>
    public sealed record Apply(Location At, string? Name, Fault Fault) : Step(At, Name);

    /// <summary>A fault in force for a time, or while the steps run; healed on every way out.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Fault">What is in force meanwhile.</param>
    /// <param name="For">How long; with steps: at least so long. Null: as long as the steps take.</param>
    /// <param name="Steps">May be empty if <paramref name="For"/> is given.</param>
    public sealed record During(Location At, string? Name, Fault.Loss Fault, TimeSpan? For, ImmutableArray<Step> Steps) : Step(At, Name);

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

    /// <summary>Checks something.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Check">What must hold.</param>
    /// <param name="Within">At some time within this limit.</param>
    /// <param name="For">All this time. At most one of the two is given; neither: at the first look.</param>
    public sealed record Expect(Location At, string? Name, Check Check, TimeSpan? Within, TimeSpan? For) : Step(At, Name);

    /// <summary>A check that is looked at again and again while the steps run; the first violation fails the step and stops them.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Check">What must always hold, or never.</param>
    /// <param name="IsNever">True if it must never hold.</param>
    /// <param name="Every">From one look to the next; 100 ms by default.</param>
    /// <param name="For">How long; with steps: at least so long. Null: as long as the steps take.</param>
    /// <param name="Steps">May be empty if <paramref name="For"/> is given.</param>
    public sealed record Always(
        Location At, string? Name, Check Check, bool IsNever, TimeSpan Every, TimeSpan? For, ImmutableArray<Step> Steps) : Step(At, Name);

    /// <summary>Waits for lines in nodes' logs.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Nodes">Whose logs; each must have such a line.</param>
    /// <param name="Pattern">Regular expression; lines logged since the step before this one began count, so that none slips between; in a first
    /// step all.</param>
    /// <param name="Within">How long it may take; 30 s by default.</param>
    public sealed record WaitLog(Location At, string? Name, ImmutableArray<string> Nodes, string Pattern, TimeSpan Within) : Step(At, Name);

    /// <summary>Waits until nodes are ready.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Nodes">Which.</param>
    /// <param name="Within">How long it may take; 30 s by default.</param>
    public sealed record WaitReady(Location At, string? Name, ImmutableArray<string> Nodes, TimeSpan Within) : Step(At, Name);

    /// <summary>Asks from now until the end of the scenario, and records what it meets and how long that took; it judges nothing.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="From">Who asks.</param>
    /// <param name="To">Who is asked, each by each but itself.</param>
    /// <param name="By">How.</param>
    /// <param name="Every">From one question to the next; 100 ms by default.</param>
    public sealed record Measure(Location At, string? Name, ImmutableArray<string> From, ImmutableArray<string> To, Probe By, TimeSpan Every) : Step(At, Name);

    /// <summary>Waits until a command succeeds.</summary>
    /// <param name="At">Where it stands in the file.</param>
    /// <param name="Name">What the author calls it, or null.</param>
    /// <param name="Check">The command, and where.</param>
    /// <param name="Within">How long it may take; 30 s by default.</param>
    public sealed record WaitRun(Location At, string? Name, Check.Runs Check, TimeSpan Within) : Step(At, Name);
}
