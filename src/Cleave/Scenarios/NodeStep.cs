using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <summary>Starts, stops, kills, pauses, resumes or restarts programs of nodes.</summary>
/// <param name="At">Where it stands in the file.</param>
/// <param name="Name">What the author calls it, or null.</param>
/// <param name="Verb">What is done.</param>
/// <param name="Nodes">Nodes, tags, <c>all</c> or <c>${save.NAME}</c>.</param>
/// <param name="Signal">For <see cref="NodeVerb.Kill"/>: the signal; null: KILL.</param>
public sealed record NodeStep(Location At, string? Name, NodeVerb Verb, ImmutableArray<string> Nodes, int? Signal) : Step(At, Name);
