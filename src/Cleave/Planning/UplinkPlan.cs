using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What a way out adds to a lab's network; nothing to one that has none.</summary>
internal static class UplinkPlan
{
    private static readonly IPNetwork IPv4Default = new(IPAddress.Any, 0);
    private static readonly IPNetwork IPv6Default = new(IPAddress.IPv6Any, 0);

    /// <summary>Before there are links, since each begins with the defaults.</summary>
    public static void AddForwarding(Uplink uplink, ImmutableArray<Operation>.Builder plan)
    {
        // First: it sets all others back (Documentation/networking/ip-sysctl.rst).
        Set("net.ipv4.ip_forward", "1");
        if (Has(uplink, AddressFamily.InterNetworkV6))
        {
            Set("net.ipv6.conf.all.forwarding", "1");
        }

        foreach (string scope in (ReadOnlySpan<string>)["all", "default"])
        {
            // A node behind a router sends by that one, and is answered on its own network.
            Set($"net.ipv4.conf.{scope}.rp_filter", "0");
            Set($"net.ipv4.conf.{scope}.send_redirects", "0");
        }

        void Set(string key, string value) => plan.Add(new Operation.SetSysctl(Place.Fabric, key, value, Optional: false));
    }

    /// <summary>The link, and what passes it.</summary>
    public static void AddLink(Uplink uplink, ImmutableArray<Operation>.Builder plan)
    {
        // In force before anything can pass.
        plan.Add(new Operation.CreateUplinkTable());
        plan.Add(new Operation.JoinUplink(uplink));
        if (Has(uplink, AddressFamily.InterNetworkV6))
        {
            plan.Add(new Operation.SetSysctl(Place.Fabric, $"net.ipv6.conf.{Uplink.LinkName}.disable_ipv6", "0", Optional: false));
            plan.Add(new Operation.SetSysctl(Place.Fabric, $"net.ipv6.conf.{Uplink.LinkName}.accept_ra", "0", Optional: false));
        }

        plan.Add(new Operation.SilenceIPv6(Place.Fabric, uplink.Link));
        plan.Add(new Operation.SetLinkUp(Place.Fabric, uplink.Link));
        foreach (UplinkAddress address in uplink.Addresses)
        {
            plan.Add(new Operation.AddAddress(Place.Fabric, uplink.Link, address.At, address.PrefixLength));
        }

        foreach (UplinkAddress address in uplink.Addresses)
        {
            plan.Add(new Operation.AddRoute(Place.Fabric, Default(address.At.AddressFamily), address.Next, uplink.Link));
        }
    }

    /// <summary>Where a node sends what is for nobody in the lab: to the fabric, on the node's first network, unless the file says where.</summary>
    public static IEnumerable<Operation> DefaultRoutes(Uplink uplink, Wiring wiring, int number, Node node)
    {
        foreach (AddressFamily family in uplink.Addresses.Select(a => a.At.AddressFamily))
        {
            if (node.Routes.Any(r => r.Destination.PrefixLength == 0 && r.Destination.BaseAddress.AddressFamily == family))
            {
                continue;
            }

            foreach ((int inside, Attachment attachment) in node.Attachments.Index()
                .Where(a => a.Item.AddressOf(family) is not null && FabricOn(a.Item) is not null).Take(1))
            {
                IPAddress fabric = FabricOn(attachment)!;
                yield return new Operation.AddRoute(new Place(number), Default(family), fabric, wiring.Inside(number, inside));
            }

            IPAddress? FabricOn(Attachment attachment) =>
                wiring.FabricAddresses(wiring.Network(attachment.Network)).FirstOrDefault(a => a.Address.AddressFamily == family).Address;
        }
    }

    /// <summary>Whether a family leads outside.</summary>
    public static bool Has(Uplink? uplink, AddressFamily family) => uplink?.Addresses.Any(a => a.At.AddressFamily == family) == true;

    private static IPNetwork Default(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? IPv6Default : IPv4Default;
}
