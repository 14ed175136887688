using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Cleave.Gateway;
using Cleave.KernelTests.Harness;
using Cleave.KernelTests.Netlink;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Cleave.KernelTests.Uplinks;

/// <summary>Labs that hang on one privileged gateway.</summary>
public sealed class GatewayLabsTests : KernelTest
{
    private const string Lab =
        """
        cleave: 1
        gateway: privileged
        nodes:
          a: {ip: 172.23.0.1}
          b: {ip: 172.23.0.2}
        """;

    // What a fabric hears on its link to the gateway: pairs of addresses.
    private const string Listen =
        """
        import socket, struct, sys
        s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        s.bind(("up0", 0))
        print("listens", flush=True)
        seen = set()
        while True:
            p, who = s.recvfrom(65535)
            if who[1] == 0x0800:
                pair = socket.inet_ntoa(p[12:16]) + ">" + socket.inet_ntoa(p[16:20])
                if pair not in seen:
                    seen.add(pair)
                    print(pair, flush=True)
        """;

    private static readonly string Fetch = $"curl -sS --max-time 20 http://{PlayedInternet.Web}/";

    public enum Starter
    {
        /// <summary>Whoever runs the test.</summary>
        Self,

        /// <summary>An ordinary user with sudo.</summary>
        User,
    }

