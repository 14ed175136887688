using System.Collections.Immutable;
using Cleave.Netlink;

namespace Cleave.Planning;

/// <summary>
/// One of the bridges of a network. Most networks have one. With more nodes they stand in a row, each joined to the next by a trunk: a bridge hands a
/// broadcast to all its ports at once, and of what waits for a processor the kernel throws away all beyond net.core.netdev_max_backlog packets, 1000
/// where nobody has changed it. In a row a broadcast goes on from bridge to bridge, and each pair of bridges is done with it before the next has it;
/// in a star it would come to all of them together, and most nodes would not get it.
/// </summary>
/// <param name="Bridge">The bridge; the first of the row is the network's own, with the fabric's addresses.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Up">The trunk to the bridge before it; null for the first.</param>
internal sealed record Switch(Interface Bridge, MacAddress Mac, Trunk? Up)
{
    // So that two bridges, which a broadcast from between them reaches at the same time, hand it to half as many ports as one that stands alone may.
    private const int ShareOfARow = 4;

    private const int LinksOfASwitch = 3;

    /// <summary>The bridges of a network.</summary>
    /// <param name="network">The network's number.</param>
    /// <param name="nodes">How many nodes are on it.</param>
    /// <param name="most">How many nodes one bridge takes if it stands alone.</param>
    /// <param name="freeIndex">The first interface index that is free; the next one is put in its place.</param>
    public static ImmutableArray<Switch> Of(int network, int nodes, int most, ref int freeIndex)
    {
        int share = Math.Max(1, most / ShareOfARow);
        int count = nodes <= most ? 1 : (nodes + share - 1) / share;
        int first = freeIndex;
        freeIndex += LinksOfASwitch * (count - 1);
        return [new Switch(Wiring.Bridge(network), Wiring.BridgeMac(network), null), .. Enumerable.Range(1, count - 1).Select(n => At(network, n, first + (LinksOfASwitch * (n - 1))))];
    }

    /// <summary>To how many ports a broadcast is handed at once: those of the one bridge, or of the two that it reaches at the same time.</summary>
    /// <param name="nodes">How many nodes are on the network.</param>
    /// <param name="most">How many nodes one bridge takes if it stands alone.</param>
    public static int PortsAtOnce(int nodes, int most) => nodes <= most ? nodes - 1 : 2 * (Math.Max(1, most / ShareOfARow) + 1);

    /// <summary>The number of the bridge that has a node's cable: all have the same number of nodes, or one more, in the file's order.</summary>
    /// <param name="switches">How many bridges the network has.</param>
    /// <param name="place">The node's place among the network's nodes, from 0.</param>
    /// <param name="nodes">How many nodes are on it.</param>
    public static int NumberOf(int switches, int place, int nodes) => (int)((long)place * switches / nodes);

    private static Switch At(int network, int number, int index)
    {
        string name = $"{network + 1}.{number + 1}";
        return new Switch(
            new Interface($"br{name}", index),
            Wiring.RowMac(network, number, 0),
            new Trunk(
                new Interface($"{Trunk.Prefix}d{name}", index + 1),
                Wiring.RowMac(network, number, 1),
                new Interface($"{Trunk.Prefix}u{name}", index + 2),
                Wiring.RowMac(network, number, 2)));
    }
}

/// <summary>A cable between two bridges of a row. What the lower one does not know goes up, and the first, which knows every node, sends it nowhere.</summary>
/// <param name="Down">The end that is a port of the upper bridge and leads down.</param>
/// <param name="DownMac">Its MAC address.</param>
/// <param name="Up">The end that is a port of the lower bridge and leads up.</param>
/// <param name="UpMac">Its MAC address.</param>
internal sealed record Trunk(Interface Down, MacAddress DownMac, Interface Up, MacAddress UpMac)
{
    /// <summary>What the names of both ends of every trunk begin with, and no other link's does.</summary>
    public const string Prefix = "t";
}
