using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>Nodes as verbs and steps name them: by name, by a tag, or <c>all</c>.</summary>
public static class NodeTargets
{
    /// <summary>The word that means every node.</summary>
    public const string All = "all";

    /// <summary>The nodes' numbers in the file's order, each once.</summary>
    /// <exception cref="InputException">A word is neither a node nor a tag of the lab.</exception>
    public static ImmutableArray<int> Of(LabTopology topology, IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(words);
        var chosen = new SortedSet<int>();
        foreach (var word in words)
        {
            var known = false;
            foreach (var (number, node) in topology.Nodes.Index())
            {
                if (word != All && word != node.Name && !node.Tags.Contains(word))
                    continue;
                chosen.Add(number);
                known = true;
            }

            if (!known)
                throw Unknown(topology, word);
        }

        return [.. chosen];
    }

    /// <summary>The nodes' numbers that <c>--only</c> and <c>--exclude</c> leave, in the file's order.</summary>
    /// <param name="topology">The lab.</param>
    /// <param name="only">None: all.</param>
    /// <param name="exclude">Not these.</param>
    /// <exception cref="InputException">A word is neither a node nor a tag of the lab.</exception>
    public static ImmutableArray<int> Chosen(LabTopology topology, IReadOnlyCollection<string> only, IReadOnlyCollection<string> exclude)
    {
        ArgumentNullException.ThrowIfNull(only);
        return [.. Of(topology, only.Count == 0 ? [All] : only).Except(Of(topology, exclude))];
    }

    /// <summary>The number of the node of that name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static int Index(string name, LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        for (var number = 0; number < topology.Nodes.Length; number++)
            if (topology.Nodes[number].Name == name)
                return number;
        string[] names = [.. topology.Nodes.Select(n => n.Name)];
        var meant = Nearest.Of(name, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";
        throw new InputException($"there is no node '{name}' in this lab; it has {string.Join(", ", names)}{meant}");
    }

    /// <summary>Every tag of the lab, in the file's order.</summary>
    public static ImmutableArray<string> Tags(LabTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return [.. topology.Nodes.SelectMany(n => n.Tags).Distinct()];
    }

    private static InputException Unknown(LabTopology topology, string word)
    {
        string[] names = [.. topology.Nodes.Select(n => n.Name)];
        var tags = Tags(topology);
        var meant = Nearest.Of(word, [.. names, .. tags, All]) is { } nearest ? $"; did you mean '{nearest}'?" : "";
        var known = tags.IsEmpty ? "" : $", and the tags {Quote.Choices(tags, "and")}";
        return new($"there is no node and no tag '{word}' in this lab; it has {Quote.Choices(names, "and")}{known}{meant}");
    }
}
