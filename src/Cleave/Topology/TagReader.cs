using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>A tag as it stands in the file.</summary>
internal readonly record struct TagDraft(string Name, Location At);

/// <summary>Reads <c>tags:</c>.</summary>
internal static class TagReader
{
    public static ImmutableArray<TagDraft> Read(Reading reading, YamlNode value)
    {
        const string Expected = "a list of tags, such as [db, storage]";
        var tags = ImmutableArray.CreateBuilder<TagDraft>();
        foreach (var item in reading.Items(value, Expected))
        {
            if (reading.Text(item, "a tag") is not { } tag)
                continue;
            if (tags.Any(t => t.Name == tag))
                reading.Mistakes.Add(item.At, $"{Quote.Text(tag)} stands here twice: expected each tag once");
            else if (NodeReader.IsReserved(tag))
                reading.Mistakes.Add(item.At, $"{Quote.Text(tag)} is a reserved name: expected another tag");
            else if (!DnsLabel.IsValid(tag))
                reading.Mistakes.Add(item.At, $"{Quote.Text(tag)} is no tag: expected {DnsLabel.Expected}", DnsLabel.Mend(tag));
            else
                tags.Add(new(tag, item.At));
        }

        return tags.ToImmutable();
    }

    /// <summary>Where nodes and tags are named, a word must mean one of the two.</summary>
    public static void CheckAgainstNames(Reading reading, IReadOnlyList<NodeDraft> nodes)
    {
        var names = nodes.Select(n => n.Name).ToHashSet();
        foreach (var tag in nodes.SelectMany(n => n.Tags).Where(t => names.Contains(t.Name)))
            reading.Mistakes.Add(tag.At, $"{Quote.Text(tag.Name)} is also the name of a node: expected a tag that no node is called");
    }
}
