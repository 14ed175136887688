using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>A node's name, or <c>${save.NAME}</c>, as it stands in a step.</summary>
/// <param name="Text">The name.</param>
/// <param name="At">Where it stands.</param>
/// <param name="IsOfGroup">It stands there as a tag, or as <c>all</c>, of which not everybody need fit.</param>
internal readonly record struct NodeName(string Text, Location At, bool IsOfGroup = false)
{
    /// <summary>Only the run will tell which node it is.</summary>
    public bool IsSaved => Text.StartsWith('$');
}

/// <summary>Names of a step, in the file's order; <paramref name="Complete"/> is false if some could not be read.</summary>
internal sealed record NodeNameList(ImmutableArray<NodeName> Names, bool Complete)
{
    public ImmutableArray<string> Texts => [.. Names.Select(n => n.Text)];
}

/// <summary>Reads the names of nodes in the steps of one scenario.</summary>
/// <param name="reading">The file.</param>
/// <param name="nodes">The nodes by name; null if they could not be read, and any name is as good as another.</param>
/// <param name="saved">What the scenario saves.</param>
internal sealed class NodeNames(Reading reading, IReadOnlyDictionary<string, NodeDraft>? nodes, IReadOnlyCollection<string> saved)
{
    private const string OneOrMore = "a node's name, a tag or 'all', or a list of them";

    /// <summary>All nodes; null if they could not be read.</summary>
    public IReadOnlyDictionary<string, NodeDraft>? All => nodes;

    /// <summary>One name; null if it is none, which is reported.</summary>
    /// <param name="node">What should be the name.</param>
    /// <param name="other">A word that is allowed besides.</param>
    public string? One(YamlNode node, string? other = null) => One(node, other is null ? [] : [other]);

    private string? One(YamlNode node, ReadOnlySpan<string> others)
    {
        var expected = Quote.Choices(["a node's name", .. others]);
        if (reading.Text(node, expected) is not { } text)
            return null;

        if (text.Contains("${", StringComparison.Ordinal))
            return CheckSaved(node, text, expected);
        if (nodes is null || others.Contains(text) || nodes.ContainsKey(text))
            return text;

        string[] valid = [.. nodes.Keys, .. others];
        var names = nodes.Count == 0 ? "" : $" ({Quote.Choices([.. nodes.Keys])})";
        reading.Mistakes.AddUnknown(node.At, $"{Quote.Text(text)} is no node: expected {expected}{names}", text, valid);
        return null;
    }

    /// <summary>One name or a list of names, none twice, tags and <c>all</c> as the nodes they stand for; null if it is neither.</summary>
    /// <param name="node">What should be the names.</param>
    /// <param name="expected">What that is, for messages.</param>
    /// <param name="others">Words that are allowed besides.</param>
    public NodeNameList? Several(YamlNode node, string expected = OneOrMore, ReadOnlySpan<string> others = default)
    {
        if (Group(node) is { } all)
            return new(all, Complete: true);
        if (node is TextNode { IsEmpty: false })
            return One(node, others) is { } single ? new([new(single, node.At)], Complete: true) : null;

        if (reading.Items(node, expected) is not { Count: > 0 } items)
            return null;

        var names = ImmutableArray.CreateBuilder<NodeName>();
        var seen = new Dictionary<string, Location>();
        var complete = true;
        foreach (var item in items)
        {
            if (Group(item) is { } group)
            {
                // Somebody may be named twice by two tags.
                names.AddRange(group.Where(n => seen.TryAdd(n.Text, n.At)));
            }
            else if (One(item, others) is not { } name)
            {
                complete = false;
            }
            else if (seen.TryAdd(name, item.At))
            {
                names.Add(new(name, item.At));
            }
            else
            {
                AddTwice(name, item.At, seen[name]);
            }
        }

        return new(names.ToImmutable(), complete);
    }

    /// <summary>The nodes that <c>all</c> or a tag stands for; null for any other word.</summary>
    private ImmutableArray<NodeName>? Group(YamlNode node)
    {
        if (nodes is null || node is not TextNode { Value: var word } || nodes.ContainsKey(word))
            return null;
        ImmutableArray<NodeName> group = [.. nodes.Values.Where(n => word == NodeTargets.All || n.Tags.Any(t => t.Name == word)).Select(n => new NodeName(n.Name, node.At, IsOfGroup: true))];
        return group.IsEmpty ? null : group;
    }

    public void AddTwice(string name, Location at, Location first) =>
        reading.Mistakes.Add(at, $"{Quote.Text(name)} stands here twice: expected it once; the first is at {first}");

    private string? CheckSaved(YamlNode node, string text, string expected)
    {
        if (SavedValues.Name(text) is not { } name)
        {
            var bare = text.Trim('$', '{', '}');
            reading.Mistakes.AddUnknown(node.At,
                $"{Quote.Text(text)} cannot stand for a node: expected {expected}, or {SavedValues.Saved(saved)}",
                bare[(bare.LastIndexOf('.') + 1)..], saved, "${{save.{0}}}");
            return null;
        }

        if (saved.Contains(name))
            return text;
        SavedValues.AddUnknown(reading, node.At, text, name, saved);
        return null;
    }
}
