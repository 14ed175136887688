namespace Cleave.Topology;

/// <summary>The merge key: <c>&lt;&lt;: *base</c> takes over the keys of <c>base</c> that the mapping does not have itself.</summary>
internal static class YamlMerge
{
    /// <summary>The entries with those merged in where the merge key stands. Cycles cannot occur: an alias inside its own anchor is
    /// broken.</summary>
    public static IReadOnlyList<MapEntry> Resolve(IReadOnlyList<MapEntry> entries, Mistakes mistakes)
    {
        if (!entries.Any(IsMerge))
            return entries;

        var taken = entries.Select(e => e.Key.Value).ToHashSet();
        var merged = new List<MapEntry>();
        foreach (var entry in entries)
        {
            if (!IsMerge(entry))
                merged.Add(entry);
            else if (entry.Value is ListNode several)
                foreach (var item in several.Items)
                    TakeOver(item, taken, merged, mistakes);
            else
                TakeOver(entry.Value, taken, merged, mistakes);
        }

        return merged;
    }

    private static bool IsMerge(MapEntry entry) => entry.Key is { IsPlain: true, Value: "<<" };

    private static void TakeOver(YamlNode source, HashSet<string> taken, List<MapEntry> merged, Mistakes mistakes)
    {
        if (source is MapNode map)
            merged.AddRange(map.Entries.Where(e => taken.Add(e.Key.Value)));
        else if (source is not BrokenNode)
            mistakes.Add(source.At, $"{Quote.Node(source)} cannot be merged: expected a mapping such as *anchor, or a list of them");
    }
}
