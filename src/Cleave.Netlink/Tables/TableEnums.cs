using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>NFPROTO_* of linux/netfilter.h: which packets a table sees.</summary>
public enum TableFamily : byte
{
    /// <summary>NFPROTO_UNSPEC: in a dump, all families.</summary>
    Unspecified = NFPROTO_UNSPEC,

    /// <summary>NFPROTO_INET: IPv4 and IPv6.</summary>
    Inet = NFPROTO_INET,

    /// <summary>NFPROTO_IPV4.</summary>
    IPv4 = NFPROTO_IPV4,

    /// <summary>NFPROTO_ARP.</summary>
    Arp = NFPROTO_ARP,

    /// <summary>NFPROTO_NETDEV: one device's frames.</summary>
    Netdev = NFPROTO_NETDEV,

    /// <summary>NFPROTO_BRIDGE: frames passing a bridge.</summary>
    Bridge = NFPROTO_BRIDGE,

    /// <summary>NFPROTO_IPV6.</summary>
    IPv6 = NFPROTO_IPV6,
}

/// <summary>NF_INET_* of linux/netfilter.h: where a base chain is called. The bridge family has the same numbers.</summary>
public enum Hook
{
    /// <summary>Before routing.</summary>
    Prerouting = NF_INET_PRE_ROUTING,

    /// <summary>To this host.</summary>
    Input = NF_INET_LOCAL_IN,

    /// <summary>Through this host or bridge.</summary>
    Forward = NF_INET_FORWARD,

    /// <summary>From this host.</summary>
    Output = NF_INET_LOCAL_OUT,

    /// <summary>After routing.</summary>
    Postrouting = NF_INET_POST_ROUTING,

    /// <summary>Straight from the device (inet; the netdev family has its own numbers).</summary>
    Ingress = NF_INET_INGRESS,
}

/// <summary>NFT_SET_* of linux/netfilter/nf_tables.h.</summary>
[Flags]
public enum SetFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NFT_SET_ANONYMOUS: belongs to the rule that uses it and goes with it.</summary>
    Anonymous = NFT_SET_ANONYMOUS,

    /// <summary>NFT_SET_CONSTANT: cannot change while in use.</summary>
    Constant = NFT_SET_CONSTANT,

    /// <summary>NFT_SET_INTERVAL: elements are ranges.</summary>
    Interval = NFT_SET_INTERVAL,

    /// <summary>NFT_SET_MAP: keys have data.</summary>
    Map = NFT_SET_MAP,

    /// <summary>NFT_SET_TIMEOUT: elements expire.</summary>
    Timeout = NFT_SET_TIMEOUT,

    /// <summary>NFT_SET_EVAL: rules may add elements; nft says <c>flags dynamic</c>.</summary>
    Dynamic = NFT_SET_EVAL,

    /// <summary>NFT_SET_OBJECT: data are stateful objects.</summary>
    Object = NFT_SET_OBJECT,

    /// <summary>NFT_SET_CONCAT: ranges in concatenated keys.</summary>
    Concatenation = NFT_SET_CONCAT,

    /// <summary>NFT_SET_EXPR: elements have expressions.</summary>
    Expression = NFT_SET_EXPR,
}

/// <summary>NFT_META_* of linux/netfilter/nf_tables.h: what is known of a packet besides its bytes.</summary>
public enum MetaKey : uint
{
    /// <summary>Length in bytes.</summary>
    Length = NFT_META_LEN,

    /// <summary>EtherType, 2 bytes in network byte order.</summary>
    Protocol = NFT_META_PROTOCOL,

    /// <summary>Priority (a classid), 4 bytes in host byte order.</summary>
    Priority = NFT_META_PRIORITY,

    /// <summary>Mark, 4 bytes in host byte order.</summary>
    Mark = NFT_META_MARK,

    /// <summary>Index of the input interface.</summary>
    InputInterface = NFT_META_IIF,

    /// <summary>Index of the output interface.</summary>
    OutputInterface = NFT_META_OIF,

    /// <summary>Name of the input interface, 16 bytes.</summary>
    InputName = NFT_META_IIFNAME,

