namespace Cleave.Faults;

/// <summary>
/// A set of ordered pairs (sender, receiver) of nodes, one bit each, per network. Nodes and networks are numbered in the file's order.
/// A node is never in a pair with itself.
/// </summary>
public sealed class PairSet
{
    private readonly ulong[] _bits;
    private readonly int _words; // a row's length

    /// <summary>An empty set.</summary>
    /// <param name="networks">How many networks there are.</param>
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
        (Networks, Nodes, _words) = (other.Networks, other.Nodes, other._words);
        _bits = [.. other._bits];
    }

    /// <summary>How many networks the lab has.</summary>
    public int Networks { get; }

    /// <summary>How many nodes the lab has.</summary>
    public int Nodes { get; }

    /// <summary>True if no pair is in the set.</summary>
    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept(0UL);

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
}
