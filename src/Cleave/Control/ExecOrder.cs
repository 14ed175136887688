using System.Collections.Immutable;

namespace Cleave.Control;

/// <summary>A program to run in a lab.</summary>
/// <param name="Node">The node, or "fabric".</param>
/// <param name="Argv">The program and its arguments.</param>
public sealed record ExecOrder(string Node, ImmutableArray<string> Argv)
{
    /// <summary>Where it starts, relative to the node's own directory; null: there.</summary>
    public string? Dir { get; init; }

    /// <summary>Whom it runs as, as in the lab file; null: as the node's program. Not with <see cref="NetworkOnly"/>.</summary>
    public string? User { get; init; }

    /// <summary>Variables besides those that the node's program has; with <see cref="NetworkOnly"/> all that it gets, besides the lab's own.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>True for the node's network alone, with the host's files and name.</summary>
    public bool NetworkOnly { get; init; }

    /// <summary>The terminal it gets; null for pipes.</summary>
    public ExecTerminal? Terminal { get; init; }
}

/// <summary>The user's terminal.</summary>
/// <param name="Columns">Its width.</param>
/// <param name="Rows">Its height.</param>
/// <param name="Type">Its TERM variable, or null.</param>
public sealed record ExecTerminal(int Columns, int Rows, string? Type);
