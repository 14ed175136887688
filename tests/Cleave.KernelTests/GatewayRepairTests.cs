using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Whatever happens while a gateway is made or taken away, the next create or destroy repairs it.</summary>
public sealed class GatewayRepairTests : KernelTest
{
    private const string Resolver = "nameserver 127.0.0.1\n";

    // In place of sh: before the command number $GAP of cleave's is run, cleave is killed, as by a crash or a lost terminal.
    private const string Killer =
        """
        #!/bin/sh
        if [ "$(readlink "/proc/$PPID/exe")" = "$(readlink -f "$CLEAVE")" ]; then
            echo >>"$COUNT"
            if [ "$(wc -l <"$COUNT")" = "$GAP" ]; then kill -9 $PPID; exit 1; fi
        fi
        exec /bin/sh "$@"
        """;

    // As Docker leaves a host, with a firewall in nftables besides: every kind of step is there.
    private const string Firewalls =
        """
        nft 'table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; chain input { type filter hook input priority 0; policy drop; iif lo accept; }; }'
        iptables -P FORWARD DROP
        iptables -A FORWARD -i docker0 -j ACCEPT
        """;

    [Fact]
    public async Task Create_killed_in_any_gap_is_repaired_by_destroy_and_by_create()
    {
        (PlayedHost host, string path) = await HostAsync();
        using (host)
        {
            string before = await host.StateAsync();
            string whole = await WholeAsync(host);
            int gaps = 0;
            for (bool killed = true; killed; gaps += killed ? 1 : 0)
            {
                killed = await KilledAsync(host, path, "create", gaps + 1);
                await host.CleaveAsync("gateway", "destroy", "--yes");
                Assert.Equal(before, await host.StateAsync());

                Assert.Equal(killed, await KilledAsync(host, path, "create", gaps + 1));
                await host.CleaveAsync("gateway", "create", "--yes");
                await host.CleaveAsync("gateway", "status");
                Assert.Equal(whole, PlayedHost.Anonymous(await host.StateAsync()));
                await host.CleaveAsync("gateway", "destroy", "--yes");
                Assert.Equal(before, await host.StateAsync());
            }

            Assert.True(gaps >= 15, $"only {gaps} gaps");
        }
    }

    [Fact]
    public async Task Destroy_killed_in_any_gap_is_repaired_by_destroy_and_by_create()
    {
        (PlayedHost host, string path) = await HostAsync();
        using (host)
        {
            string before = await host.StateAsync();
            string whole = await WholeAsync(host);
            int gaps = 0;
            for (bool killed = true; killed; gaps += killed ? 1 : 0)
            {
                await host.CleaveAsync("gateway", "create", "--yes");
                killed = await KilledAsync(host, path, "destroy", gaps + 1);
                await host.CleaveAsync("gateway", "create", "--yes");
                Assert.Equal(whole, PlayedHost.Anonymous(await host.StateAsync()));

                Assert.Equal(killed, await KilledAsync(host, path, "destroy", gaps + 1));
                await host.CleaveAsync("gateway", "destroy", "--yes");
                Assert.Equal(before, await host.StateAsync());
            }

            Assert.True(gaps >= 8, $"only {gaps} gaps");
        }
    }

    [Fact]
    public async Task A_step_that_fails_undoes_what_was_made()
    {
        (PlayedHost host, string path) = await HostAsync();
        using (host)
        {
            string before = await host.StateAsync();
            foreach (string broken in (string[])["mount", "ip", "nsenter", "sysctl", "nft", "iptables"])
            {
                // What only looks works.
                string script = $"#!/bin/sh\ncase \"$*\" in *save*|*list*|-j*) PATH=${{PATH#*:}}; exec {broken} \"$@\";; esac\necho broken on purpose >&2; exit 7\n";
                await host.ShellAsync($"rm -f '{path}'/*; cat >'{path}/{broken}' <<'X'\n{script}X\nchmod +x '{path}/{broken}'");

                Outcome outcome = await host.RunAsync("env", $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}", CleaveCommand.Program, "gateway", "create", "--yes");
                Assert.Equal(4, outcome.Code);
                Assert.Contains("this failed with exit code ", outcome.Errors, StringComparison.Ordinal);
                Assert.Contains("what had been made was undone", outcome.Errors, StringComparison.Ordinal);
                await host.ShellAsync($"rm -f '{path}'/*");
                if (broken is not ("ip" or "nft" or "sysctl" or "iptables"))
                {
                    Assert.Equal(before, await host.StateAsync());
                }
                else
                {
                    // What would undo it is broken, too; whole again it does.
                    await host.CleaveAsync("gateway", "destroy", "--yes");
                    Assert.Equal(before, await host.StateAsync());
                }
            }
        }
    }

