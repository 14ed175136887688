using System.Collections.Immutable;

namespace Cleave.Faults;

/// <summary>Faults in words, as a user would say them.</summary>
public static class FaultText
{
    /// <summary>One line.</summary>
    public static string Describe(Fault fault) => fault switch
    {
        Fault.Isolate f => $"isolate {List(f.Nodes)}",
        Fault.Split f => $"split {Clusters(f.Clusters)}",
        Fault.Disjoint f => $"disjoint {Clusters(f.Clusters)}",
        Fault.Cut f => $"cut {List(f.From)} {(f.BothWays ? "<->" : "->")} {List(f.To)}{On(f.Network)}",
        Fault.Mend f => $"mend {List(f.From)} {(f.BothWays ? "<->" : "->")} {List(f.To)}{On(f.Network)}",
        Fault.Heal => "heal",
        _ => throw new InvalidOperationException(),
    };

    private static string List(ImmutableArray<string> nodes) => string.Join(", ", nodes);

    private static string Clusters(ImmutableArray<ImmutableArray<string>> clusters) => string.Join(" | ", clusters.Select(List));

    private static string On(string? network) => network is null ? "" : $" on {network}";
}
