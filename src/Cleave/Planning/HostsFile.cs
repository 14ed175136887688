using System.Text;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>The /etc/hosts of a node: every node's name, its own too.</summary>
internal static class HostsFile
{
    public static string For(Node reader, LabTopology topology)
    {
        var text = new StringBuilder("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
        var shared = reader.Attachments.Select(a => a.Network).ToHashSet(StringComparer.Ordinal);
        foreach (Node node in topology.Nodes)
        {
            // Where both are on a network, its address there: the others lie behind a router, if at all.
            Attachment[] near = [.. node.Attachments.Where(a => shared.Contains(a.Network))];
            foreach (Attachment attachment in near.Length > 0 ? near : [.. node.Attachments])
            {
                text.Append($"{attachment.Address} {node.Name} {node.Name}.lab\n");
            }
        }

        return text.ToString();
    }
}
