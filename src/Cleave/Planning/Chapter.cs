using System.Collections.Immutable;

namespace Cleave.Planning;

/// <summary>What several kinds of commands serve together.</summary>
internal sealed record Purpose(string Title, string About)
{
    public static readonly Purpose Namespaces = new("Network stacks", "Each node has a network stack of its own, and one more has the switches between them.");
    public static readonly Purpose Begin = new("Kernel parameters that links begin with", "Every link copies the \"default\" parameters when it is made, so these come first.");
    public static readonly Purpose Switches = new("Switches and cables", "A network is a bridge in the fabric; a node's interface is one end of a cable, and the other end is a port of that bridge.");
    public static readonly Purpose Static = new("Static switching", "The switches are told who is where. They neither learn nor flood, so that a packet counted at a port was meant for that port.");
    public static readonly Purpose Links = new("Links come up", "A link carries nothing until it is up.");
    public static readonly Purpose Addresses = new("Addresses", "Hard-coded in the lab file, and the same in every run.");
    public static readonly Purpose Neighbours = new("Who has which MAC address", "IP packets travel in frames, and a frame needs the receiver's MAC address.");
    public static readonly Purpose Routes = new("Routes", "An address brings the route to its own subnet with it. What is farther away needs a route of its own.");
    public static readonly Purpose Asked = new("Kernel parameters of the lab file", "Set last, since some belong to links.");
    public static readonly Purpose Cuts = new("Where faults will stand", "A fault is a set of rules in the fabric, where no node can see or undo it. A healed lab has none.");
    public static readonly Purpose Outside = new("The way out", "One link more in the fabric leads to the host and beyond.");
    public static readonly Purpose Rooms = new("What the programs of a node see", "A network namespace has no files and no processes. These commands, run for each node below, make the rest of a small machine.");
}

/// <summary>Commands of one kind: what they do, what would break without them, and which pages tell more.</summary>
/// <param name="Purpose">What they serve.</param>
/// <param name="Command">The command, in a few words of it.</param>
/// <param name="What">What it does.</param>
/// <param name="Without">What would break.</param>
/// <param name="Pages">Manual pages, and where there is none the kernel's documentation.</param>
internal sealed record Chapter(Purpose Purpose, string Command, string What, string Without, string Pages)
{
    public static readonly Chapter Namespaces = new(
        Purpose.Namespaces, "ip netns add", "makes a network namespace and gives it a name: interfaces, addresses, routes, neighbours, rules and ports of its own.",
        "all programs would share the host's one stack, its addresses and its ports.", "ip-netns(8), network_namespaces(7)");

    public static readonly Chapter Beginning = new(
        Purpose.Begin, "sysctl", "writes a file below /proc/sys/net, of that namespace alone.",
        "a lab would depend on what the host happens to have set, Docker's ip_forward for instance, since a namespace begins with some of the host's values.",
        "sysctl(8), proc(5), Documentation/networking/ip-sysctl.rst");

    public static readonly Chapter Bridges = new(
        Purpose.Switches, "ip link add … type bridge", "makes a switch; without spanning tree and multicast snooping it forwards at once, and every multicast to all.",
        "there would be nothing between the nodes.", "ip-link(8), bridge(8), Documentation/networking/bridge.rst");

    public static readonly Chapter Cables = new(
        Purpose.Switches, "ip link add … type veth peer … netns", "makes a cable: what is sent into one end comes out at the other; one end is a port of the bridge, the other lies in the node.",
        "the node would have its loopback and nobody to talk to.", "veth(4), ip-link(8)");

    public static readonly Chapter Trunks = new(
        Purpose.Switches, "ip link add … type veth peer, ip link set … master", "makes a cable between two bridges of one network, which is too large for one, and plugs both ends in.",
        "nodes of different bridges would not reach each other.", "veth(4), ip-link(8)");

    public static readonly Chapter FabricEnds = new(
        Purpose.Switches, "ip link add … type veth peer", "makes the fabric's end of a link, a cable within the fabric: one end at the link's bridge, the other the fabric's interface.",
        "a link to the fabric would end at a bridge, with nobody there who has an address.", "veth(4), ip-link(8)");

