using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Everything of a machine that a lab can use, in the order in which one thing needs another. Pure: it judges findings.</summary>
public static class Catalogue
{
    /// <summary>All checks.</summary>
    public static ImmutableArray<Check> Checks { get; } =
    [
        .. ProgramChecks.All,
        .. NamespaceChecks.All,
        .. ContainerChecks.All,
        .. NetworkChecks.All,
        .. IdChecks.All,
        .. LimitChecks.All,
        .. PlaceChecks.All,
    ];

    /// <summary>Those that a large lab can fail on a machine where a small one runs, and that are judged from facts, without trials.</summary>
    public static ImmutableArray<Check> Sizes { get; } = [.. NamespaceChecks.Limits, .. LimitChecks.All];
}
