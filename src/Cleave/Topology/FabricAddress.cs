using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>Which address of a network the fabric has: the nodes' gateway, and where probes come from.</summary>
public static class FabricAddress
{
    /// <summary>The highest host address of the subnet that no node has; null if all are taken.</summary>
    /// <param name="network">An IPv4 network.</param>
    /// <param name="usedAddresses">The nodes' addresses; those of other networks may be among them.</param>
    public static IPAddress? Of(Network network, IEnumerable<IPAddress> usedAddresses)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(usedAddresses);
        var used = usedAddresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(Ipv4.ToNumber).ToHashSet();
        return Of(network.Subnet, used) is { } address ? Ipv4.ToAddress(address) : null;
    }

    internal static uint? Of(IPNetwork subnet, IReadOnlySet<uint> used)
    {
        var (first, last) = Ipv4.Range(subnet);
        for (var address = last; address - first > 1;)
            if (!used.Contains(--address))
                return address;
        return null;
    }
}
