using System.Collections.Immutable;

namespace Cleave.Faults;

/// <summary>Everything that is cut, put together from the faults in force.</summary>
/// <param name="Frames">Pairs that lose every frame, ARP and neighbour discovery included; all of them are in <paramref name="Packets"/>, too.</param>
/// <param name="Packets">Pairs that lose every IPv4 and IPv6 packet.</param>
/// <param name="Some">Pairs that lose some traffic, each with its own, and are not in <paramref name="Packets"/>.</param>
/// <param name="Answers">
/// Pairs whose senders learn of it; what is lost is in the others. Where a fault of the same traffic, or of all, is silent, silence wins.
/// </param>
public sealed record Cuts(PairSet Frames, PairSet Packets, ImmutableArray<SomeCut> Some, ImmutableArray<AnsweredCut> Answers)
{
    /// <summary>The same between nodes and the outside, see <see cref="OutsideEnds"/>; null: nothing.</summary>
    internal Cuts? Outside { get; init; }

    /// <summary>True if nothing is cut.</summary>
    public bool IsEmpty => Packets.IsEmpty && Some.IsEmpty && Outside is null;

    /// <summary>Puts faults together.</summary>
    internal static Cuts Of(IReadOnlyList<(Manner Manner, PairSet Pairs)> faults, PairSet none)
    {
        PairSet packets = Union(f => f.Traffic is null);
        PairSet silent = Union(f => f is { Traffic: null, Mode: CutMode.Drop });
        var some = ImmutableArray.CreateBuilder<SomeCut>();
        foreach (Traffic traffic in faults.Select(f => f.Manner.Traffic).OfType<Traffic>().Distinct().OrderBy(t => t.ToString(), StringComparer.Ordinal))
        {
            PairSet pairs = Union(f => traffic.Equals(f.Traffic)).Except(packets);
            if (!pairs.IsEmpty)
            {
                some.Add(new(traffic, pairs));
            }
        }

        var answers = ImmutableArray.CreateBuilder<AnsweredCut>();
        foreach ((Traffic? traffic, CutMode mode) in faults
            .Select(f => (f.Manner.Traffic, f.Manner.Mode))
            .Where(f => f.Mode != CutMode.Drop)
            .Distinct()
            .OrderBy(f => f.Traffic is not null).ThenBy(f => f.Traffic?.ToString(), StringComparer.Ordinal).ThenBy(f => f.Mode))
        {
            PairSet pairs = Union(f => Equals(f.Traffic, traffic) && f.Mode == mode)
                .Except(silent)
                .Except(Union(f => Equals(f.Traffic, traffic) && f.Mode == CutMode.Drop));
            if (!pairs.IsEmpty)
            {
                answers.Add(new(traffic, mode, pairs));
            }
        }

        return new(Union(f => f is { Arp: true, Traffic: null }), packets, some.ToImmutable(), answers.ToImmutable());

        PairSet Union(Func<Manner, bool> isMeant) => faults.Where(f => isMeant(f.Manner)).Aggregate(none, (all, fault) => all.Union(fault.Pairs));
    }
}

/// <summary>Pairs that lose some of their packets.</summary>
public sealed record SomeCut(Traffic Traffic, PairSet Pairs);

/// <summary>Pairs whose senders are told that their packets are lost; null: whatever they send.</summary>
public sealed record AnsweredCut(Traffic? Traffic, CutMode Mode, PairSet Pairs);
