using System.Collections.Immutable;
using System.Net;
using Cleave.Netlink;

namespace Cleave.Planning;

/// <summary>Where an operation acts: the fabric, or a node by its number in the file's order.</summary>
/// <param name="Node">The node's number, or null for the fabric.</param>
public readonly record struct Place(int? Node)
{
    /// <summary>The lab's switch room.</summary>
    public static Place Fabric => default;

    /// <inheritdoc/>
    public override string ToString() => Node is { } n ? $"node {n}" : "fabric";
}

/// <summary>A network interface, by name for people and by index for the kernel.</summary>
/// <param name="Name">At most 15 characters; never derived from a node's name.</param>
/// <param name="Index">The kernel's number, chosen by the plan so that nothing has to be looked up.</param>
public readonly record struct Interface(string Name, int Index);

/// <summary>
/// One thing to do to the kernel. The same list is carried out over netlink and printed as commands, so what is printed cannot drift from
/// what is done.
/// </summary>
/// <param name="At">Where it acts.</param>
public abstract record Operation(Place At)
{
    /// <summary>Makes the network namespace of a node: <c>ip netns add</c>.</summary>
    public sealed record CreateNamespace(Place At) : Operation(At);

    /// <summary>Makes a bridge: <c>ip link add … type bridge</c>, without spanning tree, snooping or learning delays.</summary>
    /// <param name="Bridge">The bridge.</param>
    /// <param name="Mac">Its MAC address.</param>
    /// <param name="Mtu">The largest packet in bytes; null: the kernel's default, 1500.</param>
    public sealed record CreateBridge(Interface Bridge, MacAddress Mac, int? Mtu = null) : Operation(Place.Fabric);

    /// <summary>Makes a cable: one end a port of the bridge in the fabric, up; the other an interface of the node, still down.</summary>
    /// <param name="Port">The fabric's end.</param>
    /// <param name="PortMac">Its MAC address.</param>
    /// <param name="Bridge">The bridge it is a port of.</param>
    /// <param name="Peer">The node.</param>
    /// <param name="Inside">The node's end.</param>
    /// <param name="InsideMac">Its MAC address.</param>
    /// <param name="Mtu">The largest packet in bytes, of both ends; null: the kernel's default, 1500.</param>
    public sealed record CreateVeth(
        Interface Port, MacAddress PortMac, Interface Bridge, Place Peer, Interface Inside, MacAddress InsideMac, int? Mtu = null) : Operation(Place.Fabric);

    /// <summary>Makes a cable between two bridges of a network: one end a port of the upper one, up; the other lies there until it is connected.</summary>
    /// <param name="Down">The end at the upper bridge.</param>
    /// <param name="DownMac">Its MAC address.</param>
    /// <param name="Upper">The upper bridge.</param>
    /// <param name="Up">The other end.</param>
    /// <param name="UpMac">Its MAC address.</param>
    /// <param name="Mtu">The largest packet in bytes, of both ends; null: the kernel's default, 1500.</param>
    public sealed record CreateTrunk(
        Interface Down, MacAddress DownMac, Interface Upper, Interface Up, MacAddress UpMac, int? Mtu = null) : Operation(Place.Fabric);

    /// <summary>Makes the other end of a trunk a port of the lower bridge, and brings it up.</summary>
    public sealed record ConnectTrunk(Interface Up, Interface Lower) : Operation(Place.Fabric);

    /// <summary>Makes a port the way to whoever is not on this bridge: it learns nothing, and gets every frame for an unknown receiver.</summary>
    public sealed record MakeUplink(Interface Port) : Operation(Place.Fabric);

    /// <summary>
    /// Makes the fabric's end of a link, a cable inside the fabric: one end a port of the link's bridge, up; the other, still down, the fabric's interface.
    /// </summary>
    /// <param name="Port">The port.</param>
    /// <param name="PortMac">Its MAC address.</param>
    /// <param name="Bridge">The bridge of the link.</param>
    /// <param name="End">The fabric's interface.</param>
    /// <param name="EndMac">Its MAC address.</param>
    /// <param name="Mtu">The largest packet in bytes, of both ends; null: the kernel's default, 1500.</param>
    public sealed record CreateFabricEnd(
        Interface Port, MacAddress PortMac, Interface Bridge, Interface End, MacAddress EndMac, int? Mtu = null) : Operation(Place.Fabric);

    /// <summary>
    /// Makes a port one of the two of a link: whatever comes in by the other leaves by it, whoever it is for, as by a cable; the frames that bridges keep to
    /// themselves (IEEE 802.1D), too, but those that pause an Ethernet port, which the kernel lets no bridge pass on.
    /// </summary>
    public sealed record MakePortTransparent(Interface Port) : Operation(Place.Fabric);

    /// <summary>Makes a port static: it learns nothing and gets no frame for an unknown receiver.</summary>
    public sealed record MakePortStatic(Interface Port) : Operation(Place.Fabric);

    /// <summary>Tells the bridge behind which port a MAC address lives.</summary>
    public sealed record AddForwarding(MacAddress Mac, Interface Port) : Operation(Place.Fabric);

    /// <summary>No IPv6 address is made up for this link.</summary>
    public sealed record SilenceIPv6(Place At, Interface Link) : Operation(At);

    /// <summary>Brings a link up.</summary>
    public sealed record SetLinkUp(Place At, Interface Link) : Operation(At);

    /// <summary>Gives a link an address, of IPv6 one that can be used at once: nobody else has it.</summary>
    public sealed record AddAddress(Place At, Interface Link, IPAddress Address, int PrefixLength) : Operation(At);

