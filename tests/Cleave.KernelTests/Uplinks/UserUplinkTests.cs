using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Uplinks;

/// <summary>The way out as the user who starts the lab: what is reached by it and what is not, and how it ends.</summary>
public sealed class UserUplinkTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        gateway: user
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
          wan: {subnet: 10.9.8.0/24}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"]}
          b: {ip: [172.23.0.2, 10.9.8.2]}
          w: {ip: 10.9.8.3}
        """;

    // A page by IPv4, in at most 5 s.
    private const string Fetch = $"curl -sS --max-time 5 http://{PlayedInternet.Web}/";

    private const string LeaveTunToOthers =
        """
        cp -a /dev/net/tun tun
        chmod 0666 tun
        mount --bind tun /dev/net/tun
        """;

    public enum Starter
    {
        /// <summary>Whoever runs the test.</summary>
        Self,

        /// <summary>The same, root being that one, and every user may open the TUN device.</summary>
        SelfWithOpenTun,

        /// <summary>An ordinary user.</summary>
        User,
    }

    [Theory]
    [InlineData(Starter.Self)]
    [InlineData(Starter.SelfWithOpenTun)]
    [InlineData(Starter.User)]
    public async Task Nodes_reach_the_internet_and_neither_the_hosts_loopback_nor_each_others_networks(Starter starter)
    {
        Tool.Require("curl", "curl");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, starter);
        using (host)
        {
            Outcome up = await cleave.RunAsync("up", "-d");
            Assert.True(up.Code == 0, $"{up}");
            Assert.Contains("internet by pasta", up.Errors, StringComparison.Ordinal);
            Assert.Contains("internet by pasta", await cleave.OkAsync("ps"), StringComparison.Ordinal);
            Assert.Contains("internet by pasta", await cleave.OkAsync("status"), StringComparison.Ordinal);
            Assert.Contains("\"uplink\":{\"gateway\":\"user\",\"by\":\"pasta\"", await cleave.OkAsync("status", "--json"), StringComparison.Ordinal);
            foreach (string node in (string[])["a", "b", "w"])
            {
                Assert.Equal(PlayedInternet.Page, await cleave.InAsync(node, Fetch));
            }

            Assert.Equal(PlayedInternet.Page, await cleave.InAsync("a", $"curl -sS --max-time 5 'http://[{PlayedInternet.Web6}]/'"));
            Assert.Equal("the host", await cleave.InAsync("a", $"curl -sS --max-time 5 http://{PlayedInternet.Host}:{PlayedInternet.OpenPort}/"));

            // The secret is there, and on no way to it: the host's address, the link's, the fabric's.
            Assert.Equal("a secret", await host.ShellAsync(cleave, $"curl -sS http://127.0.0.1:{PlayedInternet.SecretPort}/"));
            string[] ways = [PlayedInternet.Host, "169.254.23.2", "169.254.23.3", "172.23.0.254", "127.0.0.1", $"[{PlayedInternet.Host6}]", "[fdc1:ea7e:17::2]", "[::1]", "0.0.0.0"];
            await Task.WhenAll(ways.Select(async way =>
            {
                Outcome tried = await cleave.RunAsync("exec", "a", "--", "curl", "-sS", "--max-time", "1", $"http://{way}:{PlayedInternet.SecretPort}/");
                Assert.True(tried.Code != 0, $"{way}: {tried}");
            }));

            // b is on both networks and no router; a and w share none.
            Outcome between = await cleave.RunAsync("exec", "w", "--", "ping", "-c1", "-W1", "172.23.0.1");
            Assert.True(between.Code != 0, $"{between}");
            await cleave.OkAsync("check");
            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task A_sealed_lab_reaches_nothing_and_gateway_none_seals_one()
    {
        Tool.Require("curl", "curl");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, Starter.Self);
        using (host)
        {
            await cleave.OkAsync("up", "-d", "--gateway", "none");
            Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "--", "sh", "-c", Fetch)).Code);
            Assert.Equal("", await cleave.InAsync("a", "ip route show default; ip -6 route show default"));
            Assert.DoesNotContain("internet", await cleave.OkAsync("ps"), StringComparison.Ordinal);
            await cleave.OkAsync("down");
        }
    }

    [Theory]
    [InlineData("cleave")]
    [InlineData("lab-host")]
    [InlineData("unshare")]
    public async Task It_ends_with_the_lab_whatever_is_killed(string victim)
    {
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, Starter.Self);
        using (host)
        using (CleaveCommand.Background up = cleave.StartInBackground("up"))
        {
            await up.SeesAsync("internet by pasta");
            await cleave.OkAsync("exec", "a", "--", "true");
            Assert.Single(MachineState.MarkedProcesses(Runtime), IsPasta);
            int pid = victim switch
            {
                "lab-host" => MachineState.LabHost(Runtime),
                "unshare" => Number(MachineState.MarkedProcesses(Runtime).First(p => p.Contains(": unshare --user", StringComparison.Ordinal))),
                _ => Number(MachineState.MarkedProcesses(Runtime).First(p => p.Contains($"/{CleaveCommand.Name} up", StringComparison.Ordinal))),
            };
            Assert.Equal(0, Posix.Kill(pid, Posix.SIGKILL));
            await Wait.UntilAsync(() => !MachineState.MarkedProcesses(Runtime).Any(IsPasta), () => "pasta still runs");
        }
    }

    [Fact]
    public async Task Its_own_end_is_said_and_the_lab_runs_on()
    {
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, Starter.Self);
        using (host)
        using (CleaveCommand.Background up = cleave.StartInBackground("up"))
        {
            await up.SeesAsync("internet by pasta");
            await cleave.OkAsync("exec", "a", "--", "true");
            Assert.Equal(0, Posix.Kill(Number(MachineState.MarkedProcesses(Runtime).Single(IsPasta)), Posix.SIGKILL));
            await up.SeesAsync("the internet is out of reach from now on: pasta has ended with signal 9");
            Assert.Contains("internet by pasta, out of reach: pasta has ended with signal 9", await cleave.OkAsync("ps"), StringComparison.Ordinal);
            Assert.Contains("\"trouble\":\"pasta has ended with signal 9", await cleave.OkAsync("status", "--json"), StringComparison.Ordinal);
            await cleave.OkAsync("exec", "a", "--", "ping", "-c1", "-W2", "172.23.0.2");
            await cleave.OkAsync("down");
            await up.EndsAsync();
        }
    }

    [Fact]
    public async Task What_is_missing_is_said_with_its_remedy_before_anything_is_made()
    {
        CleaveCommand sealedOff = NewLab(Lab, "/var/tmp");
        using (PlayedInternet host = await PlayedInternet.MakeAsync(NewFolder("cleave-test-host-", "/var/tmp"), more: "ip route del default; ip -6 route del default"))
        {
            host.Run(sealedOff);
            await RefusedAsync(sealedOff, "has none for IPv4 or IPv6 (see ip route, ip -6 route)");
            sealedOff.Environment["PATH"] = PathWithout("pasta", "slirp4netns");
            await RefusedAsync(sealedOff, "gateway: user needs pasta, or slirp4netns, and neither is on the PATH", "sudo apt install passt");
            sealedOff.Environment["PATH"] = PathWithout("nsenter");
            await RefusedAsync(sealedOff, "gateway: user needs nsenter, which is not on the PATH");
        }

        using (PlayedInternet host = await PlayedInternet.MakeAsync(NewFolder("cleave-test-host-", "/var/tmp"), more: "mkdir none; mount --bind none /dev/net"))
        {
            CleaveCommand cleave = host.Run(NewLab(Lab, "/var/tmp"));
            await RefusedAsync(cleave, "gateway: user needs /dev/net/tun: cannot open /dev/net/tun: No such file or directory", "sudo modprobe tun");
            await RefusedAsync(cleave, "you have no such gateway", "--gateway", "privileged");
        }

        async Task RefusedAsync(CleaveCommand cleave, string said, params string[] more)
        {
            string[] options = more is ["--gateway", ..] ? more : [];
            Outcome outcome = await cleave.RunAsync(["up", "-d", .. options]);
            Assert.Equal(125, outcome.Code);
            Assert.Contains(said, outcome.Errors, StringComparison.Ordinal);
            if (options.Length == 0)
            {
                Assert.All(more, m => Assert.Contains(m, outcome.Errors, StringComparison.Ordinal));
            }

            Assert.False(Directory.Exists(Path.Combine(cleave.Folder, ".cleave")), "a folder was made");
            Assert.Empty(Directory.GetFileSystemEntries(Runtime).SelectMany(Directory.GetFileSystemEntries)); // the runtime directory itself may be there
        }
    }

    [Fact]
    public async Task Without_pasta_it_is_slirp4netns()
    {
        Tool.Require("slirp4netns", "slirp4netns");
        Tool.Require("curl", "curl");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, Starter.Self);
        using (host)
        {
            cleave.Environment["PATH"] = PathWithout("pasta");
            Outcome up = await cleave.RunAsync("up", "-d");
            Assert.True(up.Code == 0, $"{up}");
            Assert.Contains("internet by slirp4netns", up.Errors, StringComparison.Ordinal);
            Assert.Equal(PlayedInternet.Page, await cleave.InAsync("w", Fetch));
            Outcome secret = await cleave.RunAsync("exec", "a", "--", "curl", "-sS", "--max-time", "1", $"http://169.254.23.2:{PlayedInternet.SecretPort}/");
            Assert.True(secret.Code != 0, $"{secret}");
            Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "--", "curl", "-sS", "--max-time", "1", $"http://[{PlayedInternet.Web6}]/")).Code);
            await cleave.OkAsync("down");
            AssertNothingIsLeft();
        }
    }

    [Fact]
    public async Task The_printed_table_is_the_one_that_the_lab_has_and_loads_again_as_listed()
    {
        Tool.Require("nft", "nftables");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Lab, Starter.Self);
        using (host)
        {
            await cleave.OkAsync("up", "-d");
            string listed = await cleave.InAsync("fabric", "nft list table inet cleave-uplink");
            string plan = await cleave.OkAsync("plan");
            int begin = plan.IndexOf("table inet cleave-uplink", StringComparison.Ordinal);
            string printed = plan[begin..plan.IndexOf("NFT\n", begin, StringComparison.Ordinal)];
            foreach (string text in (string[])[listed, printed])
            {
                Outcome again = await cleave.RunAsync("unshare", ["-Urn", "sh", "-ec", "nft -f - && nft list table inet cleave-uplink"], text);
                Assert.Equal(listed, again.Output.TrimEnd('\n'));
            }

            await cleave.OkAsync("down");
        }
    }

    private async Task<(PlayedInternet Host, CleaveCommand Cleave)> StartAsync(string lab, Starter starter)
    {
        PlayedInternet.RequireTun();
        Assert.SkipUnless(starter == Starter.Self || Posix.IsRoot, "needs root, to become others");
        CleaveCommand cleave = NewLab(lab, "/var/tmp");
        PlayedInternet host = await PlayedInternet.MakeAsync(NewFolder("cleave-test-host-", "/var/tmp"), more: starter == Starter.Self ? "" : LeaveTunToOthers);
        try
        {
            return (host, starter == Starter.User ? await host.RunAsUserAsync(cleave) : host.Run(cleave));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static bool IsPasta(string process) => process.Contains("pasta --foreground", StringComparison.Ordinal) && !process.Contains("nsenter", StringComparison.Ordinal);

    private static int Number(string process) => int.Parse(process.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
}
