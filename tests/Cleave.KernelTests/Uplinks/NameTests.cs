using System.Diagnostics;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Uplinks;

/// <summary>Names in nodes, of the lab and of the internet, as programs ask for them.</summary>
public sealed class NameTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
          six: {subnet: "fd00:6::/64"}
        nodes:
          a: {ip: [172.23.0.1, "fd00:23::1"]}
          b: {ip: [172.23.0.2, "fd00:23::2"], aliases: [www.shop.test]}
          s: {ip: "fd00:6::3"}
          own: {ip: 172.23.0.9, dns: [172.23.0.1, "fd00:23::1"]}

        """;

    private const string Dig = "dig +time=6 +tries=1 +noall +answer +comments";

    /// <summary>Needs no way out, and so runs for every user.</summary>
    [Fact]
    public async Task In_a_sealed_lab_every_name_of_the_lab_resolves_and_no_other_at_once()
    {
        Tool.Require("dig", "bind9-dnsutils");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        await cleave.OkAsync("up", "-d");
        Assert.Equal("nameserver 172.23.0.254", await cleave.InAsync("a", "cat /etc/resolv.conf"));
        Assert.Equal("nameserver fd00:6::ffff", await cleave.InAsync("s", "cat /etc/resolv.conf"));
        Assert.Equal("nameserver 172.23.0.1\nnameserver fd00:23::1", await cleave.InAsync("own", "cat /etc/resolv.conf"));
        foreach (string name in (string[])["b", "b.lab", "www.shop.test"])
        {
            Assert.Equal("172.23.0.2", await cleave.InAsync("a", $"dig +short {name}"));
            Assert.Equal("fd00:23::2", await cleave.InAsync("a", $"dig +short +tcp {name} AAAA"));
            Assert.Equal("172.23.0.2", await cleave.InAsync("s", $"dig +short {name}"));
            Assert.Contains("172.23.0.2", await cleave.InAsync("a", $"getent ahostsv4 {name}"), StringComparison.Ordinal);
        }

        Assert.Equal("b.lab.", await cleave.InAsync("a", "dig +short -x 172.23.0.2"));
        Assert.Equal("b.lab.", await cleave.InAsync("s", "dig +short -x fd00:23::2"));
        Assert.Contains("status: NXDOMAIN", await cleave.InAsync("a", $"{Dig} x.b.lab"), StringComparison.Ordinal);
        Assert.Contains("status: NOERROR", await cleave.InAsync("a", $"{Dig} b.lab MX"), StringComparison.Ordinal);

        // /etc/hosts does not have it, and nobody waits for what does not exist.
        long start = Stopwatch.GetTimestamp();
        Outcome none = await cleave.RunAsync("exec", "a", "--", "getent", "ahosts", "www.example");
        Assert.Equal(2, none.Code);
        Outcome python = await cleave.RunAsync("exec", "a", "--", Tool.Python, "-c", "import socket; socket.getaddrinfo('www.example', 80)");
        Assert.Contains("Name or service not known", python.Errors, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Mail_of_any_kind_at_port_53_neither_ends_the_server_nor_holds_descriptors()
    {
        Tool.Require("dig", "bind9-dnsutils");
        Tool.Require("python3", "python3");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        cleave.Write("storm.py",
            """
            import os, random, socket, sys
            rng = random.Random(7)
            server = ('172.23.0.254', 53)
            good = bytes.fromhex('123401000001000000000000016203 6c616200 0001 0001'.replace(' ', ''))
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(5000):
                m = bytearray(good if i % 2 else rng.randbytes(rng.randrange(0, 1400)))
                if i % 2: m[rng.randrange(len(m))] = rng.randrange(256)
                u.sendto(bytes(m), server)
            held = []
            for i in range(200):
                c = socket.create_connection(server, timeout=5)
                try: c.sendall(rng.randbytes(rng.randrange(1, 3000)) if i % 2 else b'\xff\xff' + good)
                except OSError: pass
                held.append(c)
            # The rest waits in vain, and is let go.
            """);
        await cleave.OkAsync("up", "-d");
        int host = MachineState.LabHost(Runtime);
        await cleave.InAsync("a", "dig +short +tcp b");
        int before = Directory.GetFiles($"/proc/{host}/fd").Length;
        for (int i = 0; i < 3; i++)
        {
            await cleave.InAsync("a", $"{Tool.Python} storm.py");
        }

        Assert.Equal("172.23.0.2", await cleave.InAsync("a", "dig +short +time=5 +tries=3 b"));
        await Wait.UntilAsync(() => Directory.GetFiles($"/proc/{host}/fd").Length <= before + 4, () => $"{before} descriptors before, {Directory.GetFiles($"/proc/{host}/fd").Length} after");
        Assert.Equal("172.23.0.2", await cleave.InAsync("a", "dig +short +tcp b"));
        await cleave.OkAsync("down");
    }

    [Theory]
    [InlineData("nameserver 192.0.2.1\n")]
    [InlineData("nameserver 2001:db8::1\n")]
    [InlineData("nameserver 192.0.2.77\nnameserver 192.0.2.1\n")] // the first does not exist
    [InlineData("nameserver 127.0.0.53\n")] // on the host's loopback, as systemd-resolved
    public async Task Names_of_the_internet_resolve_by_the_hosts_name_servers(string resolvConf)
    {
        Tool.Require("dig", "bind9-dnsutils");
        Tool.Require("curl", "curl");
        PlayedInternet.RequireTun();
        CleaveCommand cleave = NewLab(Lab.Replace("cleave: 1", "cleave: 1\ngateway: user", StringComparison.Ordinal), "/var/tmp");
        using PlayedInternet host = await PlayedInternet.MakeAsync(
            NewFolder("cleave-test-host-", "/var/tmp"), resolvConf,
            $"{Tool.Python} serve.py resolver 'a resolver' 8053 127.0.0.53 dns & all=\"$all $!\"; until [ -e resolver.ready ]; do sleep 0.02; done");
        host.Run(cleave);
        await cleave.OkAsync("up", "-d");
        Assert.Equal(PlayedInternet.Page, await cleave.InAsync("a", "curl -sS --max-time 8 http://www.example/"));
        Assert.Equal(PlayedInternet.Web, await cleave.InAsync("a", "dig +short four.example"));
        Assert.Equal("", await cleave.InAsync("a", "dig +short four.example AAAA"));
        Assert.Equal(PlayedInternet.Web6, await cleave.InAsync("a", "dig +short +tcp www.example AAAA"));
        Assert.Equal($"www.example.\n{PlayedInternet.Web}", await cleave.InAsync("s", "dig +short alias.example"));
        Assert.Contains("status: NXDOMAIN", await cleave.InAsync("a", $"{Dig} nowhere.example"), StringComparison.Ordinal);

        // More than fits a datagram: first it is said that there is more, and by TCP there is all.
        Assert.Contains("flags: qr tc", await cleave.InAsync("a", $"{Dig} +ignore big.example TXT"), StringComparison.Ordinal);
        string all = await cleave.InAsync("a", "dig +short big.example TXT");
        Assert.Equal(12, all.Split('\n').Length);

        // The lab's own names are nobody's business outside.
        Assert.Equal("172.23.0.2", await cleave.InAsync("a", "dig +short b.lab"));
        await cleave.InAsync("a", "dig +short nobody.lab; dig +short -x 172.23.0.77; dig +short b");
        Assert.DoesNotContain(host.Questions(), q => q.Contains("lab", StringComparison.Ordinal) || q.Contains("172", StringComparison.Ordinal) || q.StartsWith("b ", StringComparison.Ordinal));

        // What fails outside fails here, before glibc and musl ask again.
        Assert.Contains("status: SERVFAIL", await cleave.InAsync("a", $"{Dig} broken.example"), StringComparison.Ordinal);
        Assert.Contains("status: SERVFAIL", await cleave.InAsync("a", $"{Dig} silent.example"), StringComparison.Ordinal);
        Assert.Equal("172.23.0.2", await cleave.InAsync("a", "dig +short b.lab"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task Many_askers_at_once_get_their_answers_and_silence_outside_holds_up_nobody_else()
    {
        Tool.Require("dig", "bind9-dnsutils");
        PlayedInternet.RequireTun();
        CleaveCommand cleave = NewLab(Lab.Replace("cleave: 1", "cleave: 1\ngateway: user", StringComparison.Ordinal), "/var/tmp");
        using PlayedInternet host = await PlayedInternet.MakeAsync(NewFolder("cleave-test-host-", "/var/tmp"));
        host.Run(cleave);
        await cleave.OkAsync("up", "-d");
        int lab = MachineState.LabHost(Runtime);
        int before = Directory.GetFiles($"/proc/{lab}/fd").Length;
        string silent = "for i in $(seq 60); do dig +time=8 +tries=1 silent.example >/dev/null 2>&1 & done";
        string many = "for i in $(seq 200); do echo four.example A; done >names; dig +short +tries=3 -f names | sort | uniq -c";
        Assert.Equal($"200 {PlayedInternet.Web}", (await cleave.InAsync("a", $"cd /tmp; {silent}; {many}; wait")).Trim());
        await Wait.UntilAsync(() => Directory.GetFiles($"/proc/{lab}/fd").Length <= before + 4, () => $"{before} descriptors before, {Directory.GetFiles($"/proc/{lab}/fd").Length} after");
        await cleave.OkAsync("down");
    }

    /// <summary>Needs no way out, and so runs for every user.</summary>
    [Fact]
    public async Task Names_fail_one_by_one_for_programs_too_until_healed()
    {
        Tool.Require("dig", "bind9-dnsutils");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        await cleave.OkAsync("up", "-d");
        string hosts = await cleave.InAsync("a", "cat /etc/hosts");
        Assert.Contains("dns fail b: nothing is cut; 1 name fails", await cleave.OkAsync("dns", "--fail", "b"), StringComparison.Ordinal);
        foreach (string node in (string[])["a", "s"])
        {
            Assert.Contains("status: SERVFAIL", await cleave.InAsync(node, $"{Dig} b"), StringComparison.Ordinal);
            Assert.Contains("status: SERVFAIL", await cleave.InAsync(node, $"{Dig} +tcp b.lab"), StringComparison.Ordinal);
            Assert.NotEqual(0, (await cleave.RunAsync("exec", node, "--", "getent", "ahosts", "b")).Code);

            // The same node by another name, and by its address.
            Assert.Contains("fd00:23::2", await cleave.InAsync(node, "getent ahosts www.shop.test"), StringComparison.Ordinal);
        }

        await cleave.InAsync("a", "ping -c1 -W2 172.23.0.2");
        Outcome dropped = await cleave.RunAsync("dns", "--drop", "www.shop.test,*.example");
        Assert.Contains("3 names fail", dropped.Output, StringComparison.Ordinal);
        Assert.Contains("timed out", (await cleave.RunAsync("exec", "a", "--", "dig", "+time=1", "+tries=1", "www.shop.test")).Output, StringComparison.Ordinal);
        Assert.Contains("timed out", (await cleave.RunAsync("exec", "a", "--", "dig", "+time=1", "+tries=1", "a.b.example")).Output, StringComparison.Ordinal);
        string status = await cleave.OkAsync("status");
        Assert.Contains("names that fail: b\n", status, StringComparison.Ordinal);
        Assert.Contains("names that are not answered: www.shop.test, *.example\n", status, StringComparison.Ordinal);
        Assert.Contains("\"names\":[{\"name\":\"b\",\"fault\":\"fail\"}", await cleave.OkAsync("status", "--json"), StringComparison.Ordinal);
        await cleave.OkAsync("check");
        await cleave.OkAsync("isolate", "s");
        Assert.Contains("status: SERVFAIL", await cleave.InAsync("a", $"{Dig} b"), StringComparison.Ordinal);
        await cleave.OkAsync("heal");
        Assert.Equal(hosts, await cleave.InAsync("a", "cat /etc/hosts"));
        Assert.Equal("172.23.0.2", await cleave.InAsync("a", "dig +short b"));
        Assert.DoesNotContain("names that", await cleave.OkAsync("status"), StringComparison.Ordinal);
        Outcome wrong = await cleave.RunAsync("dns", "--fail", "a b");
        Assert.Equal((2, true), (wrong.Code, wrong.Errors.Contains("is no name", StringComparison.Ordinal)));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task In_a_scenario_a_name_fails_for_a_time()
    {
        CleaveCommand cleave = NewLab(Lab +
            """
            scenarios:
              names:
                - during: {dns: {fail: b}}
                  steps:
                    - run: "! getent ahosts b"
                      node: a
                    - during: {dns: {drop: own}}
                      steps:
                        - run: "! timeout 1 getent ahosts own && ! getent ahosts b"
                          node: a
                    - run: getent ahosts own
                      node: a
                - run: getent ahosts b
                  node: a
                - dns: {fail: [a, b.lab]}
                - run: getent ahosts b && ! getent ahosts b.lab
                  node: a
              after:
                - run: getent ahosts b.lab && getent ahosts a
                  node: a

            """, "/var/tmp");
        await cleave.OkAsync("test", "-q");
    }

    /// <summary>Where nsswitch.conf says so, libraries ask the host's systemd-resolved or nscd by a socket, which is a file like any other.</summary>
    [Fact]
    public async Task The_hosts_own_caches_of_names_are_out_of_sight()
    {
        string ask = $"{Tool.Python} -c 'import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])'";
        string[] sockets = ["/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve"];
        string listen = $"{Tool.Python} -c 'import socket,sys,time; s = [socket.socket(socket.AF_UNIX) for p in sys.argv[1:]]; [(x.bind(p), x.listen()) for x, p in zip(s, sys.argv[1:])]; time.sleep(1000)'";
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        using PlayedInternet host = await PlayedInternet.MakeAsync(
            NewFolder("cleave-test-host-", "/var/tmp"),
            more: $"mount -t tmpfs run /run; mkdir -p /run/nscd /run/systemd/resolve; {listen} {string.Join(' ', sockets)} & all=\"$all $!\"; until [ -S {sockets[1]} ]; do sleep 0.02; done");
        host.Run(cleave);
        await cleave.OkAsync("up", "-d");
        foreach (string socket in sockets)
        {
            await Wait.UntilAsync(() => cleave.RunAsync("sh", ["-c", $"{ask} {socket}"], null).Result.Code == 0, () => "the host does not listen");
            Outcome inside = await cleave.RunAsync("exec", "a", "--", "sh", "-c", $"{ask} {socket}");
            Assert.Contains("ConnectionRefusedError", inside.Errors, StringComparison.Ordinal);
        }

        await cleave.OkAsync("down");
    }

    /// <summary>As network managers do: another file is renamed to its place, and the kernel takes all mounts off.</summary>
    [Fact]
    public async Task Both_files_stay_when_the_hosts_are_replaced()
    {
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        using PlayedInternet host = await PlayedInternet.MakeAsync(
            NewFolder("cleave-test-host-", "/var/tmp"), more: "mkdir etc; cp -a /etc/. etc/ 2>/dev/null || true; rm -f etc/resolv.conf; cp resolv.conf etc/; mount --bind etc /etc");
        host.Run(cleave);
        await cleave.OkAsync("up", "-d");
        string hosts = await cleave.InAsync("a", "cat /etc/hosts");
        Assert.Contains("172.23.0.2 b b.lab", hosts, StringComparison.Ordinal);
        for (int i = 0; i < 2; i++)
        {
            foreach (string file in (string[])["hosts", "resolv.conf"])
            {
                await host.ShellAsync(cleave, $"echo '# another {i}' >/etc/{file}.new; mv /etc/{file}.new /etc/{file}; grep -q another /etc/{file}");
            }

            foreach (string node in (string[])["a", "b"])
            {
                await Wait.UntilAsync(
                    () => cleave.RunAsync("exec", node, "--", "cat", "/etc/hosts").Result.Output == hosts + "\n"
                        && cleave.RunAsync("exec", node, "--", "cat", "/etc/resolv.conf").Result.Output == "nameserver 172.23.0.254\n",
                    () => "the files of the node are not back");
            }
        }

        Assert.Contains("another 1", await host.ShellAsync(cleave, "cat /etc/hosts"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }
}
