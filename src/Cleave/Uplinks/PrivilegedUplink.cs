using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cleave.Gateway;
using Cleave.Linux;
using Cleave.Netlink.Sockets;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Uplinks;

/// <summary>
/// The way out by the gateway that <c>cleave gateway create</c> has made: a cable from there into the fabric, which the kernel carries packets over. Who
/// starts the lab owns both user namespaces and is in neither; that is enough to join their networks, by a socket from within one of them.
/// </summary>
/// <param name="mark">What the gateway was made with.</param>
/// <param name="resolvers">Whom the host asks for names now.</param>
/// <param name="cleave">The program that is started inside.</param>
internal sealed class PrivilegedUplink(GatewayMark mark, Resolvers resolvers, ImmutableArray<string> cleave) : UplinkSource
{
    private const int PrefixLength = 30;
    private const int PrefixLengthOfIPv6 = 126;

    private ImmutableArray<Descriptor> _sockets = [];

    /// <inheritdoc/>
    public override string By => "the gateway";

    /// <inheritdoc/>
    public override IReadOnlyList<Descriptor> Sockets => _sockets;

    /// <summary>The user's gateway; null: there is none.</summary>
    public static PrivilegedUplink? Find(ImmutableArray<string> cleave) =>
        GatewaySurvey.Find() is var (mark, resolvers) ? new PrivilegedUplink(mark, resolvers, cleave) : null;

    /// <summary>Why the lab cannot hang on it, or null.</summary>
    public string? WhyNot(LabTopology topology)
    {
        IPNetwork[] taken = Taken(topology);
        if (Array.Find(taken, t => Overlap(t, mark.Network.Cable)) is { PrefixLength: > 0 } cable)
        {
            return $"the lab's {cable} has addresses of the gateway's cable to the host, {mark.Network.Cable}{Remedy}";
        }

        if (FirstSlot(taken) is null)
        {
            return $"the lab's networks leave none of the gateway's addresses for it, {mark.Network.Pool}{Remedy}";
        }

        return Families(topology).Length == 0 ? "the lab has only IPv6, and the gateway none (see cleave gateway status)" : null;
    }

    /// <inheritdoc/>
    public override void Require(LabTopology topology)
    {
        if (WhyNot(topology) is { } why)
        {
            throw new MachineException($"gateway: privileged: {why}");
        }
    }

    /// <inheritdoc/>
    public override Uplink Plan(LabTopology topology)
    {
        Require(topology);
        int slot = FirstSlot(Taken(topology))!.Value;
        string inside = $"nsenter --net={PlanPrinter.Quote($"{GatewaySurvey.Folder()}/net")} ip";
        string name = LabCable.NameOf(slot);
        return With(topology, slot) with
        {
            Commands =
            [
                $"{inside} link add {name} type veth peer name {Uplink.LinkName} netns fabric",
                $"{inside} addr add {mark.Network.GatewayEnd(slot)}/{PrefixLength} dev {name}",
                .. mark.IPv6 ? (string[])[$"{inside} addr add {mark.Network.GatewayEnd6(slot)}/{PrefixLengthOfIPv6} dev {name} nodad"] : [],
                $"{inside} link set {name} up",
            ],
        };
    }

    /// <inheritdoc/>
    public override Uplink Attach(LabTopology topology, LabRecord lab, int process)
    {
        try
        {
            using var network = Descriptor.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net"), Libc.O_RDONLY);
            using GatewayDoor door = GatewayDoor.Open(GatewaySurvey.Folder(), cleave, Path.Combine(lab.Folder, "gateway"), mark.Network.Inside, lab.Ports);
            Uplink uplink = With(topology, LabCable.Make(door.Netlink, mark, Taken(topology), network.Fd, Uplink.LinkName, lab.Id));
            _sockets = door.TakeSockets();
            return uplink with { PortsAt = lab.Ports.IsEmpty ? null : $"{mark.Network.Inside}", Ports = door.Ports };
        }
        catch (Exception e) when (e is LinuxException or NetlinkException or SocketException)
        {
            throw new CleaveException($"the lab could not be joined to the gateway: {e.Message} (see cleave gateway status)", e);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Descriptor socket in _sockets)
        {
            socket.Dispose();
        }

        base.Dispose();
    }

    private string Remedy => $": make a gateway elsewhere, with cleave gateway destroy, and create --network {(mark.Network.Whole.BaseAddress.ToString().StartsWith("10.", StringComparison.Ordinal) ? "172.23.0.0/16" : "10.99.0.0/16")}";

    private Uplink With(LabTopology topology, int slot)
    {
        AddressFamily[] families = Families(topology);
        return new Uplink(
            GatewayChoice.Privileged,
            By,
            [
                .. families.Select(f => f == AddressFamily.InterNetwork
                    ? new UplinkAddress($"{mark.Network.LabEnd(slot)}", PrefixLength, $"{mark.Network.GatewayEnd(slot)}")
                    : new UplinkAddress($"{mark.Network.LabEnd6(slot)}", PrefixLengthOfIPv6, $"{mark.Network.GatewayEnd6(slot)}")),
            ],
            [
                // What listens on the host is asked at the gateway's address, which leads where resolv.conf pointed when the gateway was made.
                .. mark.Resolver is { } local && local.Equals(resolvers.Local) && families.Contains(AddressFamily.InterNetwork) ? (string[])[$"{mark.Network.Host}"] : [],
                .. resolvers.Direct.Where(d => families.Contains(d.AddressFamily) && !d.IsIPv6LinkLocal).Select(d => d.ToString()),
            ]);
    }

    /// <summary>Those of the lab's families that the gateway carries.</summary>
    private AddressFamily[] Families(LabTopology topology) =>
    [
        .. ((AddressFamily[])[AddressFamily.InterNetwork, .. mark.IPv6 ? (AddressFamily[])[AddressFamily.InterNetworkV6] : []])
            .Where(f => topology.Networks.Any(n => n.Subnets.Any(s => s.BaseAddress.AddressFamily == f))),
    ];

    private int? FirstSlot(IPNetwork[] taken) =>
        Enumerable.Range(0, GatewayNetwork.Slots).Cast<int?>().FirstOrDefault(s => taken.All(t => !Overlap(t, mark.Network.LabCable(s!.Value))));

    private static IPNetwork[] Taken(LabTopology topology) =>
        [.. topology.Networks.SelectMany(n => n.Subnets), .. topology.Nodes.SelectMany(n => n.Routes).Select(r => r.Destination).Where(d => d.PrefixLength > 0)];

    private static bool Overlap(IPNetwork a, IPNetwork b) => AddressRange.Of(a).Overlaps(AddressRange.Of(b));
}
