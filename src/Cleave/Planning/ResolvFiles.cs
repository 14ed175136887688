using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>The /etc/resolv.conf of the nodes: whom they ask for names that /etc/hosts does not have.</summary>
internal sealed class ResolvFiles(Wiring wiring)
{
    /// <summary>The file; the fabric answers on every network, and is asked on the node's first.</summary>
    public string For(Node node)
    {
        var text = new StringBuilder();
        foreach (IPAddress server in node.Dns.IsEmpty ? FabricFor(node) : node.Dns)
        {
            text.Append($"nameserver {server}\n");
        }

        return text.ToString();
    }

    /// <summary>By IPv4 where the node has that; nobody if the fabric has an address on none of its networks.</summary>
    private IEnumerable<IPAddress> FabricFor(Node node) =>
    [
        .. (from family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]
            from attachment in node.Attachments
            where attachment.AddressOf(family) is not null
            from fabric in wiring.FabricAddresses(wiring.Network(attachment.Network))
            where fabric.Address.AddressFamily == family
            select fabric.Address).Take(1),
    ];
}
