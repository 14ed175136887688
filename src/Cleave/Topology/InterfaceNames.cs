using System.Collections.Immutable;
using System.Net;

namespace Cleave.Topology;

/// <summary>A node's place on a network as far as it could be read.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Addresses">In the file's order.</param>
internal sealed record AttachmentDraft(string Network, ImmutableArray<IPAddress> Addresses)
{
    /// <summary>The name the file gives the link, or null.</summary>
    public string? Interface { get; init; }

    public Location InterfaceAt { get; init; }

    /// <summary>False at the end of a link to another node.</summary>
    public bool HasFabric { get; init; } = true;
}

/// <summary>Names of links inside nodes.</summary>
internal static class InterfaceNames
{
    public const string About = "The name of its link inside the node: `eth0`, `eth1`… by default, in the order of its networks.";

    private const int Longest = 15; // IFNAMSIZ of linux/if.h with its NUL
    private const string Expected = "a name for a link: 1 to 15 letters, digits, '.', '_' and '-', the first a letter or digit";

    // What the kernel and sysctl(8) have names of their own for.
    private static readonly string[] Reserved = ["lo", "all", "default"];

    public static Shape Shape { get; } = new Shape.Text(Expected, "wan0", "^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$");

    public static string? Read(Reading reading, YamlNode node)
    {
        if (reading.Text(node, Expected) is not { } name)
            return null;
        if (name.Length <= Longest && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            if (!Reserved.Contains(name))
                return name;
            reading.Mistakes.Add(node.At, $"{Quote.Text(name)} is a reserved name: expected a link's name other than {Quote.Choices(Reserved)}");
        }
        else
        {
            reading.Wrong(node, Expected);
        }

        return null;
    }

    /// <summary>The finished attachments; a name that two links of the node would have is reported.</summary>
    public static ImmutableArray<Attachment> Assign(Reading reading, ImmutableArray<AttachmentDraft> drafts)
    {
        string[] names = [.. drafts.Select((d, i) => d.Interface ?? $"eth{i}")];
        foreach (var (i, draft) in drafts.Index())
        {
            // Of two the one that was named is wrong, or else the later.
            var other = Array.FindIndex(names, n => n == names[i]);
            if (other == i)
                other = Array.FindLastIndex(names, n => n == names[i]);
            if (draft.Interface is not null && other != i && (drafts[other].Interface is null || other < i))
                reading.Mistakes.Add(draft.InterfaceAt,
                    $"{Quote.Text(names[i])} is the name of the node's link to {drafts[other].Network} already: expected a name of its own");
        }

        return [.. drafts.Select((d, i) => new Attachment(d.Network, d.Addresses) { Interface = names[i], HasFabric = d.HasFabric })];
    }
}