    public static readonly Chapter TransparentPorts = new(
        Purpose.Static, "ip link set … type bridge_slave learning off flood on group_fwd_mask", "makes a port one of the two of a link: all that comes in by the other leaves by it, as by a cable.",
        "the two ends of a link would not get each other's frames, or not those that bridges keep to themselves.", "ip-link(8), IEEE 802.1D");

    public static readonly Chapter StaticPorts = new(
        Purpose.Static, "bridge link set … learning off flood off", "takes from a port what a switch does by itself: noting who is behind it, and sending it frames for unknown receivers.",
        "frames to one node would now and then be seen, and counted, at the ports of others.", "bridge(8)");

    public static readonly Chapter UpwardPorts = new(
        Purpose.Static, "bridge link set … learning off flood on", "makes the port towards the upper bridge the one that gets what this bridge does not know.",
        "nodes of this bridge would reach only each other.", "bridge(8)");

    public static readonly Chapter Forwarding = new(
        Purpose.Static, "bridge fdb add … static", "tells the bridge behind which port a MAC address is.",
        "frames for it would have no port to leave by, as nothing is learnt or flooded.", "bridge(8)");

    public static readonly Chapter LinkParameters = new(
        Purpose.Links, "sysctl", "lets this link of the fabric speak IPv6, which its ports do not.", "the fabric could not have its IPv6 address on it.",
        "sysctl(8), Documentation/networking/ip-sysctl.rst");

    public static readonly Chapter Silence = new(
        Purpose.Links, "ip link set … addrgenmode none", "keeps the kernel from making up an IPv6 address when the link comes up.",
        "the link would have an address that nobody gave it, and the first seconds would be full of searches for duplicates of it.", "ip-link(8), RFC 4862");

    public static readonly Chapter Up = new(
        Purpose.Links, "ip link set … up", "switches the link on; a veth carries once both of its ends are up.",
        "nothing would pass, and routes over the link could not be made.", "ip-link(8), netdevice(7)");

    public static readonly Chapter Loopback = new(
        Purpose.Links, "ip addr del ::1/128 dev lo", "takes IPv6's loopback address from a node that has no IPv6.",
        "programs would think that there is IPv6 and bind to it, or try it first.", "ip-address(8), ipv6(7)");

    public static readonly Chapter Addresses = new(
        Purpose.Addresses, "ip addr add", "gives a link an address, and the kernel the route to its subnet; nodad: an IPv6 address is good at once, since nobody else has it.",
        "programs could not bind to the address, and nobody could reach them at it.", "ip-address(8), ip(7), ipv6(7)");

    public static readonly Chapter Neighbours = new(
        Purpose.Neighbours, "ip neigh add … nud permanent", "enters what ARP or neighbour discovery would find out.",
        "the first packet to each neighbour would wait for an answer, and entries would count towards a limit that the machine has once for all namespaces (gc_thresh3).",
        "ip-neighbour(8), arp(7)");

    public static readonly Chapter LinkRoutes = new(
        Purpose.Routes, "ip route add … dev", "says that a destination is straight behind a link, without a router.",
        "the kernel would not know that the other end, whose address is in none of the node's subnets, is there.", "ip-route(8)");

    public static readonly Chapter Routes = new(
        Purpose.Routes, "ip route add … via", "sends what is for a destination to a router on one of the node's networks.",
        "the kernel would refuse such packets: \"Network is unreachable\".", "ip-route(8)");

    public static readonly Chapter Asked = new(
        Purpose.Asked, "sysctl", "writes what the lab file asks for below /proc/sys/net, of that namespace alone.",
        "the node would have the kernel's own value.", "sysctl(8), proc(5), Documentation/networking/ip-sysctl.rst");

    public static readonly Chapter CutTable = new(
        Purpose.Cuts, "nft add table bridge cleave", "makes a chain that every bridged packet passes, with no rule in it.",
        "there would be no place where a packet of one node to another can be lost.", "nft(8)");

