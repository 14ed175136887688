using System.Collections.Immutable;
using Cleave.Evidence;

namespace Cleave.Faults;

/// <summary>
/// What a verb or a step asks of the network. Where nodes are listed, a name of a node, a tag or <c>all</c> is valid, and in a scenario
/// <c>${save.NAME}</c>.
/// </summary>
public abstract record Fault
{
    private Fault() { }

    /// <summary>A fault under which packets are lost: everything but <see cref="Mend"/> and <see cref="Heal"/>.</summary>
    public abstract record Loss : Fault
    {
        private protected Loss() { }

        /// <summary>Which packets, and what the sender learns of it.</summary>
        public Manner Manner { get; init; } = Manner.Silent;

        /// <summary>Nodes that a list does not mean although it names them: <c>all</c> but these.</summary>
        public ImmutableArray<string> Except { get; init; } = [];

        /// <summary>What has to have been sent over its pairs, or its scenario proves nothing.</summary>
        public TrafficDemand Demand { get; init; }
    }

    /// <summary>A fault that is the one partition in force and replaces the one before.</summary>
    public abstract record Partition : Loss
    {
        private protected Partition() { }
    }

    /// <summary>A partition that is made of the nodes in an order: the file's, or one drawn from a seed.</summary>
    /// <param name="Nodes">Whom it concerns; empty: all. The others keep everybody.</param>
    /// <param name="Order">In which order.</param>
    public abstract record Ordered(ImmutableArray<string> Nodes, ShapeOrder Order) : Partition;

    /// <summary>Each of the nodes alone: from all others and from each other.</summary>
    public sealed record Isolate(ImmutableArray<string> Nodes) : Partition;

    /// <summary>Overlapping clusters: a pair is kept if some cluster has both; nodes not listed are alone.</summary>
    public sealed record Split(ImmutableArray<ImmutableArray<string>> Clusters) : Partition;

    /// <summary>Every node of the lab in exactly one cluster; pairs across clusters are cut.</summary>
    public sealed record Disjoint(ImmutableArray<ImmutableArray<string>> Clusters) : Partition;

    /// <summary>Groups that are cut from each other, while nodes in none of them see everybody: a partial partition.</summary>
    public sealed record Partial(ImmutableArray<ImmutableArray<string>> Groups) : Partition;

    /// <summary>Two halves; of an odd number of nodes the first half is the smaller.</summary>
    /// <inheritdoc cref="Ordered"/>
    public sealed record Halves(ImmutableArray<string> Nodes, ShapeOrder Order) : Ordered(Nodes, Order);

    /// <summary>The first nodes, fewer than a third of them, cut from the rest.</summary>
    /// <inheritdoc cref="Ordered"/>
    public sealed record MinorityThird(ImmutableArray<string> Nodes, ShapeOrder Order) : Ordered(Nodes, Order);

    /// <summary>Every node sees a majority, itself included, and no two the same one: neighbours in a ring.</summary>
    /// <inheritdoc cref="Ordered"/>
    public sealed record Ring(ImmutableArray<string> Nodes, ShapeOrder Order) : Ordered(Nodes, Order);

    /// <summary>Two halves of the other nodes, and one that sees both.</summary>
    /// <param name="Via">Who sees both; null: the middle one of the order.</param>
    /// <param name="Nodes">Whom it concerns; empty: all. The others keep everybody.</param>
    /// <param name="Order">In which order.</param>
    public sealed record Bridge(string? Via, ImmutableArray<string> Nodes, ShapeOrder Order) : Ordered(Nodes, Order);

    /// <summary>Packets from each of <paramref name="From"/> to each of <paramref name="To"/> are lost, on top of what is cut already.</summary>
    /// <param name="From">Senders.</param>
    /// <param name="To">Receivers.</param>
    /// <param name="BothWays">The way back, too.</param>
    /// <param name="Network">Only on this network; null: on every network the two share, and through routers.</param>
    public sealed record Cut(ImmutableArray<string> From, ImmutableArray<string> To, bool BothWays, string? Network) : Loss;

    /// <summary>Names fail in every node; no packet between nodes is lost.</summary>
    /// <param name="Fail">Those for which the fabric says that it has failed.</param>
    /// <param name="Drop">Those for which it gives no answer.</param>
    public sealed record Dns(ImmutableArray<string> Fail, ImmutableArray<string> Drop) : Loss
    {
        /// <summary>The fault on names as a user writes them.</summary>
        /// <exception cref="InputException">There is none, or one of them is no name.</exception>
        public static Dns Of(IEnumerable<string> fail, IEnumerable<string> drop)
        {
            var fault = new Dns([.. fail.Select(Normal).Distinct()], [.. drop.Select(Normal).Distinct()]);
            return fault is { Fail: [], Drop: [] } ? throw new InputException("dns names nothing that fails: expected names to fail or to drop") : fault;

            static string Normal(string text) => Topology.DnsFaultReader.Normal(text)
                ?? throw new InputException($"'{text}' is no name: expected one such as db, www.example.com or *.example.com");
        }
    }

    /// <summary>The opposite of <see cref="Cut"/>, whichever fault cut the pair.</summary>
    /// <inheritdoc cref="Cut"/>
    public sealed record Mend(ImmutableArray<string> From, ImmutableArray<string> To, bool BothWays, string? Network) : Fault
    {
        /// <summary>Only what was cut of this traffic; null: whatever was cut of the pair.</summary>
        public Traffic? Traffic { get; init; }

        /// <inheritdoc cref="Loss.Except"/>
        public ImmutableArray<string> Except { get; init; } = [];
    }

    /// <summary>Everything reaches everything again.</summary>
    public sealed record Heal : Fault;

    /// <summary>Every name in it.</summary>
    internal IEnumerable<string> Names => this switch
    {
        Isolate f => f.Nodes.Concat(f.Except),
        Split f => f.Clusters.SelectMany(c => c).Concat(f.Except),
        Disjoint f => f.Clusters.SelectMany(c => c).Concat(f.Except),
        Partial f => f.Groups.SelectMany(c => c).Concat(f.Except),
        Bridge f => f.Nodes.Concat(f.Except).Concat(f.Via is null ? [] : [f.Via]),
        Ordered f => f.Nodes.Concat(f.Except),
        Cut f => f.From.Concat(f.To).Concat(f.Except),
        Mend f => f.From.Concat(f.To).Concat(f.Except),
        _ => [],
    };

    /// <summary>The fault with a seed drawn, if it asks for any; the same otherwise.</summary>
    public Fault Drawn(Func<int> draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        return this is Ordered { Order: { IsRandom: true, Seed: null } } shape ? shape with { Order = ShapeOrder.Of(draw()) } : this;
    }
}

/// <summary>In which order a shape takes the nodes.</summary>
/// <param name="IsRandom">False: in the file's order.</param>
/// <param name="Seed">What the order is drawn from: the same seed, the same order, in every version. Null: drawn anew each time.</param>
public readonly record struct ShapeOrder(bool IsRandom, int? Seed)
{
    /// <summary>As in the file.</summary>
    public static ShapeOrder OfFile => default;

    /// <summary>Drawn anew each time.</summary>
    public static ShapeOrder Random => new(true, null);

    /// <summary>Drawn from a seed.</summary>
    public static ShapeOrder Of(int seed) => new(true, seed);
}
