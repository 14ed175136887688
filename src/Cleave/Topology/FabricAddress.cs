using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>Which addresses of a network the fabric has, one in each subnet: where probes come from.</summary>
public static class FabricAddress
{
    // Of IPv6 the end of a subnet is far away and partly reserved (RFC 2526); fd00:23::ffff can be read.
    private const int LastOfIPv6 = 0xffff;

    /// <summary>
    /// The highest host address of the subnet that no node has, of IPv6 the highest one up to the subnet's address + 0xffff; null if all are taken.
    /// </summary>
    /// <param name="subnet">An IPv4 or IPv6 subnet.</param>
    /// <param name="usedAddresses">The nodes' addresses; those of other subnets may be among them.</param>
    public static IPAddress? Of(IPNetwork subnet, IEnumerable<IPAddress> usedAddresses)
    {
        ArgumentNullException.ThrowIfNull(usedAddresses);
        return Of(subnet, usedAddresses.ToHashSet());
    }

    internal static IPAddress? Of(IPNetwork subnet, IReadOnlySet<IPAddress> used)
    {
        var range = AddressRange.Of(subnet);
        var end = range.Family == AddressFamily.InterNetwork ? range.Last : range.First + UInt128.Min(range.Last - range.First, LastOfIPv6) + 1;
        for (var number = end; number - range.First > 1;)
            if (range.Address(--number) is var address && !used.Contains(address))
                return address;
        return null;
    }
}
