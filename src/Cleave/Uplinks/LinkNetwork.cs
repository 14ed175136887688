using System.Net;
using System.Net.Sockets;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Uplinks;

/// <summary>The network of the link between the fabric and what takes its packets: nobody but these two sees it, so that it only must be none of the lab's.</summary>
internal static class LinkNetwork
{
    // Of the link-local block (RFC 3927), which is nobody's network; 169.254.169.254, by which clouds tell of themselves, is not among them.
    private const int First = 23;
    private const int Last = 168;

    /// <summary>A network that no network of the lab, and no route of it, overlaps.</summary>
    public static IPNetwork For(LabTopology topology, AddressFamily family)
    {
        IPNetwork[] taken = [.. topology.Networks.SelectMany(n => n.Subnets), .. topology.Nodes.SelectMany(n => n.Routes).Select(r => r.Destination).Where(d => d.PrefixLength > 0)];
        for (int number = First; number <= Last; number++)
        {
            IPNetwork candidate = family == AddressFamily.InterNetworkV6
                ? new IPNetwork(IPAddress.Parse($"fdc1:ea7e:{number:x}::"), 64)
                : new IPNetwork(new IPAddress([169, 254, (byte)number, 0]), 24);
            if (!taken.Any(t => t.Contains(candidate.BaseAddress) || candidate.Contains(t.BaseAddress)))
            {
                return candidate;
            }
        }

        throw new InputException("the lab's networks and routes leave no room in 169.254.0.0/16 or fdc1:ea7e::/32 for the link to the host");
    }

    /// <summary>The address with a number below 256 in a network.</summary>
    public static IPAddress Host(IPNetwork network, byte number)
    {
        byte[] bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1] = number;
        return new IPAddress(bytes);
    }

    /// <summary>The network that an address is in.</summary>
    public static IPNetwork Of(UplinkAddress address)
    {
        byte[] bytes = address.At.GetAddressBytes();
        bytes[^1] = 0; // its networks end at a byte
        return new IPNetwork(new IPAddress(bytes), address.PrefixLength);
    }
}
