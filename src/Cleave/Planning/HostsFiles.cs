using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>The /etc/hosts of the nodes: every node's name, its own too.</summary>
/// <param name="topology">The lab.</param>
/// <param name="isLeftOut">Names that are not in the file, so that the name server is asked for them; null: all are in it.</param>
internal sealed class HostsFiles(LabTopology topology, Func<string, bool>? isLeftOut = null)
{
    // Nodes on the same networks read the same text; written anew for each it would grow with the square of the nodes.
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public string For(Node reader)
    {
        string[] networks = [.. reader.Attachments.Select(a => a.Network)];
        bool hasIPv6 = reader.Attachments.Any(a => a.AddressOf(AddressFamily.InterNetworkV6) is not null);
        string key = string.Join(' ', networks.Order(StringComparer.Ordinal)) + (hasIPv6 ? " with IPv6" : "");
        if (!_texts.TryGetValue(key, out string? text))
        {
            _texts.Add(key, text = Write([.. networks], hasIPv6));
        }

        return text;
    }

    /// <summary>All that a node is called, its own name first.</summary>
    public static IEnumerable<string> Names(Node node) =>
        [node.Name, $"{node.Name}.lab", .. node.Hostname is { } hostname && hostname != node.Name ? [hostname] : (string[])[], .. node.Aliases];

    private string Write(HashSet<string> networks, bool hasIPv6)
    {
        var text = new StringBuilder("127.0.0.1 localhost\n");
        if (hasIPv6)
        {
            text.Append("::1 localhost ip6-localhost ip6-loopback\n");
        }

        foreach (Node node in topology.Nodes)
        {
            string names = string.Join(' ', isLeftOut is null ? Names(node) : Names(node).Where(n => !isLeftOut(n)));
            if (names.Length == 0)
            {
                continue;
            }

            // Where both are on a network, its address there: the others lie behind a router, if at all.
            Attachment[] near = [.. node.Attachments.Where(a => networks.Contains(a.Network) && !a.Addresses.IsEmpty)];
            foreach (Attachment attachment in near.Length > 0 ? near : [.. node.Attachments])
            {
                foreach (IPAddress address in attachment.Addresses)
                {
                    text.Append($"{address} {names}\n");
                }
            }
        }

        return text.ToString();
    }
}
