using Cleave.Linux;

namespace Cleave.Processes;

/// <summary>A program to start.</summary>
/// <param name="Argv">The program first: a path, or a name that is looked up in the PATH of <paramref name="Env"/>.</param>
/// <param name="Env">The whole environment.</param>
/// <param name="Dir">Absolute path of the working directory.</param>
internal sealed record SpawnRequest(IReadOnlyList<string> Argv, IReadOnlyDictionary<string, string> Env, string Dir)
{
    /// <summary>Path of the executable, where it is not what the first argument names; or null.</summary>
    public string? Program { get; init; }

    /// <summary>Descriptors for standard input, output and error; null: /dev/null. Ignored with a terminal.</summary>
    public Descriptor? Input { get; init; }

    /// <inheritdoc cref="Input"/>
    public Descriptor? Output { get; init; }

    /// <inheritdoc cref="Input"/>
    public Descriptor? Error { get; init; }

    /// <summary>Path of a terminal that becomes all three, and the controlling one; or null.</summary>
    public string? Terminal { get; init; }

    /// <summary>Whom it runs as (setpriv(1) changes to it); null: as this process.</summary>
    public Topology.NodeUser? User { get; init; }

    /// <summary>The soft and the hard limit of open files to start with (prlimit(1) sets them), each null to leave it.</summary>
    public (ulong? Soft, ulong? Hard) FileLimit { get; init; }
}
