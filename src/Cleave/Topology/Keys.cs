using System.Collections;

namespace Cleave.Topology;

/// <summary>
/// The keys of one kind of mapping, each with what may stand at it, what it means, and what takes its value into a draft. A new key is an entry
/// here: the reference page and the schema for editors are made of the same table.
/// </summary>
/// <param name="what">What the mapping is, for messages: "a node".</param>
/// <param name="extensible">Keys that start with <c>x-</c> are the author's own and allowed.</param>
internal sealed class Keys<TDraft>(string what, bool extensible) : KeyTable(what, extensible), IEnumerable
{
    private readonly Dictionary<string, (Action<Reading, MapEntry, TDraft> Take, bool Required)> _keys = [];

    public void Add(string key, Shape value, string about, Action<Reading, MapEntry, TDraft> take) => Add(key, value, about, take, required: false);

    public void Add(string key, Shape value, string about, Action<Reading, MapEntry, TDraft> take, bool required)
    {
        _keys.Add(key, (take, required));
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
            if (_keys.TryGetValue(name, out var key))
            {
                present.Add(name);
                key.Take(reading, entry, draft);
            }
            else if (!IsExtensible || !name.StartsWith("x-", StringComparison.Ordinal))
            {
                var meant = reading.Mistakes.AddUnknown(entry.Key.At,
                    $"{Quote.Text(name)} is no key of {What}: expected {Quote.Choices(_keys.Keys)}", name, _keys.Keys);
                if (meant is not null)
                    present.Add(meant);
            }
        }

        foreach (var (name, key) in _keys)
            if (key.Required && !present.Contains(name))
                reading.Mistakes.Add(owner, $"{What} has no '{name}': expected it here");
        return present;
    }

    IEnumerator IEnumerable.GetEnumerator() => _keys.Keys.GetEnumerator();
}
