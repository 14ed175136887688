namespace Cleave.Faults;

/// <summary>A set of nodes by their numbers, one bit each.</summary>
internal sealed class NodeSet(int nodes)
{
    private readonly ulong[] _words = new ulong[(nodes + 63) / 64];

    public ReadOnlySpan<ulong> Words => _words;

    public static NodeSet Of(int nodes, IEnumerable<int> members)
    {
        var set = new NodeSet(nodes);
        foreach (int member in members)
        {
            set.Add(member);
        }

        return set;
    }

    public bool IsEmpty => !Words.ContainsAnyExcept(0UL);

    public bool Contains(int node) => (_words[node / 64] >> (node % 64) & 1) != 0;

    public void Add(int node) => _words[node / 64] |= 1UL << (node % 64);

    public void Add(NodeSet others)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] |= others._words[i];
        }
    }

    /// <summary>Those of this set and of the other.</summary>
    public NodeSet Or(NodeSet other)
    {
        var either = new NodeSet(nodes);
        either.Add(this);
        either.Add(other);
        return either;
    }

    /// <summary>Those of this set that the other has, too.</summary>
    public NodeSet And(NodeSet other)
    {
        var both = new NodeSet(nodes);
        for (int i = 0; i < _words.Length; i++)
        {
            both._words[i] = _words[i] & other._words[i];
        }

        return both;
    }

    /// <summary>Those of this set that the other has not.</summary>
    public NodeSet Except(NodeSet other)
    {
        var rest = new NodeSet(nodes);
        for (int i = 0; i < _words.Length; i++)
        {
            rest._words[i] = _words[i] & ~other._words[i];
        }

        return rest;
    }
}
