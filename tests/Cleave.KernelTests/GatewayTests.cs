using System.Text.Json.Nodes;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>A gateway is made and taken away on a host that is played.</summary>
public sealed class GatewayTests : KernelTest
{
    private const string Local = "nameserver 127.0.0.1\n";
    private const string Lab = "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1}\n";

    [Fact]
    public async Task After_create_and_destroy_the_host_is_as_before()
    {
        using PlayedHost host = await PlayedHost.StartAsync(NewLab(Lab, "/var/tmp"), Local);
        Assert.Contains("there is no gateway", (await host.RunAsync(CleaveCommand.Program, "gateway", "status")).Output, StringComparison.Ordinal);
        string before = await host.StateAsync();

        string printed = await host.CleaveAsync("gateway", "create", "--dry-run");
        Assert.Equal(before, await host.StateAsync());

        Assert.Equal(printed, await host.CleaveAsync("gateway", "create", "--yes"));
        Assert.NotEqual(before, await host.StateAsync());
        Assert.Contains("the gateway is there: 172.23.0.0/16", await host.CleaveAsync("gateway", "status"), StringComparison.Ordinal);

        Assert.Equal("", await host.CleaveAsync("gateway", "create", "--yes"));
        await host.CleaveAsync("gateway", "destroy", "--yes");
        Assert.Equal(before, await host.StateAsync());

        Assert.Equal("", await host.CleaveAsync("gateway", "destroy", "--yes"));
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task The_printed_scripts_pasted_do_what_the_verbs_do()
    {
        using PlayedHost host = await PlayedHost.StartAsync(NewLab(Lab, "/var/tmp"), Local);
        string before = await host.StateAsync();
        string create = await host.CleaveAsync("gateway", "create", "--dry-run");
        Assert.StartsWith("pid=$(", create, StringComparison.Ordinal);
        await host.CleaveAsync("gateway", "create", "--yes");
        string made = PlayedHost.Anonymous(await host.StateAsync());
        string destroy = await host.CleaveAsync("gateway", "destroy", "--dry-run");
        await host.CleaveAsync("gateway", "destroy", "--yes");
        Assert.Equal(before, await host.StateAsync());

        await host.ShellAsync(create);
        Assert.Equal(made, PlayedHost.Anonymous(await host.StateAsync()));
        await host.CleaveAsync("gateway", "status");
        await host.ShellAsync(destroy);
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task Rules_left_to_the_user_are_those_that_create_would_have_made()
    {
        using PlayedHost host = await PlayedHost.StartAsync(NewLab(Lab, "/var/tmp"), Local, "nft 'table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; }'");
        string before = await host.StateAsync();
        await host.CleaveAsync("gateway", "create", "--yes");
        string whole = await host.ShellAsync("nft list ruleset");
        await host.CleaveAsync("gateway", "destroy", "--yes");

        string rules = await host.ShellAsync("nft list ruleset");
        string printed = await host.CleaveAsync("gateway", "create", "--yes", "--no-firewall");
        Assert.Equal(rules, await host.ShellAsync("nft list ruleset"));
        Assert.Contains("its rules left to you", await host.CleaveAsync("gateway", "status"), StringComparison.Ordinal);
        string left = printed[printed.IndexOf("# Left to you", StringComparison.Ordinal)..];
        string script = string.Join('\n', left.Split('\n').Skip(1).TakeWhile(l => l.StartsWith("# ", StringComparison.Ordinal) && !l.StartsWith("# Note", StringComparison.Ordinal)).Select(l => l[2..]));
        await host.ShellAsync(script);
        Assert.Equal(whole, await host.ShellAsync("nft list ruleset"));

        await host.CleaveAsync("gateway", "destroy", "--yes");
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task On_a_terminal_it_asks_first()
    {
        Tool.Require("script", "bsdutils");
        using PlayedHost host = await PlayedHost.StartAsync(NewLab(Lab, "/var/tmp"), Local);
        string before = await host.StateAsync();
        Outcome no = await host.RunAsync("sh", "-c", "echo n | script -qec '\"$CLEAVE\" gateway create' /dev/null");
        Assert.Equal(1, no.Code);
        Assert.Contains("Run these commands? [y/N]", no.Output, StringComparison.Ordinal);
        Assert.Equal(before, await host.StateAsync());

        Outcome yes = await host.RunAsync("sh", "-c", "echo y | script -qec '\"$CLEAVE\" gateway create' /dev/null");
        Assert.True(yes.Code == 0, yes.ToString());
        await host.CleaveAsync("gateway", "status");
        await host.CleaveAsync("gateway", "destroy", "--yes");
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task What_is_missing_is_said_and_made_again()
    {
        using PlayedHost host = await PlayedHost.StartAsync(NewLab(Lab, "/var/tmp"), Local);
        string before = await host.StateAsync();
        await host.CleaveAsync("gateway", "create", "--yes");
        string made = PlayedHost.Anonymous(await host.StateAsync());

        await host.ShellAsync("nft flush ruleset; sysctl -qw net.ipv4.ip_forward=0; nsenter --user=$XDG_RUNTIME_DIR/cleave/gateway/user --net=$XDG_RUNTIME_DIR/cleave/gateway/net --preserve-credentials ip route del default");
        Outcome damaged = await host.RunAsync(CleaveCommand.Program, "gateway", "status", "--json");
        Assert.Equal(1, damaged.Code);
        JsonNode report = JsonNode.Parse(damaged.Output)!;
        Assert.Equal("damaged", (string?)report["state"]);
        Assert.Equal(
            ["the gateway's own link, route and rules", "forwarding (net.ipv4.ip_forward)", $"the nftables table inet {report["link"]}"],
            report["missing"]!.AsArray().Select(m => (string?)m));

        await host.CleaveAsync("gateway", "create", "--yes");
        await host.CleaveAsync("gateway", "status");
        Assert.Equal(made, PlayedHost.Anonymous(await host.StateAsync()));

        await host.ShellAsync("echo nameserver 127.0.0.2 >/etc/resolv.conf");
        Assert.Contains("missing: the way to the host's resolver 127.0.0.2\n", (await host.RunAsync(CleaveCommand.Program, "gateway", "status")).Output, StringComparison.Ordinal);
        await host.CleaveAsync("gateway", "create", "--yes");
        await host.CleaveAsync("gateway", "status");
        Assert.DoesNotContain("dnat ip to 127.0.0.1\n", await host.ShellAsync("nft list ruleset"), StringComparison.Ordinal);

        await host.ShellAsync("nft flush ruleset; sysctl -qw net.ipv4.ip_forward=0; ip link delete $(ip -br link | grep -o '^cleave[0-9]*'); umount $XDG_RUNTIME_DIR/cleave/gateway/net");
        await host.CleaveAsync("gateway", "create", "--yes");
        await host.CleaveAsync("gateway", "destroy", "--yes");
        Assert.Equal(before, await host.StateAsync());
    }
}
