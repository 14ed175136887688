namespace Cleave.Netlink.Tests.Captures;

/// <summary>What iproute2 6.1 sends, by strace; sequence numbers are zeroed.</summary>
internal static class RouteCaptures
{
    /// <summary><c>ip link add br0 index 1000 type bridge mcast_snooping 0 forward_delay 0</c></summary>
    public const string AddBridge = """
        4c000000 10000506 00000000 00000000  # RTM_NEWLINK
        00000000 e8030000 00000000 00000000  # ifinfomsg
        0800 0300  62723000  # IFLA_IFNAME 'br0'
        2400 1200  # IFLA_LINKINFO
          0a00 0100  6272696467650000  # IFLA_INFO_KIND 'bridge'
          1400 0200  # IFLA_INFO_DATA
            0500 1700  00000000  # IFLA_BR_MCAST_SNOOPING
            0800 0100  00000000  # IFLA_BR_FORWARD_DELAY
        """;

    /// <summary><c>ip link add n1 index 1001 address 02:00:00:00:01:01 mtu 1400 numtxqueues 1 numrxqueues 1 type veth peer name e1 address 02:00:00:00:00:02</c></summary>
    public const string AddVeth = """
        84000000 10000506 00000000 00000000  # RTM_NEWLINK
        00000000 e9030000 00000000 00000000  # ifinfomsg
        0a00 0100  0200000001010000  # IFLA_ADDRESS
        0800 0400  78050000  # IFLA_MTU
        0800 1f00  01000000  # IFLA_NUM_TX_QUEUES
        0800 2000  01000000  # IFLA_NUM_RX_QUEUES
        0700 0300  6e310000  # IFLA_IFNAME 'n1'
        3800 1200  # IFLA_LINKINFO
          0800 0100  76657468  # IFLA_INFO_KIND 'veth'
          2c00 0200  # IFLA_INFO_DATA
            2800 0100  # VETH_INFO_PEER
              00000000 00000000 00000000 00000000  # ifinfomsg
              0a00 0100  0200000000020000  # IFLA_ADDRESS
              0700 0300  65310000  # IFLA_IFNAME 'e1'
        """;

    /// <summary><c>ip link set n1 master br0 up</c></summary>
    public const string SetMasterAndUp = """
        28000000 10000500 00000000 00000000  # RTM_NEWLINK
        00000000 e9030000 01000000 01000000  # ifinfomsg
        0800 0a00  e8030000  # IFLA_MASTER
        """;

    /// <summary><c>ip link set e1 addrgenmode none</c></summary>
    public const string SetAddressGeneration = """
        30000000 10000500 00000000 00000000  # RTM_NEWLINK
        00000000 02000000 00000000 00000000  # ifinfomsg
        1000 1a00  # IFLA_AF_SPEC
          0c00 0a00  # AF_INET6
            0500 0800  01000000  # IFLA_INET6_ADDR_GEN_MODE
        """;

    /// <summary><c>bridge link set dev n1 learning off flood off mcast_flood off isolated on</c></summary>
    public const string SetBridgePort = """
        44000000 13000500 00000000 00000000  # RTM_SETLINK
        07000000 e9030000 00000000 00000000  # ifinfomsg
        2400 0c80  # IFLA_PROTINFO
          0500 0900  00000000  # IFLA_BRPORT_UNICAST_FLOOD
          0500 1b00  00000000  # IFLA_BRPORT_MCAST_FLOOD
          0500 0800  00000000  # IFLA_BRPORT_LEARNING
          0500 2100  01000000  # IFLA_BRPORT_ISOLATED
        """;

    /// <summary><c>ip link del n1</c></summary>
    public const string DeleteLink = """
        20000000 11000500 00000000 00000000  # RTM_DELLINK
        00000000 e9030000 00000000 00000000  # ifinfomsg
        """;

    /// <summary><c>bridge fdb add 02:00:00:00:00:02 dev n1 master static</c></summary>
    public const string AddForwardingEntry = """
        28000000 1c000506 00000000 00000000  # RTM_NEWNEIGH
        07000000 e9030000 42000400  # ndmsg
        0a00 0200  0200000000020000  # NDA_LLADDR
        """;

    /// <summary><c>ip addr add 172.23.0.2/24 brd 172.23.0.255 dev e1</c></summary>
    public const string AddAddress = """
        30000000 14000506 00000000 00000000  # RTM_NEWADDR
        02180000 02000000  # ifaddrmsg
        0800 0200  ac170002  # IFA_LOCAL
        0800 0400  ac1700ff  # IFA_BROADCAST
        0800 0100  ac170002  # IFA_ADDRESS
        """;

    /// <summary><c>ip -6 addr add fd00::2/64 dev e1 nodad</c></summary>
    public const string AddAddress6 = """
        40000000 14000506 00000000 00000000  # RTM_NEWADDR
        0a400200 02000000  # ifaddrmsg
        1400 0200  fd000000000000000000000000000002  # IFA_LOCAL
        1400 0100  fd000000000000000000000000000002  # IFA_ADDRESS
        """;

    /// <summary><c>ip route add default via 172.23.0.254 dev e1 proto static</c></summary>
    public const string AddRoute = """
        2c000000 18000506 00000000 00000000  # RTM_NEWROUTE
        02000000 fe040001 00000000  # rtmsg
        0800 0500  ac1700fe  # RTA_GATEWAY
        0800 0400  02000000  # RTA_OIF
        """;

    /// <summary><c>ip route add fd01::/64 via fd00::1 dev e1 metric 5</c></summary>
    public const string AddRoute6 = """
        54000000 18000506 00000000 00000000  # RTM_NEWROUTE
        0a400000 fe030001 00000000  # rtmsg
        1400 0100  fd010000000000000000000000000000  # RTA_DST
        1400 0500  fd000000000000000000000000000001  # RTA_GATEWAY
        0800 0600  05000000  # RTA_PRIORITY
        0800 0400  02000000  # RTA_OIF
        """;

    /// <summary><c>ip route add blackhole 10.9.0.0/16 table 1000</c></summary>
    public const string AddBlackhole = """
        2c000000 18000506 00000000 00000000  # RTM_NEWROUTE
        02100000 00030006 00000000  # rtmsg
        0800 0100  0a090000  # RTA_DST
        0800 0f00  e8030000  # RTA_TABLE
        """;

    /// <summary><c>ip neigh add 172.23.0.1 lladdr 02:00:00:00:00:01 dev e1 nud permanent</c></summary>
    public const string AddNeighbour = """
        30000000 1c000506 00000000 00000000  # RTM_NEWNEIGH
        02000000 02000000 80000000  # ndmsg
        0800 0100  ac170001  # NDA_DST
        0a00 0200  0200000000010000  # NDA_LLADDR
        """;
}
