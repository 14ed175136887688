using System.Collections.Immutable;

namespace Cleave.Faults;

/// <summary>
/// The shapes that are made of nodes in an order: which of them keep each other. Pure functions from a list of nodes. Every list that is given
/// back has the nodes that one keeps, in no order; itself may be among them.
/// </summary>
/// <remarks>
/// Halves, minority third, bridge and ring are those of Jepsen's nemesis (bisect, minority-third, bridge, majorities-ring), except that the ring
/// is two-way for every size: there nodes of an even-sized cluster would hear a majority that cannot hear them.
/// </remarks>
internal static class Shapes
{
    /// <summary>The nodes in the order that a shape takes.</summary>
    public static ImmutableArray<int> InOrder(ImmutableArray<int> nodes, ShapeOrder order)
    {
        if (!order.IsRandom)
        {
            return nodes;
        }

        int seed = order.Seed ?? throw new InvalidOperationException("a seed is drawn before a shape is made");
        int[] shuffled = [.. nodes];
        var random = new SplitMix((ulong)(uint)seed);
        for (int i = shuffled.Length - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return [.. shuffled];
    }

    /// <summary>The two sides of a cut in the middle; the first is the smaller.</summary>
    public static ImmutableArray<ImmutableArray<int>> Halves(ImmutableArray<int> nodes) => nodes.Length < 2
        ? throw TooFew("halves", nodes, 2)
        : [nodes[..(nodes.Length / 2)], nodes[(nodes.Length / 2)..]];

    /// <summary>The first nodes, fewer than a third, and the rest.</summary>
    public static ImmutableArray<ImmutableArray<int>> MinorityThird(ImmutableArray<int> nodes)
    {
        int minority = (nodes.Length - 1) / 3;
        return minority < 1 ? throw TooFew("minority-third", nodes, 4) : [nodes[..minority], nodes[minority..]];
    }

    /// <summary>Two clusters that have one node in common.</summary>
    public static ImmutableArray<ImmutableArray<int>> Bridge(ImmutableArray<int> nodes, int? via)
    {
        if (nodes.Length < 3)
        {
            throw TooFew("bridge", nodes, 3);
        }

        int middle = via ?? nodes[nodes.Length / 2];
        ImmutableArray<ImmutableArray<int>> halves = Halves(nodes.Remove(middle));
        return [halves[0].Add(middle), halves[1].Add(middle)];
    }

    /// <summary>Whom each node keeps, by its place: as many neighbours on both sides as make a majority.</summary>
    public static ImmutableArray<ImmutableArray<int>> Ring(ImmutableArray<int> nodes)
    {
        int majority = (nodes.Length / 2) + 1;
        int aside = majority / 2; // so many on either side, rounded up: with itself at least a majority
        return nodes.Length < 4
            ? throw TooFew("ring", nodes, 4)
            :
            [
                .. Enumerable.Range(0, nodes.Length).Select(place => (ImmutableArray<int>)
                    [.. Enumerable.Range(-aside, (2 * aside) + 1).Select(step => nodes[(place + step + nodes.Length) % nodes.Length])]),
            ];
    }

    private static InputException TooFew(string shape, ImmutableArray<int> nodes, int least) =>
        new($"{shape} of {nodes.Length} node{(nodes.Length == 1 ? "" : "s")} would cut nothing: it takes {least} at least");

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers from a seed for ever, which System.Random does not promise.</summary>
    private struct SplitMix(ulong state)
    {
        private ulong _state = state;

        public int Below(int limit)
        {
            _state += 0x9e3779b97f4a7c15;
            ulong mixed = _state;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
            mixed ^= mixed >> 31;
            return (int)Math.BigMul(mixed, (ulong)limit, out _);
        }
    }
}
