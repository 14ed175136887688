using System.Collections.Immutable;
using System.Text;

namespace Cleave.Faults;

/// <summary>Faults in words, as a user would say them.</summary>
public static class FaultText
{
    private const int MostNames = 12;

    /// <summary>One line.</summary>
    public static string Describe(Fault fault) => fault switch
    {
        Fault.Mend f => $"mend {Pairs(f.From, f.To, f.BothWays, f.Network)}{But(f.Except)}{(f.Traffic is null ? "" : $", {f.Traffic}")}",
        Fault.Heal => "heal",
        Fault.Loss f => Shape(f) + But(f.Except) + Manner(f.Manner),
        _ => throw new InvalidOperationException(),
    };

    internal static string List(ImmutableArray<string> nodes) => nodes.Length <= MostNames
        ? string.Join(", ", nodes)
        : $"{string.Join(", ", nodes[..(MostNames - 2)])} and {nodes.Length - MostNames + 2} more";

    private static string Shape(Fault.Loss fault) => fault switch
    {
        Fault.Isolate f => $"isolate {List(f.Nodes)}",
        Fault.Split f => $"split {Clusters(f.Clusters)}",
        Fault.Disjoint f => $"disjoint {Clusters(f.Clusters)}",
        Fault.Partial f => $"partial {Clusters(f.Groups)}",
        Fault.Halves f => $"halves{Order(f)}",
        Fault.MinorityThird f => $"minority-third{Order(f)}",
        Fault.Ring f => $"ring{Order(f)}",
        Fault.Bridge f => $"bridge{(f.Via is null ? "" : $" via {f.Via}")}{Order(f)}",
        Fault.Dns f => $"dns {string.Join(", ", f.Fail.Select(n => $"fail {n}").Concat(f.Drop.Select(n => $"drop {n}")))}",
        Fault.Cut f => $"cut {Pairs(f.From, f.To, f.BothWays, f.Network)}",
        _ => throw new InvalidOperationException(),
    };

    private static string Pairs(ImmutableArray<string> from, ImmutableArray<string> to, bool bothWays, string? network) =>
        $"{List(from)} {(bothWays ? "<->" : "->")} {List(to)}{(network is null ? "" : $" on {network}")}";

    private static string Order(Fault.Ordered fault)
    {
        string of = fault.Nodes.IsEmpty ? "" : $" of {List(fault.Nodes)}";
        return fault.Order switch
        {
            { Seed: { } seed } => $"{of} at random (seed {seed})",
            { IsRandom: true } => $"{of} at random",
            _ => of,
        };
    }

    private static string Clusters(ImmutableArray<ImmutableArray<string>> clusters) => string.Join(" | ", clusters.Select(List));

    private static string But(ImmutableArray<string> except) => except.IsEmpty ? "" : $" except {List(except)}";

    private static string Manner(Manner manner)
    {
        var text = new StringBuilder();
        if (manner.Traffic is not null)
        {
            text.Append(", ").Append(manner.Traffic);
        }

        if (manner.Mode != CutMode.Drop)
        {
            text.Append(", ").Append(manner.Mode.ToString().ToLowerInvariant());
        }

        return text.Append(manner.Arp ? ", ARP too" : "").ToString();
    }
}