    [Theory]
    [InlineData(Starter.Self)]
    [InlineData(Starter.User)]
    public async Task A_lab_hangs_on_the_gateway_of_its_user_and_gives_its_cable_back_however_it_ends(Starter starter)
    {
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(starter);
        using (host)
        {
            await RefusedAsync(cleave, "you have no such gateway on this machine: cleave gateway create makes one");
            await cleave.OkAsync("gateway", "create", "--yes");

            string lab = (await cleave.OkAsync("up", "-d")).Trim();
            Assert.Equal(PlayedInternet.Page, await cleave.InAsync("a", Fetch));
            Assert.Contains("internet by the gateway", await cleave.OkAsync("ps"), StringComparison.Ordinal);
            Assert.Contains($"labs: {lab} (172.23.192.2)", await cleave.OkAsync("gateway", "status"), StringComparison.Ordinal);
            Assert.Equal(lab, (string?)JsonNode.Parse(await cleave.OkAsync("gateway", "status", "--json"))!["labs"]![0]!["id"]);

            string second = (await cleave.OkAsync("up", "-d", "--gateway", "auto")).Trim();
            Assert.Contains($"{second} (172.23.192.6)", await cleave.OkAsync("gateway", "status"), StringComparison.Ordinal);

            // Killed, and ended as one should.
            Assert.Equal(0, (await cleave.RunAsync("sh", ["-c", $"kill -9 {await HostOfAsync(cleave, lab)}"], null)).Code);
            await cleave.OkAsync("down", "--lab", second);
            await Wait.UntilAsync(
                async () => (await cleave.OkAsync("gateway", "status")).Contains("no lab hangs on it", StringComparison.Ordinal), () => "cables are left");
            await cleave.OkAsync("up", "-d");
            Assert.Contains("(172.23.192.2)", await cleave.OkAsync("gateway", "status"), StringComparison.Ordinal);

            // A lab without its gateway runs on.
            await cleave.OkAsync("gateway", "destroy", "--yes");
            Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "--", "curl", "-sS", "--max-time", "1", $"http://{PlayedInternet.Web}/")).Code);
            await cleave.OkAsync("exec", "a", "--", "ping", "-c1", "-W2", "172.23.0.2");
            await cleave.OkAsync("down");
        }
    }

    [Fact]
    public async Task Twenty_labs_with_the_same_addresses_fetch_at_once_and_hear_nothing_of_each_other()
    {
        const int Labs = 20;
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Starter.Self);
        using (host)
        {
            await cleave.OkAsync("gateway", "create", "--yes");
            string[] labs = await Task.WhenAll(Enumerable.Range(0, Labs).Select(async _ => (await cleave.OkAsync("up", "-d")).Trim()));
            JsonNode status = JsonNode.Parse(await cleave.OkAsync("gateway", "status", "--json"))!;
            var addresses = status["labs"]!.AsArray().ToDictionary(l => (string)l!["id"]!, l => (string)l!["address"]!);
            Assert.Equal(labs.Order(StringComparer.Ordinal), addresses.Keys.Order(StringComparer.Ordinal));
            Assert.Distinct(addresses.Values);

            cleave.Write("listen.py", Listen);
            CleaveCommand.Background[] ears =
                [.. labs.Take(2).Select(l => cleave.StartInBackground("exec", "--lab", l, "fabric", "--", Tool.Python, $"{cleave.Folder}/listen.py"))];
            await Task.WhenAll(ears.Select(e => e.SeesAsync("listens")));

            // Each fetches, and knocks at all others.
            string knock = string.Concat(addresses.Values.Select(a => $"{{ ping -c1 -W1 {a} >/dev/null && echo heard {a}; }} & "));
            Outcome[] all = await Task.WhenAll(labs.Select(l => cleave.RunAsync("exec", "--lab", l, "a", "--", "sh", "-c", $"{Fetch}; {knock} wait")));
            Assert.All(labs.Zip(all), r => Assert.True(
                r.Second.Code == 0 && r.Second.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).SequenceEqual([$"heard {addresses[r.First]}", PlayedInternet.Page]),
                $"{r.First}: {r.Second}"));
            foreach ((CleaveCommand.Background ear, string lab) in ears.Zip(labs))
            {
                await ear.SeesAsync($"{PlayedInternet.Web}>{addresses[lab]}");
                Assert.All(
                    ear.Output.Split('\n').Where(l => l.Contains('>', StringComparison.Ordinal)),
                    p => Assert.True(p.Split('>').Contains(addresses[lab]), $"{lab} at {addresses[lab]} heard {p}"));
                ear.Dispose();
            }

            await cleave.OkAsync("down", "--all");
            await cleave.OkAsync("gateway", "destroy", "--yes");
        }
    }

    [Fact]
    public async Task Published_ports_are_open_at_the_gateways_address_for_the_host_and_for_nobody_else()
    {
        Tool.Require("dig", "bind9-dnsutils");
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Starter.Self);
        using (host)
        {
            await cleave.OkAsync("gateway", "create", "--yes");
            cleave.Write(
                "cleave.yaml",
                $$"""
                cleave: 1
                gateway: privileged
                nodes:
                  web: {ip: 172.23.0.1, ports: ["8000:80", "auto:80"], run: [{{Tool.Python}}, -c, {{Quoted(Page)}}], ready: {tcp: 80} }
                  echo: {ip: 172.23.0.2, ports: ["5353:53/udp"], run: [{{Tool.Python}}, -c, {{Quoted(Echo)}}], ready: {log: up} }
                """);
            string lab = (await cleave.OkAsync("up", "-d")).Trim();
            const string Get = "curl -sS --max-time 5 http://";
            Assert.Equal("a page", await host.ShellAsync(cleave, $"{Get}127.0.0.1:8000/"));
            Assert.Equal("a page", await host.ShellAsync(cleave, $"{Get}172.23.255.2:8000/"));
            string free = (await cleave.OkAsync("port", "web", "80")).Trim().Split('\n')[^1].Split(':')[^1];
            Assert.Equal("a page", await host.ShellAsync(cleave, $"{Get}172.23.255.2:{free}/"));
            string ask = $"{Tool.Python} -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.sendto(b\"hello\", (\"172.23.255.2\", 5353)); print(s.recv(99).decode())'";
            Assert.Equal("HELLO", await host.ShellAsync(cleave, ask));

            // Another lab cannot have these ports; nor may it, or the internet, reach them there.
            string outside = (await cleave.RunAsync("up", "-d")).Errors;
            Assert.Contains("8000", outside, StringComparison.Ordinal);
            cleave.Write("cleave.yaml", Lab);
            string other = (await cleave.OkAsync("up", "-d")).Trim();
            foreach (string address in (string[])["172.23.255.2", "172.23.192.1", "172.23.192.2", "172.23.192.5"])
            {
                Outcome tried = await cleave.RunAsync("exec", "--lab", other, "a", "--", "curl", "-sS", "--max-time", "1", $"http://{address}:8000/");
                Assert.True(tried.Code != 0, $"{address}: {tried}");
            }

            await host.InternetAsync(cleave, "ip route add 172.23.0.0/16 via 192.0.2.2; ! curl -sS --max-time 1 http://172.23.255.2:8000/");
            await cleave.OkAsync("down", "--all");
            await cleave.OkAsync("gateway", "destroy", "--yes");
        }
    }

    private static string Quoted(string python) => System.Text.Json.JsonSerializer.Serialize(python, System.Text.Json.JsonSerializerOptions.Default);

    private const string Page =
        "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n  def do_GET(s): s.send_response(200); s.end_headers(); s.wfile.write(b'a page')\n"
        + "  def log_message(s, *a): pass\nhttp.server.ThreadingHTTPServer(('', 80), H).serve_forever()";

    private const string Echo =
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 53)); print('up', flush=True)\nwhile True:\n  d, w = s.recvfrom(99); s.sendto(d.upper(), w)";

    [Fact]
    public void A_hundred_at_once_get_a_cable_each_and_give_it_back() => TestNamespace.Run(ours =>
    {
        const int Labs = 100;
        var mark = new GatewayMark(GatewayNetwork.Usual[0], false, null, true) { IPv6 = true };
        SafeFileHandle[] labs = [.. Enumerable.Range(0, Labs).Select(_ => ours.Another())];
        var slots = new ConcurrentBag<int>();
        ours.Output("ip", "link", "add", "host", "type", "veth", "peer", "name", "cleave0");
        NetlinkSocket[] sockets = [.. labs.Select(_ => NetlinkSocket.Open(NetlinkFamily.Route))]; // opened here, where threads of ours are not
        using var start = new Barrier(Labs);
        Thread[] threads =
        [
            .. Enumerable.Range(0, Labs).Select(i => new Thread(() =>
            {
                start.SignalAndWait();
                slots.Add(LabCable.Make(sockets[i], mark, [IPNetwork.Parse("172.23.192.0/28")], (int)labs[i].DangerousGetHandle(), "up0", $"lab-{i}"));
            })),
        ];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        // From the first that the lab's networks leave.
        Assert.Equal(Enumerable.Range(4, Labs), slots.Order());
        Assert.Equal(Labs, sockets[0].DumpLinks().Count(l => l.Alias?.StartsWith("lab-", StringComparison.Ordinal) == true));

        Array.ForEach(labs, l => l.Dispose());
        Assert.True(SpinWait.SpinUntil(() => sockets[0].DumpLinks().All(l => l.Alias is null), TimeSpan.FromSeconds(30)), "cables are left");
        Array.ForEach(sockets, s => s.Dispose());
    });

    [Theory]
    [InlineData("172.23.255.0/24", "the lab's 172.23.255.0/24 has addresses of the gateway's cable to the host, 172.23.255.0/30: make a gateway elsewhere")]
    [InlineData("172.23.0.0/16", "the lab's 172.23.0.0/16 has addresses of the gateway's cable")]
    [InlineData("172.23.192.0/19", "the lab's networks leave none of the gateway's addresses for it, 172.23.192.0/19")]
    public async Task A_lab_with_the_gateways_addresses_is_refused(string subnet, string said)
    {
        (PlayedInternet host, CleaveCommand cleave) = await StartAsync(Starter.Self);
        using (host)
        {
            await cleave.OkAsync("gateway", "create", "--yes");
            string address = subnet[..subnet.IndexOf(".0/", StringComparison.Ordinal)] + ".9";
            cleave.Write("cleave.yaml", $"cleave: 1\ngateway: privileged\nnetworks: {{lan: {{subnet: {subnet}}}}}\nnodes: {{a: {{ip: {address}}}}}\n");
            await RefusedAsync(cleave, said);
            await cleave.OkAsync("gateway", "destroy", "--yes");

            string config = NewFolder("cleave-test-", "/var/tmp");
            Directory.CreateDirectory(Path.Combine(config, "cleave"));
            File.WriteAllText(Path.Combine(config, "cleave", "config.yaml"), "gateway: {network: 10.99.0.0/16}\n");
            cleave.Environment["XDG_CONFIG_HOME"] = config;
            await cleave.OkAsync("gateway", "create", "--yes");
            await cleave.OkAsync("up", "-d");
            Assert.Equal(PlayedInternet.Page, await cleave.InAsync("a", Fetch));
            Assert.Contains("(10.99.192.2)", await cleave.OkAsync("gateway", "status"), StringComparison.Ordinal);
            await cleave.OkAsync("down");
            await cleave.OkAsync("gateway", "destroy", "--yes");
        }
    }

    private async Task<(PlayedInternet Host, CleaveCommand Cleave)> StartAsync(Starter starter)
    {
        Tool.Require("curl", "curl");
        Tool.Require("nft", "nftables");
        Assert.SkipUnless(starter == Starter.Self || Posix.IsRoot, "needs root, to become another");
        CleaveCommand cleave = NewLab(Lab, "/var/tmp");
        string folder = NewFolder("cleave-test-host-", "/var/tmp");
        if (starter == Starter.Self)
        {
            PlayedInternet own = await PlayedInternet.MakeAsync(folder);
            return (own, own.Run(cleave));
        }

        File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
        PlayedInternet host = await PlayedInternet.MakeAsync(folder, more: StandInSudo.Install($"{folder}/bin"));
        cleave.Environment["PATH"] = $"{folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        return (host, await host.RunAsUserAsync(cleave));
    }

    private static async Task<string> HostOfAsync(CleaveCommand cleave, string lab) =>
        (string)JsonNode.Parse(await cleave.OkAsync("ps", "--processes", "--json", "--lab", lab))!["processes"]![0]!["host_pid"]!.ToString();

    private static async Task RefusedAsync(CleaveCommand cleave, string said)
    {
        Outcome outcome = await cleave.RunAsync("up", "-d");
        Assert.Equal(125, outcome.Code);
        Assert.Contains(said, outcome.Errors, StringComparison.Ordinal);
        Assert.Equal("", await cleave.OkAsync("ps", "--all") is var all && all.Contains('\n', StringComparison.Ordinal) ? "" : all);
    }
}
