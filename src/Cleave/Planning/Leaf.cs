using System.Collections.Immutable;
using Cleave.Netlink;

namespace Cleave.Planning;

/// <summary>
/// One of several bridges that share the nodes of a network with more nodes than a bridge has ports. The network's own bridge is then the core: it has
/// the fabric's addresses, and its ports are trunks, one to each leaf.
/// </summary>
/// <param name="Bridge">The leaf.</param>
/// <param name="BridgeMac">Its MAC address.</param>
/// <param name="LeafEnd">The trunk's end that is a port of the leaf.</param>
/// <param name="LeafEndMac">Its MAC address.</param>
/// <param name="CoreEnd">The trunk's end that is a port of the core.</param>
/// <param name="CoreEndMac">Its MAC address.</param>
internal sealed record Leaf(Interface Bridge, MacAddress BridgeMac, Interface LeafEnd, MacAddress LeafEndMac, Interface CoreEnd, MacAddress CoreEndMac)
{
    private const int LinksOfALeaf = 3;

    /// <summary>The leaves of a network; none if one bridge takes all its nodes.</summary>
    /// <param name="network">The network's number.</param>
    /// <param name="nodes">How many nodes are on it.</param>
    /// <param name="ports">How many ports a bridge takes; one port of each leaf is its trunk's.</param>
    /// <param name="freeIndex">The first interface index that is free; the next one is put in its place.</param>
    public static ImmutableArray<Leaf> Of(int network, int nodes, int ports, ref int freeIndex)
    {
        if (nodes <= ports)
        {
            return [];
        }

        int count = (nodes + ports - 2) / (ports - 1);
        if (count > ports)
        {
            throw new InvalidOperationException($"{nodes} nodes on a network, and {ports} bridges of {ports} ports take {ports * (ports - 1)}");
        }

        int first = freeIndex;
        freeIndex += LinksOfALeaf * count;
        return [.. Enumerable.Range(0, count).Select(n => At(network, n, first + (LinksOfALeaf * n)))];
    }

    /// <summary>The leaf of a node: all get the same number of nodes, or one more, in the file's order.</summary>
    /// <param name="leaves">The network's.</param>
    /// <param name="place">The node's place among the network's nodes, from 0.</param>
    /// <param name="nodes">How many nodes are on it.</param>
    public static Leaf? At(ImmutableArray<Leaf> leaves, int place, int nodes) =>
        leaves.IsEmpty ? null : leaves[(int)((long)place * leaves.Length / nodes)];

    private static Leaf At(int network, int number, int index)
    {
        string name = $"{network + 1}.{number + 1}";
        return new Leaf(
            new Interface($"br{name}", index),
            Wiring.LeafMac(network, number, 0),
            new Interface($"t{name}", index + 1),
            Wiring.LeafMac(network, number, 1),
            new Interface($"tc{name}", index + 2),
            Wiring.LeafMac(network, number, 2));
    }
}
