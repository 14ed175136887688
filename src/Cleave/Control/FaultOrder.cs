using System.Collections.Immutable;
using Cleave.Faults;

namespace Cleave.Control;

/// <summary>A fault on the wire; the fields that <see cref="Kind"/> needs are set.</summary>
/// <param name="Kind">isolate, split, disjoint, partial, halves, minority-third, ring, bridge, dns, cut, mend or heal.</param>
/// <param name="Clusters">For split, disjoint and partial; for isolate and the shapes made in order one list, which may be missing for these; for dns the names that
/// fail, and those that are not answered.</param>
/// <param name="From">For cut and mend.</param>
/// <param name="To">For cut and mend.</param>
/// <param name="BothWays">For cut and mend.</param>
/// <param name="Network">For cut and mend, or null for every network.</param>
public sealed record FaultOrder(
    string Kind,
    ImmutableArray<ImmutableArray<string>>? Clusters = null,
    ImmutableArray<string>? From = null,
    ImmutableArray<string>? To = null,
    bool BothWays = false,
    string? Network = null)
{
    /// <summary>For bridge: the node that sees both halves, or null for the middle one.</summary>
    public string? Via { get; init; }

    /// <summary>For halves, minority-third, ring and bridge: what the order is drawn from; null: the file's order.</summary>
    public int? Seed { get; init; }

    /// <summary>Nodes that no list means.</summary>
    public ImmutableArray<string>? Except { get; init; }

    /// <summary>"tcp 80,8000-8010 udp"; null: every packet.</summary>
    public string? Traffic { get; init; }

    /// <summary>reject or reset; null: drop.</summary>
    public string? Mode { get; init; }

    /// <summary>Whether ARP and neighbour discovery are lost, too.</summary>
    public bool Arp { get; init; }

    /// <summary>The order that asks for a fault.</summary>
    public static FaultOrder For(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        FaultOrder order = fault switch
        {
            Fault.Isolate f => new("isolate", [f.Nodes]),
            Fault.Split f => new("split", f.Clusters),
            Fault.Disjoint f => new("disjoint", f.Clusters),
            Fault.Partial f => new("partial", f.Groups),
            Fault.Halves f => Ordered("halves", f),
            Fault.MinorityThird f => Ordered("minority-third", f),
            Fault.Ring f => Ordered("ring", f),
            Fault.Bridge f => Ordered("bridge", f) with { Via = f.Via },
            Fault.Dns f => new("dns", [f.Fail, f.Drop]),
            Fault.Cut f => new("cut", null, f.From, f.To, f.BothWays, f.Network),
            Fault.Mend f => new("mend", null, f.From, f.To, f.BothWays, f.Network) { Traffic = f.Traffic?.ToString(), Except = Some(f.Except) },
            _ => new("heal"),
        };
        return fault is Fault.Loss loss
            ? order with
            {
                Except = Some(loss.Except),
                Traffic = loss.Manner.Traffic?.ToString(),
                Mode = loss.Manner.Mode == CutMode.Drop ? null : loss.Manner.Mode.ToString().ToLowerInvariant(),
                Arp = loss.Manner.Arp,
            }
            : order;
    }

    /// <summary>The fault it asks for.</summary>
    /// <exception cref="InputException">Unknown kind, or a field is missing.</exception>
    public Fault ToFault()
    {
        ImmutableArray<string> nodes = Clusters is [var only, ..] ? only : [];
        ShapeOrder order = Seed is { } seed ? ShapeOrder.Of(seed) : ShapeOrder.OfFile;
        Fault fault = Kind switch
        {
            "isolate" => new Fault.Isolate(Required(Clusters)[0]),
            "split" => new Fault.Split(Required(Clusters)),
            "disjoint" => new Fault.Disjoint(Required(Clusters)),
            "partial" => new Fault.Partial(Required(Clusters)),
            "halves" => new Fault.Halves(nodes, order),
            "minority-third" => new Fault.MinorityThird(nodes, order),
            "ring" => new Fault.Ring(nodes, order),
            "bridge" => new Fault.Bridge(Via, nodes, order),
            "dns" => Clusters is [var fail, var drop] ? Fault.Dns.Of(fail, drop) : throw new InputException("a field of the fault 'dns' is missing"),
            "cut" => new Fault.Cut(Required(From), Required(To), BothWays, Network),
            "mend" => new Fault.Mend(Required(From), Required(To), BothWays, Network) { Traffic = Cleave.Faults.Traffic.Parse(Traffic), Except = Except ?? [] },
            "heal" => new Fault.Heal(),
            _ => throw new InputException($"unknown fault '{Kind}'"),
        };
        return fault is Fault.Loss loss ? loss with { Except = Except ?? [], Manner = Manner() } : fault;
    }

    private static FaultOrder Ordered(string kind, Fault.Ordered fault) => new(kind, fault.Nodes.IsEmpty ? null : [fault.Nodes])
    {
        Seed = fault.Order is { IsRandom: true, Seed: null } ? throw new InvalidOperationException("a seed is drawn before an order is sent") : fault.Order.Seed,
    };

    private static ImmutableArray<string>? Some(ImmutableArray<string> names) => names.IsEmpty ? null : names;

    private Manner Manner()
    {
        CutMode mode = CutMode.Drop;
        return Mode is null || Enum.TryParse(Mode, ignoreCase: true, out mode)
            ? new(Cleave.Faults.Traffic.Parse(Traffic), mode, Arp)
            : throw new InputException($"'{Mode}' is no mode: expected drop, reject or reset");
    }

    private ImmutableArray<T> Required<T>(ImmutableArray<T>? field) =>
        field is { IsDefaultOrEmpty: false } given ? given : throw new InputException($"a field of the fault '{Kind}' is missing");
}
