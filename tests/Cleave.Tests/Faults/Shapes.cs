using System.Collections.Immutable;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>Random faults that fit a lab.</summary>
internal static class Shapes
{
    public static Fault Random(Random random, LabTopology lab)
    {
        while (true)
        {
            Fault fault = random.Next(7) switch
            {
                0 => new Fault.Isolate(Some(random, lab)),
                1 or 2 => new Fault.Split([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Some(random, lab))]),
                3 => Disjoint(random, lab),
                4 or 5 => new Fault.Cut(Some(random, lab), Some(random, lab), random.Next(2) == 0, Network(random, lab)),
                _ => new Fault.Mend(Some(random, lab), Some(random, lab), random.Next(2) == 0, Network(random, lab)),
            };
            try
            {
                FaultPairs.Of(fault, lab);
                return fault;
            }
            catch (InputException)
            {
                // They share no network.
            }
        }
    }

    private static Fault.Disjoint Disjoint(Random random, LabTopology lab)
    {
        int clusters = random.Next(1, 5);
        return new([.. lab.Nodes.Select(n => n.Name).GroupBy(_ => random.Next(clusters)).Select(g => (ImmutableArray<string>)[.. g])]);
    }

    private static ImmutableArray<string> Some(Random random, LabTopology lab)
    {
        string[] names = [.. lab.Nodes.Select(n => n.Name)];
        return [.. random.GetItems(names, random.Next(1, names.Length + 1))];
    }

    private static string? Network(Random random, LabTopology lab) =>
        random.Next(2) == 0 ? null : lab.Networks[random.Next(lab.Networks.Length)].Name;
}
