using System.Collections.Frozen;
using System.Net;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>Which chapter an operation belongs to, and a sentence on what it does.</summary>
/// <param name="plan">The plan that has it.</param>
internal sealed class OperationMeanings(LabPlan plan)
{
    // By the last part of the key; what is not here, the lab file has asked for.
    private static readonly FrozenDictionary<string, string> Parameters = new Dictionary<string, string>
    {
        ["disable_ipv6=1"] = "Ports only switch: no IPv6 on links of the fabric",
        ["disable_ipv6=0"] = "This link speaks IPv6",
        ["bridge-nf-call-arptables=0"] = "Bridged ARP does not go through arptables as well",
        ["bridge-nf-call-ip6tables=0"] = "Bridged IPv6 does not go through ip6tables as well, which would cost time",
        ["bridge-nf-call-iptables=0"] = "Bridged IPv4 does not go through iptables as well, which would cost time",
        ["accept_ra=0"] = "Nobody announces routers here, so nobody waits for one",
        ["ip_forward=1"] = "Passes IPv4 packets on from one network to another: it is a router",
        ["ip_forward=0"] = "Keeps IPv4 packets to itself, on several networks though it is",
        ["forwarding=1"] = "Passes IPv6 packets on from one network to another",
        ["rp_filter=0"] = "Takes packets that come in by another link than answers leave by",
        ["send_redirects=0"] = "Tells nobody of shorter ways, which would lead past the routers of the lab file",
        ["accept_redirects=0"] = "Believes nobody who tells of shorter ways, past the routers of the lab file",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly PlaceNames _names = new(plan.Topology);
    private readonly HashSet<Operation> _afterLinks = new(AfterLinks(plan), ReferenceEqualityComparer.Instance); // two may be equal, one before and one after
    private readonly Dictionary<string, string> _ports = plan.Network.OfType<Operation.CreateVeth>().ToDictionary(
        v => v.Port.Name, v => $"{plan.Topology.Nodes[v.Peer.Node!.Value].Name}'s {v.Inside.Name}", StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Nobody has said what it is for.</exception>
    public Chapter ChapterOf(Operation operation) => operation switch
    {
        Operation.SetSysctl o when o.Key.Contains($".{Uplink.LinkName}.", StringComparison.Ordinal) => Chapter.Uplink,
        Operation.SilenceIPv6 { Link.Name: Uplink.LinkName } or Operation.SetLinkUp { Link.Name: Uplink.LinkName }
            or Operation.AddAddress { Link.Name: Uplink.LinkName } or Operation.AddRoute { Link.Name: Uplink.LinkName } => Chapter.Uplink,
        Operation.SetSysctl o when !_afterLinks.Contains(o) => Chapter.Beginning,
        Operation.SetSysctl { At.Node: null } => Chapter.LinkParameters,
        Operation.SetSysctl => Chapter.Asked,
        Operation.CreateNamespace => Chapter.Namespaces,
        Operation.CreateBridge => Chapter.Bridges,
        Operation.CreateVeth => Chapter.Cables,
        Operation.CreateTrunk or Operation.ConnectTrunk => Chapter.Trunks,
        Operation.CreateFabricEnd => Chapter.FabricEnds,
        Operation.MakePortTransparent => Chapter.TransparentPorts,
        Operation.MakePortStatic => Chapter.StaticPorts,
        Operation.MakeUplink => Chapter.UpwardPorts,
        Operation.AddForwarding => Chapter.Forwarding,
        Operation.SilenceIPv6 => Chapter.Silence,
        Operation.SetLinkUp => Chapter.Up,
        Operation.RemoveLoopbackIPv6 => Chapter.Loopback,
        Operation.AddAddress => Chapter.Addresses,
        Operation.AddNeighbour => Chapter.Neighbours,
        Operation.AddLinkRoute => Chapter.LinkRoutes,
        Operation.AddRoute => Chapter.Routes,
        Operation.CreateCutTable => Chapter.CutTable,
        Operation.CreatePortMarks => Chapter.PortMarks,
        Operation.CreateUplinkTable => Chapter.UplinkTable,
        Operation.JoinUplink => Chapter.Uplink,
        Operation.ReplaceCuts => Chapter.CutTable, // no plan of a new lab has one
        Operation.EnterRoom => Chapter.Room,
        Operation.SetHostname => Chapter.Hostname,
        Operation.SetIpcSysctl => Chapter.IpcParameters,
        Operation.MountTmpfs => Chapter.Tmpfs,
        Operation.MakeFolder or Operation.GiveFolder => Chapter.Folders,
        Operation.HoldFolder => Chapter.Held,
        Operation.BindVolume => Chapter.Volumes,
        Operation.MountSysfs => Chapter.Sysfs,
        Operation.ReplaceFile => Chapter.Files,
        Operation.StartInit => Chapter.Init,
        _ => throw new InvalidOperationException($"nobody has said what {operation.GetType().Name} is for"),
    };

    /// <summary>On this operation in particular, on one line.</summary>
    public string Sentence(Operation operation)
    {
        string at = _names.Plain(operation.At);
        return operation switch
        {
            Operation.CreateNamespace => $"Node {at}.",
            Operation.CreateBridge o when NetworkOf(o.Bridge) is { } network =>
                network.Link is null ? $"{o.Bridge.Name} is the switch of the network {network.Name}." : $"{o.Bridge.Name} has the two ports where the halves of the link {network.Name} meet.",
            Operation.CreateBridge o => $"{o.Bridge.Name} is one more switch of the same network.",
            Operation.CreateVeth o => $"{o.Inside.Name} of {_names.Plain(o.Peer)}, plugged into port {o.Port.Name} of {o.Bridge.Name}.",
            Operation.CreateTrunk o => $"From port {o.Down.Name} of {o.Upper.Name} down to {o.Up.Name}.",
            Operation.ConnectTrunk o => $"{o.Up.Name} is the port of {o.Lower.Name} that leads up.",
            Operation.CreateFabricEnd o => $"{o.End.Name} of the fabric, plugged into port {o.Port.Name} of {o.Bridge.Name}.",
            Operation.MakePortTransparent o => $"{o.Port.Name} hands on what comes in by the other port of its bridge.",
            Operation.MakePortStatic o => $"{o.Port.Name}, where {Behind(o.Port)} is plugged in, gets only what is for it.",
            Operation.MakeUplink o => $"{o.Port.Name} gets what its bridge knows no port for.",
            Operation.AddForwarding o => $"Frames for {o.Mac} leave by {o.Port.Name}, to {Behind(o.Port)}.",
            Operation.SilenceIPv6 o => $"{o.Link.Name} of {at} has the addresses of the plan and no others.",
            Operation.SetLinkUp o => $"{o.Link.Name} of {at} is switched on.",
            Operation.RemoveLoopbackIPv6 => $"{at} has no IPv6.",
            Operation.AddAddress o => $"{at} is {o.Address} on {o.Link.Name}.",
            Operation.AddNeighbour o => $"{at} knows that {o.Address} is {o.Mac} on {o.Link.Name}.",
            Operation.AddRoute o => $"{at} sends what is for {To(o.Destination)} to {o.Gateway}.",
            Operation.AddLinkRoute o => $"{at} sends what is for {To(o.Destination)} out of {o.Link.Name}.",
            Operation.SetSysctl o => $"{Parameters.GetValueOrDefault($"{o.Key[(o.Key.LastIndexOfAny(['.', '/']) + 1)..]}={o.Value}", "As the lab file asks")} ({at}).",
            Operation.CreateCutTable => "Every packet between two ports passes the chain forward; cuts will stand there.",
            Operation.CreatePortMarks => "The number of the port goes with the packet, as its mark.",
            Operation.ReplaceCuts => "Other cuts are in force, from one packet to the next.",
            Operation.CreateUplinkTable => "What may pass between the networks and the outside.",
            Operation.JoinUplink o => $"{o.Uplink.By} carries what goes out.",
            Operation.EnterRoom => $"{at} from inside.",
            Operation.SetHostname o => $"It is called {o.Name}.",
            Operation.SetIpcSysctl o => $"{o.Key} of this node alone.",
            Operation.MountTmpfs o => $"{o.Target} is its own, and empty.",
            Operation.MakeFolder o => $"{o.Folder} is there.",
            Operation.GiveFolder o => $"{o.Folder} belongs to user id {o.Uid}.",
            Operation.HoldFolder o => $"Descriptor {o.Slot} leads to {o.Folder}, whatever covers it from now on.",
            Operation.BindVolume o => $"{o.Target} is a volume{(o.ReadOnly ? ", to be read only" : "")}.",
            Operation.MountSysfs => "/sys shows its own interfaces.",
            Operation.ReplaceFile o => $"{o.Target} is its own{(o.Text.Length == 0 ? ", and nobody listens there" : "")}.",
            Operation.StartInit => "/proc shows its own processes.",
            _ => throw new InvalidOperationException($"nobody has said what {operation.GetType().Name} does"),
        };
    }

    /// <summary>Parameters that are set when their place has links already.</summary>
    private static IEnumerable<Operation> AfterLinks(LabPlan plan)
    {
        var withLinks = new HashSet<Place>();
        foreach (Operation operation in plan.Network)
        {
            switch (operation)
            {
                case Operation.SetSysctl when withLinks.Contains(operation.At):
                    yield return operation;
                    break;
                case Operation.CreateBridge or Operation.CreateVeth:
                    withLinks.Add(Place.Fabric);
                    if (operation is Operation.CreateVeth cable)
                    {
                        withLinks.Add(cable.Peer);
                    }

                    break;
            }
        }
    }

    private Network? NetworkOf(Interface bridge) =>
        plan.Topology.Networks.Index().Where(n => Wiring.Bridge(n.Index) == bridge).Select(n => n.Item).FirstOrDefault();

    private static string To(IPNetwork destination) => destination.PrefixLength == 0 ? "nobody nearer" : $"{destination}";

    private string Behind(Interface port) => _ports.GetValueOrDefault(port.Name, "the next bridge");
}