    /// <summary>Name of the output interface, 16 bytes.</summary>
    OutputName = NFT_META_OIFNAME,

    /// <summary><c>iiftype</c>: ARPHRD_* of the input device, 2 bytes.</summary>
    InputType = NFT_META_IIFTYPE,

    /// <summary>Netfilter's protocol family, 1 byte.</summary>
    NetfilterProtocol = NFT_META_NFPROTO,

    /// <summary>Transport protocol, 1 byte.</summary>
    TransportProtocol = NFT_META_L4PROTO,

    /// <summary>Whether to this host, broadcast, multicast, 1 byte.</summary>
    PacketType = NFT_META_PKTTYPE,

    /// <summary>IFLA_GROUP of the input interface.</summary>
    InputGroup = NFT_META_IIFGROUP,

    /// <summary>IFLA_GROUP of the output interface.</summary>
    OutputGroup = NFT_META_OIFGROUP,

    /// <summary>Name of the bridge the frame came in by, 16 bytes.</summary>
    InputBridgeName = NFT_META_BRI_IIFNAME,

    /// <summary>Name of the bridge the frame goes out by, 16 bytes.</summary>
    OutputBridgeName = NFT_META_BRI_OIFNAME,
}

/// <summary>NFT_PAYLOAD_* of linux/netfilter/nf_tables.h: from where bytes are counted.</summary>
public enum PayloadBase : uint
{
    /// <summary>The Ethernet header.</summary>
    Link = NFT_PAYLOAD_LL_HEADER,

    /// <summary>The IP header.</summary>
    Network = NFT_PAYLOAD_NETWORK_HEADER,

    /// <summary>The TCP, UDP or ICMP header.</summary>
    Transport = NFT_PAYLOAD_TRANSPORT_HEADER,
}

/// <summary>NFT_CMP_* of linux/netfilter/nf_tables.h; bytes are compared as in network byte order.</summary>
public enum Comparison : uint
{
    /// <summary>Equal.</summary>
    Equal = NFT_CMP_EQ,

    /// <summary>Not equal.</summary>
    NotEqual = NFT_CMP_NEQ,

    /// <summary>Less.</summary>
    Less = NFT_CMP_LT,

    /// <summary>Less or equal.</summary>
    LessOrEqual = NFT_CMP_LTE,

    /// <summary>Greater.</summary>
    Greater = NFT_CMP_GT,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual = NFT_CMP_GTE,
}

/// <summary>NFT_DYNSET_OP_* of linux/netfilter/nf_tables.h.</summary>
public enum DynamicSetOperation : uint
{
    /// <summary>Add an element.</summary>
    Add = NFT_DYNSET_OP_ADD,

    /// <summary>Add an element or renew its timeout.</summary>
    Update = NFT_DYNSET_OP_UPDATE,

    /// <summary>Delete an element.</summary>
    Delete = NFT_DYNSET_OP_DELETE,
}

/// <summary>
/// NFT_REG_* of linux/netfilter/nf_tables.h. The four registers of 16 bytes overlap the sixteen words of 4: Register1 is Word0 to Word3.
/// Concatenated keys lie in adjacent words.
/// </summary>
public enum Register : uint
{
    /// <summary>The verdict.</summary>
    Verdict = NFT_REG_VERDICT,

    /// <summary>16 bytes: words 0 to 3.</summary>
    Register1 = NFT_REG_1,

    /// <summary>16 bytes: words 4 to 7.</summary>
    Register2 = NFT_REG_2,

    /// <summary>16 bytes: words 8 to 11.</summary>
    Register3 = NFT_REG_3,

    /// <summary>16 bytes: words 12 to 15.</summary>
    Register4 = NFT_REG_4,

    /// <summary>The first word; those after it follow by number, up to <see cref="Word15"/>.</summary>
    Word0 = NFT_REG32_00,

    /// <summary>The second word.</summary>
    Word1 = NFT_REG32_00 + 1,

    /// <summary>The third word.</summary>
    Word2 = NFT_REG32_00 + 2,

    /// <summary>The fourth word.</summary>
    Word3 = NFT_REG32_00 + 3,

    /// <summary>The last word.</summary>
    Word15 = NFT_REG32_15,
}