    public static readonly Chapter PortMarks = new(
        Purpose.Cuts, "nft add map bridge cleave port", "marks each packet with the number of the port it came in by.",
        "on a network of several bridges nobody could tell, where a packet leaves, who sent it.", "nft(8)");

    public static readonly Chapter UplinkTable = new(
        Purpose.Outside, "nft add table inet cleave-uplink", "lets pass what nodes send to the outside and what answers it, under the fabric's own address there, and nothing else.",
        "nodes' addresses, which only the lab knows, would go out and never be answered; and networks of the lab would be joined.", "nft(8)");

    public static readonly Chapter Uplink = new(
        Purpose.Outside, "the link up0", "leads from the fabric to the host's side, which makes it; then it is given parameters, addresses and the fabric's default route.",
        "the lab would be sealed.", "pasta(1), veth(4), ip-route(8)");

    public static readonly Chapter Room = new(
        Purpose.Rooms, "nsenter … unshare", "enters the node's network and makes namespaces for mounts, names, IPC and processes.",
        "nodes would share /tmp, host name, shared memory and process numbers, and see each other's programs.", "nsenter(1), unshare(1), namespaces(7)");

    public static readonly Chapter Hostname = new(
        Purpose.Rooms, "hostname", "gives the node a name of its own.", "every node would have the host's, and systems that identify members by it would see one.", "hostname(1), uts_namespaces(7)");

    public static readonly Chapter IpcParameters = new(
        Purpose.Rooms, "sysctl -w kernel.…", "sets a limit of shared memory, semaphores or message queues, of the node alone.", "the node would have the kernel's own value.",
        "sysctl(8), ipc_namespaces(7)");

    public static readonly Chapter Tmpfs = new(
        Purpose.Rooms, "mount -t tmpfs", "puts an empty file system in memory over a folder; a project below it is shown again.",
        "nodes would meet each other's lock files, sockets and leftovers there.", "mount(8), tmpfs(5)");

    public static readonly Chapter Folders = new(
        Purpose.Rooms, "mkdir, chown", "makes a folder of the node's own data, and somebody its owner.", "a volume in it could not be mounted, or not be written.", "mkdir(1), chown(1)");

    public static readonly Chapter Held = new(
        Purpose.Rooms, "exec 4<", "keeps a folder within reach by a descriptor of the shell, before something is mounted over it.",
        "a volume from there would show what covers it.", "sh(1), proc(5)");

    public static readonly Chapter Volumes = new(
        Purpose.Rooms, "mount --rbind", "shows a folder or file at another path, read-only where the lab file says so.", "the node would not see the volume.", "mount(8), mount_namespaces(7)");

    public static readonly Chapter Sysfs = new(
        Purpose.Rooms, "mount -t sysfs", "mounts the /sys of the node's own network namespace.", "/sys/class/net would show the host's interfaces.", "sysfs(5)");

    public static readonly Chapter Files = new(
        Purpose.Rooms, "mount --bind … /etc/hosts", "shows a file of the node's own in place of the machine's.",
        "names of nodes would not be found, or be asked of the host's name server, past the lab's faults.", "hosts(5), resolv.conf(5), mount(8)");

    public static readonly Chapter Init = new(
        Purpose.Rooms, "mount -t proc", "shows the node's own processes; process 1 of the node sleeps there and reaps orphans.",
        "ps would list the host's processes, and /proc/self would be somebody else.", "proc(5), pid_namespaces(7)");

    /// <summary>Of the network, in an order in which they can be run.</summary>
    public static ImmutableArray<Chapter> OfNetwork { get; } =
    [
        Namespaces, Beginning, Bridges, FabricEnds, Trunks, Cables, TransparentPorts, StaticPorts, UpwardPorts, Forwarding, LinkParameters, Silence, Up, Loopback, Addresses,
        Neighbours, LinkRoutes, Routes, Asked, CutTable, PortMarks, UplinkTable, Uplink,
    ];

    /// <summary>Of nodes' rooms, where the order of the plan remains.</summary>
    public static ImmutableArray<Chapter> OfRooms { get; } = [Room, Hostname, IpcParameters, Tmpfs, Folders, Held, Volumes, Sysfs, Files, Init];
}
