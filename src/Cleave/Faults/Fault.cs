using System.Collections.Immutable;

namespace Cleave.Faults;

/// <summary>What a verb or a step asks of the network. Node names are valid, or <c>${save.NAME}</c> in a scenario.</summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>A fault that is the one partition in force and replaces the one before.</summary>
    public abstract record Partition : Fault
    {
        private protected Partition() { }
    }

    /// <summary>Each of the nodes alone: from all others and from each other.</summary>
    public sealed record Isolate(ImmutableArray<string> Nodes) : Partition;

    /// <summary>Overlapping clusters: a pair is kept if some cluster has both; nodes not listed are alone.</summary>
    public sealed record Split(ImmutableArray<ImmutableArray<string>> Clusters) : Partition;

    /// <summary>Every node of the lab in exactly one cluster; pairs across clusters are cut.</summary>
    public sealed record Disjoint(ImmutableArray<ImmutableArray<string>> Clusters) : Partition;

    /// <summary>Packets from each of <paramref name="From"/> to each of <paramref name="To"/> are lost, on top of what is cut already.</summary>
    /// <param name="From">Senders.</param>
    /// <param name="To">Receivers.</param>
    /// <param name="BothWays">The way back, too.</param>
    /// <param name="Network">Only on this network; null: on every network the two share.</param>
    public sealed record Cut(ImmutableArray<string> From, ImmutableArray<string> To, bool BothWays, string? Network) : Fault;

    /// <summary>The opposite of <see cref="Cut"/>, whichever fault cut the pair.</summary>
    /// <inheritdoc cref="Cut"/>
    public sealed record Mend(ImmutableArray<string> From, ImmutableArray<string> To, bool BothWays, string? Network) : Fault;

    /// <summary>Everything reaches everything again.</summary>
    public sealed record Heal : Fault;
}
