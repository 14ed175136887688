using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>What is broken now: the one partition, and what cuts added to it. Immutable; a fault applied gives the next state.</summary>
/// <param name="Partition">The partition in force, or null.</param>
/// <param name="PartitionPairs">What it still cuts: mends take pairs out of it.</param>
/// <param name="CutPairs">What single cuts cut.</param>
public sealed record FaultsInForce(Fault.Partition? Partition, PairSet PartitionPairs, PairSet CutPairs)
{
    /// <summary>Every ordered pair whose packets are lost.</summary>
    public PairSet Pairs => PartitionPairs.Union(CutPairs);

    /// <summary>Nothing broken.</summary>
    public static FaultsInForce None(LabTopology topology)
    {
        var empty = new PairSet(topology.Networks.Length, topology.Nodes.Length);
        return new FaultsInForce(null, empty, empty);
    }

    /// <summary>The state after the fault.</summary>
    /// <exception cref="InputException">The fault does not fit the lab.</exception>
    public FaultsInForce With(Fault fault, LabTopology topology)
    {
        PairSet pairs = FaultPairs.Of(fault, topology);
        return fault switch
        {
            Fault.Partition partition => this with { Partition = partition, PartitionPairs = pairs },
            Fault.Cut => this with { CutPairs = CutPairs.Union(pairs) },
            Fault.Mend => Without(pairs),
            _ => None(topology),
        };
    }

    /// <summary>The state after a scope of this fault ends: its partition is gone, or the pairs its cut had added.</summary>
    /// <param name="fault">The fault whose scope ends.</param>
    /// <param name="before">The state when the scope began.</param>
    /// <param name="topology">The lab.</param>
    public FaultsInForce EndScope(Fault fault, FaultsInForce before, LabTopology topology) => fault switch
    {
        Fault.Partition => this with { Partition = before.Partition, PartitionPairs = before.PartitionPairs },
        Fault.Cut => this with { CutPairs = CutPairs.Except(FaultPairs.Of(fault, topology).Except(before.CutPairs)) },
        _ => this,
    };

    private FaultsInForce Without(PairSet pairs)
    {
        PairSet left = PartitionPairs.Except(pairs);
        return this with { Partition = left.IsEmpty ? null : Partition, PartitionPairs = left, CutPairs = CutPairs.Except(pairs) };
    }
}