    [Fact]
    public async Task After_a_boot_and_after_somebody_has_flushed_all_rules_destroy_and_create_go_on()
    {
        (PlayedHost host, _) = await HostAsync();
        using (host)
        {
            string before = await host.StateAsync();
            await host.CleaveAsync("gateway", "create", "--yes");

            // Mounts, link and settings gone with the kernel; the folder still there.
            await host.ShellAsync(
                "umount $XDG_RUNTIME_DIR/cleave/gateway/user $XDG_RUNTIME_DIR/cleave/gateway/net; ip link delete $(ip -br link | grep -o '^cleave[0-9]*'); sysctl -qw net.ipv4.ip_forward=0;"
                + $"nft flush ruleset; {Firewalls}");
            Outcome status = await host.RunAsync(CleaveCommand.Program, "gateway", "status");
            Assert.Equal(1, status.Code);
            Assert.Contains("damaged", status.Output, StringComparison.Ordinal);
            Assert.StartsWith("rm -rf ", await host.CleaveAsync("gateway", "destroy", "--yes"), StringComparison.Ordinal);
            Assert.Equal(PlayedHost.Anonymous(before), PlayedHost.Anonymous(await host.StateAsync()));

            await host.CleaveAsync("gateway", "create", "--yes");
            await host.ShellAsync("nft flush ruleset");
            await host.CleaveAsync("gateway", "destroy", "--yes");
            await host.ShellAsync(Firewalls);
            Assert.Equal(PlayedHost.Anonymous(before), PlayedHost.Anonymous(await host.StateAsync()));
        }
    }

    [Fact]
    public async Task Two_commands_at_once_do_not_meet()
    {
        (PlayedHost host, _) = await HostAsync();
        using (host)
        {
            string before = await host.StateAsync();
            await host.ShellAsync("mkdir -p -m 700 $XDG_RUNTIME_DIR/cleave");
            Outcome outcome = await host.RunAsync("sh", "-c", "exec flock $XDG_RUNTIME_DIR/cleave \"$CLEAVE\" gateway create --yes");
            Assert.Equal(1, outcome.Code);
            Assert.Contains("another cleave gateway create or destroy of yours is at work", outcome.Errors, StringComparison.Ordinal);
            Assert.Equal(before, await host.StateAsync());

            Outcome[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.RunAsync(CleaveCommand.Program, "gateway", "create", "--yes")));
            Assert.Contains(all, o => o.Code == 0);
            await host.CleaveAsync("gateway", "status");
            await host.CleaveAsync("gateway", "destroy", "--yes");
            Assert.Equal(before, await host.StateAsync());
        }
    }

    /// <summary>A host, and the path of a folder for programs that stand in for others.</summary>
    private async Task<(PlayedHost Host, string Path)> HostAsync()
    {
        Tool.Require("iptables", "iptables");
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1}\n", "/var/tmp");
        string path = Path.Combine(cleave.Folder, "bin");
        Directory.CreateDirectory(path);
        return (await PlayedHost.StartAsync(cleave, Resolver, Firewalls), path);
    }

    private static async Task<string> WholeAsync(PlayedHost host)
    {
        await host.CleaveAsync("gateway", "create", "--yes");
        string whole = PlayedHost.Anonymous(await host.StateAsync());
        await host.CleaveAsync("gateway", "destroy", "--yes");
        return whole;
    }

    /// <summary>Runs the verb and kills it before a command of its; false if it has fewer.</summary>
    private static async Task<bool> KilledAsync(PlayedHost host, string path, string verb, int gap)
    {
        string count = Path.Combine(path, "count");
        File.WriteAllText(Path.Combine(path, "sh"), Killer + "\n");
        File.SetUnixFileMode(Path.Combine(path, "sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(count);
        Outcome outcome = await host.RunAsync(
            "env", $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}", $"COUNT={count}", $"GAP={gap}", CleaveCommand.Program, "gateway", verb, "--yes");
        Assert.True(outcome.Code is 0 or 137, outcome.ToString());
        return outcome.Code == 137;
    }
}
