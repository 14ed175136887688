using System.Collections;

namespace Cleave.Topology;

/// <summary>
/// The keys of one kind of mapping, each with what may stand at it, what it means, and what takes its value into a draft. A new key is an entry
/// here: the reference page and the schema for editors are made of the same table.
/// </summary>
/// <param name="what">What the mapping is, for messages: "a node".</param>
/// <param name="extensible">Keys that start with <c>x-</c> are the author's own and allowed.</param>
/// <param name="elsewhere">Keys of other tools, and what they are here: a key of this table, or a sentence.</param>
internal sealed class Keys<TDraft>(string what, bool extensible, IReadOnlyDictionary<string, string>? elsewhere = null)
    : KeyTable(what, extensible), IEnumerable
{
    private readonly Dictionary<string, Action<Reading, MapEntry, TDraft>> _keys = [];

    public void Add(string key, Shape value, string about, Action<Reading, MapEntry, TDraft> take) => Add(key, value, about, take, required: false);

    public void Add(string key, Shape value, string about, Action<Reading, MapEntry, TDraft> take, bool required)
    {
        _keys.Add(key, take);
        Describe(new(key, value, about, required));
    }

    /// <summary>Reads the mapping into the draft.</summary>
    /// <param name="reading">The file.</param>
    /// <param name="node">What should be the mapping.</param>
    /// <param name="owner">Where a missing key is reported.</param>
    /// <param name="draft">What the values are taken into.</param>
    /// <returns>The keys that are there, well or badly written; null if it is no mapping.</returns>
    public IReadOnlySet<string>? Read(Reading reading, YamlNode node, Location owner, TDraft draft)
    {
        if (node is not MapNode map)
        {
            reading.Wrong(node, $"a mapping with {Quote.Choices(_keys.Keys, "and")}");
            return null;
        }

        var present = new HashSet<string>();
        foreach (var entry in map.Entries)
        {
            var name = entry.Key.Value;
            if (_keys.TryGetValue(name, out var take))
            {
                present.Add(name);
                take(reading, entry, draft);
            }
            else if (!IsExtensible || !name.StartsWith("x-", StringComparison.Ordinal))
            {
                if (AddUnknown(reading, entry.Key) is { } meant)
                    present.Add(meant);
            }
        }

        foreach (var key in Descriptions)
            if (key.IsRequired && !present.Contains(key.Name))
                reading.Mistakes.Add(owner, $"{What} has no '{key.Name}': expected it here{Only(key)}");
        return present;
    }

    /// <returns>The key that was probably meant.</returns>
    private string? AddUnknown(Reading reading, TextNode key)
    {
        var unknown = $"{Quote.Text(key.Value)} is no key of {What}: ";
        if (elsewhere?.GetValueOrDefault(key.Value) is not { } meant)
            return reading.Mistakes.AddUnknown(key.At, $"{unknown}expected {Quote.Choices(_keys.Keys)}", key.Value, _keys.Keys);
        if (_keys.ContainsKey(meant))
        {
            reading.Mistakes.Add(key.At, $"{unknown}expected {Quote.Choices(_keys.Keys)}", meant);
            return meant;
        }

        reading.Mistakes.Add(key.At, unknown + meant);
        return null;
    }

    /// <summary>A key with one possible value is best said with it.</summary>
    private static string Only(KeyDescription key) =>
        key.Value is Shape.Number { Least: var least, Most: var most } && least == most ? $", as '{key.Name}: {least}'" : "";

    IEnumerator IEnumerable.GetEnumerator() => _keys.Keys.GetEnumerator();
}
