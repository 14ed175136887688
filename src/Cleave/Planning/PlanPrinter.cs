using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>Prints operations as the commands that do the same: a shell script, with namespaces named after the nodes.</summary>
public static class PlanPrinter
{
    /// <summary>The whole plan.</summary>
    public static string Print(LabPlan plan)
    {
        var shared = SharedTexts.Of(plan);
        var names = new PlaceNames(plan.Topology);
        var text = new StringBuilder();
        text.Append("set -e\n\n# The fabric: the lab's switch room.\nip netns add fabric\n");
        Place last = Place.Fabric;
        foreach (Operation operation in plan.Network)
        {
            if (operation is Operation.CreateNamespace { At: var at } && at != last)
            {
                text.Append($"\n# Node {names.Of(at)}.\n");
                last = at;
            }

            text.Append(Line(operation, names)).Append('\n');
        }

        text.Append(shared.Commands);
        foreach (Operation operation in plan.Rooms)
        {
            text.Append(Line(operation, names, shared)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>One operation; may be several lines.</summary>
    public static string Line(Operation operation, LabTopology topology) => Line(operation, new PlaceNames(topology));

    /// <summary>One operation, with names of namespaces as they are called there.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="names">What namespaces are called.</param>
    /// <param name="shared">Texts that have been written to files already.</param>
    internal static string Line(Operation operation, PlaceNames names, SharedTexts? shared = null)
    {
        string at = names.Of(operation.At);
        string fabric = names.Of(Place.Fabric);
        return operation switch
        {
            Operation.CreateNamespace => $"ip netns add {at}",
            Operation.CreateBridge o =>
                $"ip -n {fabric} link add name {o.Bridge.Name} index {o.Bridge.Index} address {o.Mac} {Mtu(o.Mtu)}" +
                "type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            Operation.CreateVeth o => $"{Cable(fabric, o.Port, o.PortMac, o.Bridge, o.Inside, o.InsideMac, o.Mtu)} netns {names.Of(o.Peer)}",
            Operation.CreateTrunk o => Cable(fabric, o.Down, o.DownMac, o.Upper, o.Up, o.UpMac, o.Mtu),
            Operation.ConnectTrunk o => $"ip -n {fabric} link set dev {o.Up.Name} master {o.Lower.Name} up",
            Operation.CreateFabricEnd o => Cable(fabric, o.Port, o.PortMac, o.Bridge, o.End, o.EndMac, o.Mtu),
            Operation.MakePortTransparent o => $"ip -n {fabric} link set dev {o.Port.Name} type bridge_slave learning off flood on group_fwd_mask {BridgePort.AllGroups}",
            Operation.MakeUplink o => $"bridge -n {fabric} link set dev {o.Port.Name} learning off flood on",
            Operation.MakePortStatic o => $"bridge -n {fabric} link set dev {o.Port.Name} learning off flood off",
            Operation.AddForwarding o => $"bridge -n {fabric} fdb add {o.Mac} dev {o.Port.Name} master static",
            Operation.SilenceIPv6 o => $"ip -n {at} link set dev {o.Link.Name} addrgenmode none",
            Operation.SetLinkUp o => $"ip -n {at} link set dev {o.Link.Name} up",
            Operation.AddAddress { Address.AddressFamily: AddressFamily.InterNetworkV6 } o => $"ip -n {at} addr add {o.Address}/{o.PrefixLength} dev {o.Link.Name} nodad",
            Operation.AddAddress { PrefixLength: > 30 } o => $"ip -n {at} addr add {o.Address}/{o.PrefixLength} dev {o.Link.Name}", // nobody to broadcast to (RFC 3021)
            Operation.AddAddress o => $"ip -n {at} addr add {o.Address}/{o.PrefixLength} broadcast + dev {o.Link.Name}",
            Operation.RemoveLoopbackIPv6 => $"ip -n {at} addr del ::1/128 dev lo",
            Operation.AddNeighbour o => $"ip -n {at} neigh add {o.Address} lladdr {o.Mac} dev {o.Link.Name} nud permanent",
            Operation.AddRoute o =>
                $"{AddRoute(at, o.Destination)} via {o.Gateway} dev {o.Link.Name} proto static",
            Operation.AddLinkRoute o => $"{AddRoute(at, o.Destination)} dev {o.Link.Name} proto static",
            Operation.SetSysctl { Optional: false } o => $"ip netns exec {at} sysctl -qw {o.Key}={Quote(o.Value)}",
            Operation.SetSysctl o => $"ip netns exec {at} sysctl -qwe {o.Key}={Quote(o.Value)}",
            Operation.SetIpcSysctl o => $"sysctl -qw {o.Key}={Quote(o.Value)}",
            Operation.CreateCutTable => Nft(fabric, CutTableText.Create()),
            Operation.CreatePortMarks o => string.Join('\n', PortMarks.Create(o.Ports).Select(t => Nft(fabric, CutTableText.Print(t)))),
            Operation.ReplaceCuts o => string.Join('\n', CutTableText.Switch(o.Before, o.After).Select(t => Nft(fabric, t))),
            Operation.CreateUplinkTable => Nft(fabric, UplinkTableText.Create()),
            Operation.JoinUplink o => $"# The way out: {o.Uplink.By}.\n{string.Join('\n', o.Uplink.Commands)}",
            Operation.EnterRoom =>
                $"\n# What the processes of {at} see.\n" +
                // Not "ip netns exec", which mounts a /sys of its own, so that the one below would be refused.
                $"nsenter --net=/run/netns/{at} unshare --mount --uts --ipc --pid --fork --propagation private sh -e <<'ROOM'",
            Operation.SetHostname o => $"hostname {o.Name}",
            Operation.MountTmpfs { Keep: null } o => $"{MakeFolder(o.Target)}mount -t tmpfs -o {TmpfsOptions(o)} tmpfs {Quote(o.Target)}",
            Operation.MountTmpfs o =>
                $"exec 3<{Quote(o.Keep!)}; mount -t tmpfs -o {TmpfsOptions(o)} tmpfs {Quote(o.Target)}; " +
                // Or mount(8) would follow the link by its text, to what has just been covered.
                $"mkdir -p {Quote(o.Keep!)}; mount --no-canonicalize --rbind /proc/self/fd/3 {Quote(o.Keep!)}; exec 3<&-",
            Operation.MakeFolder o => $"mkdir -p {Quote(o.Folder)}",
            Operation.GiveFolder o => $"chown {o.Uid}:{o.Gid} {Quote(o.Folder)}",
            Operation.HoldFolder o => $"exec {o.Slot}<{Quote(o.Folder)}",
            Operation.BindVolume o => BindVolume(o),
            Operation.MountSysfs => "mount -t sysfs -o nosuid,nodev,noexec sysfs /sys || mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys",
            Operation.ReplaceFile o =>
                $"{(shared?.PathOf(o.Text) is { } there ? $"cp {there} /dev/shm/replacement" : $"cat >/dev/shm/replacement <<'END'\n{o.Text}END")}\n{(o.Optional ? $"[ ! -e {Quote(o.Target)} ] || " : "")}mount --bind /dev/shm/replacement {Quote(o.Target)}; rm /dev/shm/replacement",
            Operation.StartInit => "mount -t proc -o nosuid,nodev,noexec proc /proc\n# Here PID 1 of the node goes to sleep, and programs are started beside it.\nROOM",
            _ => throw new InvalidOperationException($"no command for {operation.GetType().Name}"),
        };
    }

    private static string AddRoute(string at, IPNetwork to) =>
        $"ip -n {at} {(to.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? "-6 " : "")}route add {(to.PrefixLength == 0 ? "default" : to)}";

    private static string TmpfsOptions(Operation.MountTmpfs o) => $"mode={o.Mode},{(o.Size is { } size ? $"size={ByteSize.Format(size)}," : "")}{(o.Owner is { } owner ? $"uid={owner},gid={owner}," : "")}nosuid,nodev";

    private static string BindVolume(Operation.BindVolume o)
    {
        string source = Quote(o.Slot is { } slot ? $"/proc/self/fd/{slot}{o.Source}" : o.Source);
        string target = Quote(o.Target);
        return
            $"[ -e {target} ] || if [ -d {source} ]; then mkdir -p {target}; else mkdir -p {Quote(Path.GetDirectoryName(o.Target)!)}; : >{target}; fi\n" +
            $"mount {(o.Slot is null ? "" : "--no-canonicalize ")}--rbind {source} {target}" +
            string.Concat(Enumerable.Repeat($"\numount -l {target}", o.Covers)) +
            // mount(8) before 2.39 makes only the outermost mount read-only.
            (o.ReadOnly ? $"\nfindmnt -lno TARGET -R {target} | while read -r m; do mount -o remount,bind,ro \"$m\"; done" : "");
    }

    /// <summary>The runtime directory may be missing where the script is run: a user has to cover /run to be able to make namespaces.</summary>
    private static string MakeFolder(string target) => target is "/tmp" or "/dev/shm" ? "" : $"mkdir -p {Quote(target)} && ";

    private static string Cable(
        string fabric, Interface port, MacAddress mac, Interface bridge, Interface far, MacAddress farMac, int? mtu) =>
        $"ip -n {fabric} link add name {port.Name} index {port.Index} address {mac} {Mtu(mtu)}numtxqueues 1 numrxqueues 1 " +
        $"master {bridge.Name} up type veth peer name {far.Name} index {far.Index} address {farMac} {Mtu(mtu)}numtxqueues 1 numrxqueues 1";

    private static string Mtu(int? mtu) => mtu is null ? "" : $"mtu {mtu} ";

    private static string Nft(string fabric, string text) => $"ip netns exec {fabric} nft -f - <<'NFT'\n{text}NFT";

    internal static string Quote(string path) => path.Length > 0 && path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c, StringComparison.Ordinal))
        ? path
        : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
