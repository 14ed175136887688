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
        foreach (IPAddress server in node.Dns.IsEmpty ? [FabricFor(node)] : node.Dns)
        {
            text.Append($"nameserver {server}\n");
        }

        return text.ToString();
    }

    /// <summary>By IPv4 where the node has that.</summary>
    private IPAddress FabricFor(Node node)
    {
        Attachment first = node.Attachments.FirstOrDefault(a => a.AddressOf(AddressFamily.InterNetwork) is not null) ?? node.Attachments[0];
        AddressFamily family = first.AddressOf(AddressFamily.InterNetwork) is null ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        return wiring.FabricAddresses(wiring.Network(first.Network)).First(a => a.Address.AddressFamily == family).Address;
    }
}
