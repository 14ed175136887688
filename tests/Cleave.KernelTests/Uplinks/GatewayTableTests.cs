using System.Text.Json.Nodes;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Uplinks;

/// <summary>
/// The privileged gateway on hosts of every kind: resolver by firewall by family. In each cell a node fetches a page by its name, and fails to reach what it
/// must not. docs/gateway.md has the table. With CLEAVE_GATEWAY_CELLS=1 every cell is tried; otherwise, behind firewalls, one of each kind.
/// </summary>
public sealed class GatewayTableTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        gateway: privileged
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"]}
        """;

    // The host's own resolvers, which ask that of the internet; the host forwards nothing, and has a place for what systemd-resolved would write.
    private const string Resolvers =
        $"""
        mount -t tmpfs run /run
        mkdir -p /run/systemd/resolve
        sysctl -qw net.ipv4.ip_forward=0
        for a in 127.0.0.1 127.0.0.53 ::1; do
            dnsmasq -C /dev/null --no-daemon --listen-address $a --bind-interfaces --no-resolv --no-hosts --server {PlayedInternet.Resolver} >/dev/null 2>&1 & all="$all $!"
        done
        while ip addr | grep -q tentative; do sleep 0.05; done
        until dig +short +time=1 +tries=1 @::1 four.example >/dev/null && dig +short +time=1 +tries=1 @127.0.0.53 four.example >/dev/null; do sleep 0.05; done
        """;

    private const string GatewaysAddress = "172.23.255.1";

    // resolv.conf, what systemd-resolved writes, and whom a lab then asks.
    private static readonly (string Name, string ResolvConf, string Behind, string[] Asked)[] Kinds =
    [
        ("on 127.0.0.1", "nameserver 127.0.0.1\n", "", [GatewaysAddress]),
        ("on 127.0.0.53", "nameserver 127.0.0.53\noptions edns0 trust-ad\n", "", [GatewaysAddress]),
        ("systemd-resolved", "nameserver 127.0.0.53\n", $"nameserver {PlayedInternet.Resolver}\n", [PlayedInternet.Resolver]),
        ("on ::1", "nameserver ::1\n", "", [GatewaysAddress]),
        ("on the LAN", $"nameserver {PlayedInternet.Resolver}\n", "", [PlayedInternet.Resolver]),
        ("on the LAN, IPv6", $"nameserver {PlayedInternet.Resolver6}\n", "", [PlayedInternet.Resolver6]),
        ("two", $"nameserver 127.0.0.1\nnameserver {PlayedInternet.Resolver}\n", "", [GatewaysAddress, PlayedInternet.Resolver]),
        ("none", "search example\n", "", []),
    ];

    private static readonly (string Name, string Rules)[] Firewalls =
    [
        ("none", ""),
        ("nftables",
            """
            nft 'table inet filter {
                chain input { type filter hook input priority 0; policy drop; ct state established,related accept; iif lo accept; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; }
                chain forward { type filter hook forward priority 0; policy drop; ct state established accept; }
            }'
            """),
        ("iptables", Iptables("")),
        ("iptables-legacy", Iptables("-legacy")),
    ];

    // What a firewall can be in the way of: the way to the host, the way through it, and that of IPv6.
    private static readonly string[] Usual = ["on 127.0.0.1", "on the LAN", "on the LAN, IPv6"];

    public static TheoryData<string> FirewallNames() => [.. Firewalls.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(FirewallNames))]
    public async Task A_node_fetches_a_page_by_its_name_and_reaches_nothing_of_the_host(string firewall)
    {
        Tool.Require("curl", "curl");
        Tool.Require("dig", "bind9-dnsutils");
        Tool.Require("dnsmasq", "dnsmasq-base");
        Tool.Require(firewall.StartsWith("iptables", StringComparison.Ordinal) ? firewall : "nft", firewall.StartsWith("iptables", StringComparison.Ordinal) ? "iptables" : "nftables");
        Assert.SkipUnless(firewall != "iptables-legacy" || Posix.IsRoot, "needs root: a user namespace may not read /proc/net/ip_tables_names");
        string folder = NewFolder("cleave-test-host-", "/var/tmp");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        using PlayedInternet host = await PlayedInternet.MakeAsync(folder, more: Resolvers + "\n" + Firewalls.Single(f => f.Name == firewall).Rules);
        host.Run(cleave);
        string before = await StateAsync(host, cleave);
        bool all = firewall == "none" || Setting("CLEAVE_GATEWAY_CELLS", 0) > 0;
        foreach ((string name, string resolvConf, string behind, string[] asked) in Kinds.Where(k => all || Usual.Contains(k.Name)))
        {
            File.WriteAllText(Path.Combine(folder, "resolv.conf"), resolvConf);
            await host.ShellAsync(cleave, $"printf '{behind.Replace("\n", "\\n", StringComparison.Ordinal)}' >/run/systemd/resolve/resolv.conf");
            string cell = $"resolver {name}, firewall {firewall}";
            await cleave.OkAsync("gateway", "create", "--yes");
            await cleave.OkAsync("up", "-d");

            JsonNode uplink = JsonNode.Parse(await cleave.OkAsync("status", "--json"))!["uplink"]!;
            Assert.Equal(("privileged", "the gateway"), ((string?)uplink["gateway"], (string?)uplink["by"]));
            Assert.True(asked.SequenceEqual(uplink["resolvers"]!.AsArray().Select(r => (string)r!)), $"{cell}: {uplink}");
            Outcome seen = await cleave.RunAsync("exec", "a", "--", "sh", "-c", (asked.Length > 0 ? Fetch : FetchByAddress) + Reach);
            Assert.True(seen.Code == 0 && seen.Output == $"{PlayedInternet.Page}\n{PlayedInternet.Page}\n", $"{cell}: {seen}");
            await cleave.OkAsync("down");
            await cleave.OkAsync("gateway", "destroy", "--yes");
            Assert.Equal(before, await StateAsync(host, cleave));
        }
    }

    /// <summary>A shell line that asks for the page's name as programs do, also by TCP, and fetches the page, by both families.</summary>
    private static string Fetch => string.Concat(((string[])["-4 A", "-6 AAAA"]).Select(f => f.Split(' ')).Select(f =>
        $"curl -sS {f[0]} --max-time 10 http://www.example/ || echo 'no page: {f[0]}'; [ \"$(dig +short +tcp +time=5 +tries=1 www.example {f[1]})\" ] || echo 'no answer by TCP: {f[1]}'\n"));

    /// <summary>Where nobody is asked: the name leads nowhere, the address does.</summary>
    private static string FetchByAddress =>
        $"curl -s --max-time 10 http://www.example/ && echo 'who has been asked?'; curl -sS --max-time 5 http://{PlayedInternet.Web}/; curl -sS --max-time 5 'http://[{PlayedInternet.Web6}]/'\n";

    /// <summary>A shell line that tries to reach the secret on the host's loopback, and what the host has open for its neighbours.</summary>
    private static string Reach => string.Concat(
        from address in (string[])["127.0.0.1", "0.0.0.0", GatewaysAddress, "172.23.255.2", PlayedInternet.Host, "[::1]", $"[{PlayedInternet.Host6}]", "[fd63:6c65:6176:ac17::ff01]"]
        from port in (int[])[PlayedInternet.SecretPort, PlayedInternet.OpenPort]
        select $"{{ curl -s --max-time 1 http://{address}:{port}/ && echo ' by {address}:{port}'; }} & ") + "wait";

    private static Task<string> StateAsync(PlayedInternet host, CleaveCommand cleave) => host.ShellAsync(cleave, PlayedHost.ShowState);

    /// <summary>A host that Docker forwards for, and which lets nothing in but what it has asked for.</summary>
    private static string Iptables(string kind) => string.Concat(((string[])["iptables", "ip6tables"]).Select(p => p + kind).Select(p =>
        $"""
        {p} -N DOCKER
        {p} -A FORWARD -o docker0 -j DOCKER
        {p} -P FORWARD DROP
        {p} -A INPUT -i lo -j ACCEPT
        {p} -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        {(p.StartsWith("ip6", StringComparison.Ordinal) ? $"{p} -A INPUT -p icmpv6 -j ACCEPT" : "")}
        {p} -P INPUT DROP

        """));
}
