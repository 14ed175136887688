using System.Collections.Immutable;

namespace Cleave.Doctor;

/// <summary>Links, tables and queues of the kernel, as a user sees them in a namespace of his own.</summary>
internal static class NetworkChecks
{
    private const string NoLab = "no lab can run";

    public static ImmutableArray<Check> All { get; } =
    [
        Needed("bridge", "bridge", "a network", Trial.Bridge, "bridge", "CONFIG_BRIDGE"),
        Needed("veth", "veth", "the cable from a node to its network", Trial.Veth, "veth", "CONFIG_VETH"),
        Needed("static-port", "static bridge ports", "ports that learn nothing and get no unknown unicast", Trial.StaticPort, "bridge", "Linux 4.0 or later"),
        Needed("nf-tables", "nf_tables", "cuts", Trial.Tables, "nf_tables", "CONFIG_NF_TABLES"),
        Needed("nf-tables-bridge", "nf_tables, family bridge", "cuts between nodes of one network", Trial.BridgeTables, "nf_tables", "CONFIG_NF_TABLES_BRIDGE"),
        Needed("cut", "the rules of a cut", "one transaction for all that is cut: sets, maps, counters", Trial.Cut, "nft_counter", "CONFIG_NF_TABLES"),
        new("answers", Area.Network, "answers at ports", "cuts that tell the sender: mode reject, mode reset", (f, _) => Optional(
            f, Trial.Answers, "such cuts are refused; silent ones need none of it", Remedies.Module(f, "nft_reject_netdev", "CONFIG_NFT_REJECT_NETDEV, of Linux 5.11 and later"))),
        new("icmp", Area.Network, "raw ICMP sockets", "cleave check, and expect with icmp", (f, _) => Optional(
            f, Trial.RawIcmp, "cleave check cannot probe, and ping fails in nodes", "see what forbids it: a security module, or a container's seccomp filter")),
        new("ipv6", Area.Network, "IPv6", "nodes with IPv6 addresses", (f, _) => Optional(
            f, Trial.IPv6, "nodes cannot have IPv6 addresses", "a kernel with CONFIG_IPV6, started without ipv6.disable=1")),
        new("netem", Area.Network, "netem", "delay, jitter, loss, duplication and reordering of packets by the kernel; no verb of this version uses it", Netem),
        new("rates", Area.Network, "HTB and TBF", "limits of rates by the kernel; no verb of this version uses them", Rates),
        new("vxlan", Area.Network, "vxlan", "overlay networks that programs make in nodes; Cleave itself needs none", (f, _) => Optional(
            f, Trial.Vxlan, "programs that build overlays on it fail in nodes", Remedies.Module(f, "vxlan", "CONFIG_VXLAN"))),
        new("tun", Area.Network, "/dev/net/tun", "the way out with gateway: user, and TUN and TAP devices that programs make in nodes", Tun),
    ];

    private static Check Needed(string id, string name, string purpose, Trial trial, string module, string option) =>
        new(id, Area.Network, name, purpose, (f, _) => f.Of(trial) switch
        {
            null => Verdict.Untried(f.Of(Trial.NetworkNamespace) is { Worked: true } ? "needs what is missing above" : "needs a network namespace"),
            { Worked: true } => Verdict.Ok("works"),
            { } failed => Verdict.Missing($"refused: {failed.Said}", NoLab, Remedies.Module(f, module, option)),
        });

    private static Verdict Optional(Findings f, Trial trial, string cost, params ImmutableArray<string> remedy) => f.Of(trial) switch
    {
        null => Verdict.Untried("needs a network namespace"),
        { Worked: true } => Verdict.Ok("works"),
        { } failed => Verdict.Limited($"refused: {failed.Said}", cost, remedy),
    };

    private static Verdict Netem(Findings f, Needs needs)
    {
        string instead = f.Of(Trial.Htb) is { Worked: true } || f.Of(Trial.Tbf) is { Worked: true }
            ? "rates can still be limited, and loss can be had from nf_tables' numgen"
            : "loss can still be had from nf_tables' numgen";
        return Optional(
            f, Trial.Netem, $"tc qdisc … netem fails in nodes and in the fabric; {instead}; cuts need none of it",
            Remedies.Module(f, "sch_netem", "CONFIG_NET_SCH_NETEM"));
    }

    private static Verdict Rates(Findings f, Needs needs) => Optional(
        f,
        f.Of(Trial.Htb) is { Worked: true } ? Trial.Tbf : Trial.Htb,
        "tc qdisc … htb or tbf fails in nodes and in the fabric",
        Remedies.Module(f, "sch_htb sch_tbf", "CONFIG_NET_SCH_HTB and CONFIG_NET_SCH_TBF"));

    private static Verdict Tun(Findings f, Needs needs)
    {
        return Optional(
            f, Trial.Tap, "gateway: user does not work, and programs that make TUN or TAP devices (VPNs, for instance) fail in nodes",
            Remedies.Tun(f.Of(Trial.Tap)?.Error, f.Container));
    }
}
