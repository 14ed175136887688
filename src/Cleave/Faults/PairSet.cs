using System.Numerics;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>
/// A set of ordered pairs (sender, receiver) of nodes, one bit each, per network; where a lab has routers, there is one place more, behind the
/// networks, for what is said through them. Nodes and networks are numbered in the file's order. A node is never in a pair with itself.
/// </summary>
public sealed class PairSet
{
    private readonly ulong[] _bits;
    private readonly int _words; // a row's length

    /// <summary>An empty set.</summary>
    /// <param name="networks">How many networks there are, one more where there are routers.</param>
    /// <param name="nodes">How many nodes there are.</param>
    public PairSet(int networks, int nodes)
    {
        Networks = networks;
        Nodes = nodes;
        _words = (nodes + 63) / 64;
        _bits = new ulong[networks * nodes * _words];
    }

    private PairSet(PairSet other)
    {
        (Networks, Nodes, HasRouted, _words) = (other.Networks, other.Nodes, other.HasRouted, other._words);
        _bits = [.. other._bits];
    }

    /// <summary>How many networks the lab has, one more where there are routers.</summary>
    public int Networks { get; }

    /// <summary>How many nodes the lab has.</summary>
    public int Nodes { get; }

    /// <summary>Whether its last place is for what is said through routers.</summary>
    internal bool HasRouted { get; private init; }

    /// <summary>True if no pair is in the set.</summary>
    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>How many pairs are in the set; one that is cut on two networks counts twice.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _bits)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>An empty set with places for all that a lab has.</summary>
    public static PairSet For(LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        bool hasRouted = topology.Nodes.Any(n => n.IsRouter);
        return new(topology.Networks.Length + (hasRouted ? 1 : 0), topology.Nodes.Length) { HasRouted = hasRouted };
    }

    /// <summary>Whether packets from one node to the other are lost on that network.</summary>
    public bool Contains(int network, int from, int to) => (Row(network, from)[to / 64] >> (to % 64) & 1) != 0;

    internal void Add(int network, int from, int to)
    {
        if (from != to)
        {
            Row(network, from)[to / 64] |= 1UL << (to % 64);
        }
    }

    internal void Remove(int network, int from, int to) => Row(network, from)[to / 64] &= ~(1UL << (to % 64));

    /// <summary>The receivers of a sender, a bit each.</summary>
    internal Span<ulong> Row(int network, int from) => _bits.AsSpan(((network * Nodes) + from) * _words, _words);

    /// <summary>Adds the receivers of a sender, itself apart.</summary>
    internal void AddRow(int network, int from, NodeSet receivers)
    {
        Span<ulong> row = Row(network, from);
        ReadOnlySpan<ulong> more = receivers.Words;
        for (int i = 0; i < row.Length; i++)
        {
            row[i] |= more[i];
        }

        Remove(network, from, from);
    }

    /// <summary>This set and the other.</summary>
    internal PairSet Union(PairSet other)
    {
        var result = new PairSet(this);
        for (int i = 0; i < _bits.Length; i++)
        {
            result._bits[i] |= other._bits[i];
        }

        return result;
    }

    /// <summary>This set without the pairs of the other.</summary>
    internal PairSet Except(PairSet other)
    {
        var result = new PairSet(this);
        for (int i = 0; i < _bits.Length; i++)
        {
            result._bits[i] &= ~other._bits[i];
        }

        return result;
    }

    /// <summary>One network's pairs the other way round: rows are receivers, bits are senders.</summary>
    internal PairSet Transposed(int network)
    {
        var result = new PairSet(1, Nodes);
        Span<ulong> block = stackalloc ulong[64];
        for (int rowBlock = 0; rowBlock < _words; rowBlock++)
        {
            int rows = Math.Min(64, Nodes - (rowBlock * 64));
            for (int column = 0; column < _words; column++)
            {
                block.Clear();
                for (int row = 0; row < rows; row++)
                {
                    block[row] = Row(network, (rowBlock * 64) + row)[column];
                }

                Transpose(block);
                int columns = Math.Min(64, Nodes - (column * 64));
                for (int row = 0; row < columns; row++)
                {
                    result.Row(0, (column * 64) + row)[rowBlock] = block[row];
                }
            }
        }

        return result;
    }

    /// <summary>64 times 64 bits, by swapping ever smaller squares (Warren, Hacker's Delight, 7-3).</summary>
    private static void Transpose(Span<ulong> rows)
    {
        ulong mask = 0x00000000_ffffffffUL;
        for (int width = 32; width != 0; width >>= 1, mask ^= mask << width)
        {
            for (int k = 0; k < 64; k = (k + width + 1) & ~width)
            {
                ulong swapped = ((rows[k] >> width) ^ rows[k + width]) & mask;
                rows[k] ^= swapped << width;
                rows[k + width] ^= swapped;
            }
        }
    }
}
