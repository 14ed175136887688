using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// Gateways of ordinary users, made with a sudo that stands in for the real one: a setuid copy of setpriv(1). The users have numbers for which there are
/// no accounts.
/// </summary>
public sealed class GatewaySudoTests : KernelTest
{
    private const int First = 614_011;
    private const int Second = 614_012;
    private const UnixFileMode OpenToAll = (UnixFileMode)0x1ED;

    [Fact]
    public async Task A_user_makes_and_takes_away_a_gateway_with_sudo()
    {
        using PlayedHost host = await HostAsync();
        string before = await host.StateAsync();

        Outcome dry = await AsAsync(host, First, "create", "--dry-run");
        Assert.Equal(0, dry.Code);
        Assert.Contains("\nsudo mount --bind /proc/$pid/ns/net ", dry.Output, StringComparison.Ordinal);
        Assert.Contains("# Note: only root can see which firewall there is", dry.Output, StringComparison.Ordinal);
        Assert.Equal(before, await host.StateAsync());

        Outcome refused = await AsAsync(host, First, "create");
        Assert.Equal(2, refused.Code);
        Assert.Contains("--yes", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await host.StateAsync());

        Outcome made = await AsAsync(host, First, "create", "--yes");
        Assert.True(made.Code == 0, made.ToString());
        Assert.Contains("Commands will be run with sudo", made.Errors, StringComparison.Ordinal);
        Assert.Contains("  sudo nft -j list ruleset\n", made.Errors, StringComparison.Ordinal);
        Assert.Contains("\nsudo iptables -w -C FORWARD ", made.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sudo nsenter", made.Output, StringComparison.Ordinal);

        Outcome status = await AsAsync(host, First, "status");
        Assert.Equal(0, status.Code);
        Assert.Contains($"only root can see: the nftables table inet cleave{First}", status.Output, StringComparison.Ordinal);
        Assert.Equal($"{First}\n", await host.ShellAsync($"stat -c %u {Run(host, First)}/cleave/gateway"));

        Assert.Equal(0, (await AsAsync(host, First, "destroy", "--yes")).Code);
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task Two_users_have_a_gateway_each_and_neither_takes_the_others_away()
    {
        using PlayedHost host = await HostAsync();
        string before = await host.StateAsync();
        Assert.Equal(0, (await AsAsync(host, First, "create", "--yes")).Code);
        string one = PlayedHost.Anonymous(await host.StateAsync());
        Assert.Equal(0, (await AsAsync(host, Second, "create", "--yes")).Code);

        Assert.Contains($"172.23.0.0/16 by cleave{First}", (await AsAsync(host, First, "status")).Output, StringComparison.Ordinal);
        Assert.Contains($"172.24.0.0/16 by cleave{Second}", (await AsAsync(host, Second, "status")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await AsAsync(host, Second, "destroy", "--yes")).Code);
        Assert.Equal(one, PlayedHost.Anonymous(await host.StateAsync()));
        Assert.Equal(0, (await AsAsync(host, Second, "create", "--yes")).Code);
        Assert.Equal(0, (await AsAsync(host, First, "destroy", "--yes")).Code);
        Assert.Equal(0, (await AsAsync(host, Second, "status")).Code);
        Assert.Equal(0, (await AsAsync(host, Second, "destroy", "--yes")).Code);
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task The_script_that_a_user_pastes_makes_what_the_verb_makes()
    {
        using PlayedHost host = await HostAsync();
        string before = await host.StateAsync();
        Assert.Equal(0, (await AsAsync(host, First, "create", "--yes")).Code);
        string made = PlayedHost.Anonymous(await host.StateAsync());
        Assert.Equal(0, (await AsAsync(host, First, "destroy", "--yes")).Code);

        string script = (await AsAsync(host, First, "create", "--dry-run")).Output;
        Outcome pasted = await host.RunAsync([.. Become(host, First), "sh", "-c", script]);
        Assert.True(pasted.Code == 0, pasted.ToString());
        Assert.Equal(made, PlayedHost.Anonymous(await host.StateAsync()));
        Assert.Equal(0, (await AsAsync(host, First, "destroy", "--yes")).Code);
        Assert.Equal(before, await host.StateAsync());
    }

    [Fact]
    public async Task Without_sudo_a_user_is_told_so_and_nothing_is_made()
    {
        using PlayedHost host = await HostAsync();
        string before = await host.StateAsync();
        await host.ShellAsync($"rm {host.Folder}/bin/sudo");
        Outcome outcome = await AsAsync(host, First, "create", "--yes");
        Assert.Equal(4, outcome.Code);
        Assert.Contains("there is no sudo", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await host.StateAsync());
    }

    private async Task<PlayedHost> HostAsync()
    {
        Assert.SkipUnless(Posix.IsRoot, "needs root, for the setuid program that stands in for sudo");
        Tool.Require("iptables", "iptables");
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1}\n", "/var/tmp");
        File.SetUnixFileMode(cleave.Folder, OpenToAll);
        PlayedHost host = await PlayedHost.StartAsync(cleave, "nameserver 127.0.0.1\n", "iptables -P FORWARD DROP\niptables -P INPUT DROP\n");
        string bin = $"{host.Folder}/bin";
        await host.ShellAsync(
            $$"""
            {{StandInSudo.Install(bin)}}
            for u in {{First}} {{Second}}; do mkdir -m 700 {{host.Folder}}/$u; chown $u:$u {{host.Folder}}/$u; done
            """);
        return host;
    }

    private static string Run(PlayedHost host, int user) => string.Create(CultureInfo.InvariantCulture, $"{host.Folder}/{user}");

    private static string[] Become(PlayedHost host, int user) =>
    [
        "setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--inh-caps=-all", "env", $"XDG_RUNTIME_DIR={Run(host, user)}", $"HOME={Run(host, user)}",
        $"PATH={host.Folder}/bin:{Environment.GetEnvironmentVariable("PATH")}",
    ];

    private static Task<Outcome> AsAsync(PlayedHost host, int user, params string[] verb) =>
        host.RunAsync([.. Become(host, user), CleaveCommand.Program, "gateway", .. verb]);
}
