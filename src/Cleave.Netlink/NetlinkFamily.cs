namespace Cleave.Netlink;

/// <summary>The netlink protocols this library speaks, as numbered in linux/netlink.h.</summary>
public enum NetlinkFamily
{
    /// <summary>NETLINK_ROUTE: links, addresses, routes, neighbours.</summary>
    Route = 0,

    /// <summary>NETLINK_NETFILTER: nf_tables.</summary>
    Netfilter = 12,
}
