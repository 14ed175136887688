namespace Cleave.Topology;

/// <summary>A value of the file. Anchors are followed and merges made, so what an anchor names may be reached by several ways.</summary>
/// <param name="At">Where it begins; an empty value of a mapping: where its key begins.</param>
internal abstract record YamlNode(Location At)
{
    /// <summary>How many values it holds with its anchors written out, itself counted.</summary>
    public int Size { get; init; } = 1;

    /// <summary>How many levels of lists and mappings it has.</summary>
    public int Depth { get; init; }
}

/// <summary>A scalar. Cleave has no other scalar type than text: what reads it decides whether it is a number.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Value">With escapes replaced.</param>
/// <param name="IsPlain">Without quotes, not a block.</param>
internal sealed record TextNode(Location At, string Value, bool IsPlain) : YamlNode(At)
{
    /// <summary>Nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsEmpty => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A list.</summary>
internal sealed record ListNode(Location At, IReadOnlyList<YamlNode> Items) : YamlNode(At);

/// <summary>A mapping with distinct keys, in the file's order.</summary>
internal sealed record MapNode(Location At, IReadOnlyList<MapEntry> Entries) : YamlNode(At);

/// <summary>A value about which a mistake has been reported; readers pass over it in silence.</summary>
internal sealed record BrokenNode(Location At) : YamlNode(At);

/// <summary>One key of a mapping and its value.</summary>
internal readonly record struct MapEntry(TextNode Key, YamlNode Value);
