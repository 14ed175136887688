using System.Collections.Immutable;
using Cleave.Names;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>
/// What is broken now. Faults lie on top of each other in the order they came; of partitions only the newest counts, cuts add up. Immutable: a
/// fault applied, or a scope ended, gives the next state.
/// </summary>
/// <remarks>
/// A scope that ends takes its own fault out and nothing else, wherever it lies by then, so that scopes of parallel branches may overlap.
/// A mend takes its pairs out of all faults, and a heal takes all faults out, those of open scopes too: nothing comes back by itself.
/// </remarks>
public sealed class FaultsInForce
{
    private readonly LabTopology _topology;
    private readonly ImmutableList<Layer> _layers;

    private FaultsInForce(LabTopology topology, ImmutableList<Layer> layers)
    {
        (_topology, _layers) = (topology, layers);
        Layer? newest = layers.FindLast(l => l.Fault is Fault.Partition);
        Partition = newest is { Pairs.IsEmpty: false } ? (Fault.Partition)newest.Fault : null;
        var outside = Cuts.Of([.. layers.Where(l => !l.Outside.IsEmpty).Select(l => (l.Fault.Manner, l.Outside))], OutsideEnds.None(topology));
        Cuts = Cuts.Of([.. layers.Where(l => l == newest || l.Fault is not Fault.Partition).Select(l => (l.Fault.Manner, l.Pairs))], PairSet.For(topology)) with
        {
            Outside = outside.IsEmpty ? null : outside,
        };
    }

    /// <summary>The names that fail.</summary>
    internal NameFaults Names => _layers.Exists(l => l.Fault is Fault.Dns)
        ? new(
            [.. _layers.Select(l => l.Fault).OfType<Fault.Dns>().SelectMany(f => f.Fail).Distinct()],
            [.. _layers.Select(l => l.Fault).OfType<Fault.Dns>().SelectMany(f => f.Drop).Distinct()])
        : NameFaults.None;

    /// <summary>Each fault that breaks something now, in words, in the order in which they came.</summary>
    internal ImmutableArray<string> Texts =>
    [
        .. _layers.Where(l => l.Fault is Fault.Dns || ((!l.Pairs.IsEmpty || !l.Outside.IsEmpty) && (l.Fault is not Fault.Partition || l.Fault == Partition || l.Pairs.IsEmpty)))
            .Select(l => FaultText.Describe(l.Fault)),
    ];

    /// <summary>The faults of which packets are lost now.</summary>
    internal IEnumerable<Layer> Active
    {
        get
        {
            Layer? newest = _layers.FindLast(l => l.Fault is Fault.Partition);
            return _layers.Where(l => (l == newest || l.Fault is not Fault.Partition) && !(l.Pairs.IsEmpty && l.Outside.IsEmpty));
        }
    }

    /// <summary>What identifies the faults that have not ended, whether they count now or not.</summary>
    internal IEnumerable<object> Keys => _layers.Select(l => l.Key);

    /// <summary>The partition in force, or null.</summary>
    public Fault.Partition? Partition { get; }

    /// <summary>Who loses what on the way to whom.</summary>
    public Cuts Cuts { get; }

    /// <summary>Every ordered pair that loses every packet.</summary>
    public PairSet Pairs => Cuts.Packets;

    /// <summary>Nothing broken.</summary>
    public static FaultsInForce None(LabTopology topology) => new(topology, []);

    /// <summary>The state after a verb: a partition replaces the one that a verb put in force before.</summary>
    /// <exception cref="InputException">The fault does not fit the lab.</exception>
    public FaultsInForce With(Fault fault)
    {
        (PairSet pairs, PairSet outside) = (FaultPairs.Of(fault, _topology), OutsideEnds.Of(fault, _topology));
        return fault switch
        {
            Fault.Partition f => Change(_layers.RemoveAll(l => l is { Fault: Fault.Partition, Scope: null }).Add(new Layer(f, pairs, outside, null))),
            Fault.Loss f => Change(_layers.Add(new Layer(f, pairs, outside, null))),
            Fault.Mend f => Change(
            [
                .. _layers.Select(l => f.Traffic is null || f.Traffic.Equals(l.Fault.Manner.Traffic)
                    ? l with { Pairs = l.Pairs.Except(pairs), Outside = l.Outside.Except(outside) }
                    : l),
            ]),
            _ => None(_topology),
        };
    }

    /// <summary>The state after a scope has begun.</summary>
    /// <param name="fault">What is in force while it lasts.</param>
    /// <param name="scope">Identifies the scope for <see cref="EndScope"/>.</param>
    /// <exception cref="InputException">The fault does not fit the lab.</exception>
    public FaultsInForce BeginScope(Fault.Loss fault, object scope) =>
        Change(_layers.Add(new Layer(fault, FaultPairs.Of(fault, _topology), OutsideEnds.Of(fault, _topology), scope)));

    /// <summary>The state after a scope has ended: without its fault.</summary>
    public FaultsInForce EndScope(object scope) => Change(_layers.RemoveAll(l => l.Scope == scope));

    private FaultsInForce Change(ImmutableList<Layer> layers) => new(_topology, layers);

    /// <summary>One fault.</summary>
    /// <param name="Fault">The fault.</param>
    /// <param name="Pairs">The pairs it cuts, without those mended since.</param>
    /// <param name="Outside">The same between nodes and the outside.</param>
    /// <param name="Scope">What ends it; null: a verb.</param>
    internal sealed record Layer(Fault.Loss Fault, PairSet Pairs, PairSet Outside, object? Scope)
    {
        /// <summary>What it is known by, whatever is mended of it.</summary>
        public object Key { get; } = new();
    }
}
