using System.Net;
using System.Net.Sockets;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// What a node cannot reach: its lab's control socket, the fabric, the host, another lab. Not as a sandbox, see SECURITY.md: so that no program of a
/// test does it by accident. Each line that must fail in the node succeeds where it may, or it would show nothing.
/// </summary>
public sealed class NodeReachTests : KernelTest
{
    private const string TwoNodes = "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 6142}, b: {ip: 172.23.0.2}}}";

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/var/tmp")] // not below what is the node's own anyway
    public async Task The_control_socket_of_no_lab_is_in_a_nodes_sight(string below)
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        string runtime = Path.Combine(NewFolder("cleave-test-run-", below), "run");
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        string another = (await cleave.OkAsync("up", "-d")).Trim();
        foreach (string id in (string[])[lab, another])
        {
            string socket = $"{runtime}/cleave/{id}/control";
            await OnlyInTheFabricAsync(cleave, lab, $"test -e {socket}");
            await OnlyInTheFabricAsync(cleave, lab, $"test -e /proc/1/root{socket}");
            await OnlyInTheFabricAsync(cleave, lab, $"{Tool.Python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{socket}\")'");
            await OnlyInTheFabricAsync(cleave, lab, $"\"$CLEAVE\" status --lab {id}");
            await OnlyInTheFabricAsync(cleave, lab, $"find {runtime} -name {id} | grep .");
        }

        await cleave.OkAsync("down", "--all");
    }

    [Fact]
    public async Task Neither_the_processes_nor_the_namespaces_of_fabric_lab_host_and_other_nodes_are_in_sight()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        await OnlyInTheFabricAsync(cleave, lab, "grep -qs lab[-]host /proc/[0-9]*/cmdline");
        await OnlyInTheFabricAsync(cleave, lab, "[ $(readlink /proc/[0-9]*/ns/net | sort -u | wc -l) -gt 1 ]");
        await OnlyInTheFabricAsync(cleave, lab, "nsenter --target 1 --net ip link show br1");
        await OnlyInTheFabricAsync(cleave, lab, "ip link show p1");
        await OnlyInTheFabricAsync(cleave, lab, "ip link set p1 alias seen");
        await OnlyInTheFabricAsync(cleave, lab, "test -e /sys/class/net/br1");
        await OnlyInTheFabricAsync(cleave, lab, "nft list table bridge cleave");

        // Of its own PID 1 it may end what it likes; that of another node it cannot name.
        Assert.Equal("own", await cleave.InAsync("b", "pgrep -f 'sleep 614[2]' || echo own"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task What_a_node_does_to_its_own_network_does_not_open_a_cut()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("isolate", "a");
        await cleave.InAsync("a", "nft add table inet mine && nft flush ruleset && nft list ruleset");
        await cleave.InAsync("a", "ip link set eth0 down; ip link set eth0 address 02:11:22:33:44:55 up; ip addr add 172.23.0.77/24 dev eth0; ip neigh flush all");
        await cleave.InAsync("a", "! ping -c 2 -i 0.2 -W 1 172.23.0.2 && ! ping -c 2 -i 0.2 -W 1 -I 172.23.0.77 172.23.0.2");
        await cleave.InAsync("a", "! ip link set eth0 netns 1 2>/dev/null || ip link show eth0");
        Assert.Contains("a  ", await cleave.OkAsync("status"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_hosts_loopback_and_its_other_addresses_are_not_reached()
    {
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string[] addresses = [.. Dns.GetHostAddresses(Dns.GetHostName()).Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Select(a => a.ToString()).Distinct()];
        CleaveCommand cleave = NewLab(TwoNodes);
        await cleave.OkAsync("up", "-d");
        foreach (string address in addresses)
        {
            string connect = $"{Tool.Python} -c 'import socket; socket.create_connection((\"{address}\", {port}), 2)'";
            if (address != "::1" || Socket.OSSupportsIPv6)
            {
                Outcome here = await cleave.ShellAsync(connect);
                Assert.SkipUnless(here.Code == 0 || address.Contains(':', StringComparison.Ordinal), $"the host itself does not reach {address}");
            }

            foreach (string place in (string[])["a", "fabric"])
            {
                Outcome there = await cleave.RunAsync("exec", place, "--", "sh", "-c", connect);
                Assert.True(there.Code != 0 && there.Errors.Contains("Error", StringComparison.Ordinal), $"{place} to {address}: {there}");
            }
        }

        // Abstract Unix sockets belong to a network namespace, too.
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string name = $"cleave-test-{Guid.NewGuid():N}";
        unix.Bind(new UnixDomainSocketEndPoint("\0" + name));
        unix.Listen();
        string ask = $"{Tool.Python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + \"{name}\")'";
        Assert.Equal(0, (await cleave.ShellAsync(ask)).Code);
        Assert.Contains("ConnectionRefusedError", (await cleave.RunAsync("exec", "a", "--", "sh", "-c", ask)).Errors, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Another_lab_is_not_reached_though_it_has_the_same_addresses()
    {
        CleaveCommand one = NewLab(TwoNodes);
        CleaveCommand two = NewLab(
            $"{{cleave: 1, nodes: {{a: {{ip: 172.23.0.1}}, c: {{ip: 172.23.0.3, run: '{Tool.Python} -m http.server 8000', ready: {{tcp: 8000}}}}}}}}");
        await one.OkAsync("up", "-d");
        await two.OkAsync("up", "-d");
        string connect = $"{Tool.Python} -c 'import socket; socket.create_connection((\"172.23.0.3\", 8000), 2)'";
        Assert.Equal(0, (await two.RunAsync("exec", "a", "--", "sh", "-c", connect)).Code);
        Outcome across = await one.RunAsync("exec", "a", "--", "sh", "-c", connect);
        Assert.True(across.Code != 0 && across.Errors.Contains("Error", StringComparison.Ordinal), across.ToString());
        Assert.NotEqual(0, (await one.RunAsync("exec", "fabric", "--", "sh", "-c", connect)).Code);
        Assert.Equal(0, (await two.RunAsync("exec", "fabric", "--", "pgrep", "-f", "http.server 8000")).Code);
        Assert.Equal(1, (await one.RunAsync("exec", "fabric", "--", "pgrep", "-f", "http.server 8000")).Code);

        // Cut in one of them, they are not in the other.
        await one.OkAsync("isolate", "a");
        Assert.Equal(0, (await two.RunAsync("exec", "a", "--", "sh", "-c", connect)).Code);
        await one.OkAsync("down");
        await two.OkAsync("down");
    }

    private static async Task OnlyInTheFabricAsync(CleaveCommand cleave, string lab, string line)
    {
        Outcome fabric = await cleave.RunAsync("exec", "--lab", lab, "fabric", "--", "sh", "-c", line);
        Assert.True(fabric.Code == 0, $"in the fabric: {line}: {fabric}");
        Outcome node = await cleave.RunAsync("exec", "--lab", lab, "a", "--", "sh", "-c", line);
        Assert.True(node.Code != 0, $"in the node: {line}: {node}");
    }
}