    /// <summary>Takes from the loopback interface the address that the kernel gives it with IPv6.</summary>
    public sealed record RemoveLoopbackIPv6(Place At) : Operation(At);

    /// <summary>Tells who has which MAC address, for ever, so that neither ARP nor the machine's table of learnt neighbours is needed.</summary>
    public sealed record AddNeighbour(Place At, Interface Link, IPAddress Address, MacAddress Mac) : Operation(At);

    /// <summary>Tells a node by whom to send packets to a destination; a prefix of no bits is the default route.</summary>
    public sealed record AddRoute(Place At, IPNetwork Destination, IPAddress Gateway, Interface Link) : Operation(At);

    /// <summary>Tells that a destination is straight behind a link, without a router; a prefix of no bits is the default route.</summary>
    public sealed record AddLinkRoute(Place At, IPNetwork Destination, Interface Link) : Operation(At);

    /// <summary>Sets a sysctl of the place's network namespace.</summary>
    /// <param name="At">Where.</param>
    /// <param name="Key">With dots or slashes, as sysctl(8) takes it.</param>
    /// <param name="Value">The new value.</param>
    /// <param name="Optional">A kernel without that key has nothing to switch, and it is left out.</param>
    public sealed record SetSysctl(Place At, string Key, string Value, bool Optional) : Operation(At);

    /// <summary>Makes the table in which cuts will stand, with no rule in it.</summary>
    public sealed record CreateCutTable() : Operation(Place.Fabric);

    /// <summary>
    /// Makes, in the table of cuts, what marks each packet with the number of the port it came in by: on a network of several bridges the port is no
    /// longer to be seen where the packet leaves.
    /// </summary>
    /// <param name="Ports">Fabric ports and their numbers, in order.</param>
    public sealed record CreatePortMarks(ImmutableArray<(Interface Port, int Mark)> Ports) : Operation(Place.Fabric);

    /// <summary>Replaces all rules, maps and sets of the cut table; the rules turn over in one transaction.</summary>
    /// <param name="Before">What stands in it.</param>
    /// <param name="After">What shall stand in it.</param>
    public sealed record ReplaceCuts(CutRuleset Before, CutRuleset After) : Operation(Place.Fabric);

    /// <summary>Makes the table that says what passes the uplink: what nodes send to the outside, and what answers it.</summary>
    public sealed record CreateUplinkTable() : Operation(Place.Fabric);

    /// <summary>The link that leads out: it is made from the host's side, and there when the plan is carried out.</summary>
    public sealed record JoinUplink(Uplink Uplink) : Operation(Place.Fabric);

    /// <summary>Gives the processes of a node their own mounts, hostname, IPC objects and process numbers.</summary>
    public sealed record EnterRoom(Place At) : Operation(At);

    /// <summary>Sets a sysctl of the IPC namespace of the node that has been entered.</summary>
    public sealed record SetIpcSysctl(Place At, string Key, string Value) : Operation(At);

    /// <summary>Mounts an empty file system in memory, over what was there.</summary>
    /// <param name="At">The node.</param>
    /// <param name="Target">The mount point.</param>
    /// <param name="Mode">Permissions of its root, in octal digits.</param>
    /// <param name="Keep">A folder below the mount point that stays visible at its own path, or null.</param>
    /// <param name="Size">The most it holds in bytes; null: half of the machine's memory.</param>
    public sealed record MountTmpfs(Place At, string Target, string Mode, string? Keep, long? Size = null) : Operation(At)
    {
        /// <summary>The user id that its root belongs to, and as number the group; null: the lab's root.</summary>
        public uint? Owner { get; init; }
    }

    /// <summary>Makes a folder, with those above it, unless it is there.</summary>
    public sealed record MakeFolder(Place At, string Folder) : Operation(At);

    /// <summary>Makes somebody the owner of a folder.</summary>
    public sealed record GiveFolder(Place At, string Folder, uint Uid, uint Gid) : Operation(At);

    /// <summary>Keeps a folder within reach of the volumes below, whatever is mounted over it meanwhile.</summary>
    /// <param name="At">The node.</param>
    /// <param name="Folder">The folder.</param>
    /// <param name="Slot">The number by which they refer to it, from 4: a descriptor of the shell's.</param>
    public sealed record HoldFolder(Place At, string Folder, int Slot) : Operation(At);

    /// <summary>Shows a folder or file of the host, and all that is mounted in it, at another path; a path that is not there is made.</summary>
    /// <param name="At">The node.</param>
    /// <param name="Source">The host's path, of a held folder from there on.</param>
    /// <param name="Slot">The slot of the held folder, or null.</param>
    /// <param name="Target">The node's path.</param>
    /// <param name="ReadOnly">Whether it can only be read there, and all that is mounted in it.</param>
    /// <param name="Covers">How often the source itself has been mounted over since it was held: so many mounts come with it, and are taken off.</param>
    public sealed record BindVolume(Place At, string Source, int? Slot, string Target, bool ReadOnly, int Covers = 0) : Operation(At);

    /// <summary>Mounts the sysfs of the node's network namespace, or /sys would show the host's interfaces.</summary>
    public sealed record MountSysfs(Place At) : Operation(At);

    /// <summary>Shows a file with this text in place of another, in the node only.</summary>
    public sealed record ReplaceFile(Place At, string Target, string Text) : Operation(At)
    {
        /// <summary>Where there is no such file, there is nothing to replace.</summary>
        public bool Optional { get; init; }
    }

    /// <summary>Sets the host name.</summary>
    public sealed record SetHostname(Place At, string Name) : Operation(At);

    /// <summary>Starts PID 1 of the node, which mounts /proc, reaps orphans and does nothing else.</summary>
    public sealed record StartInit(Place At) : Operation(At);
}
