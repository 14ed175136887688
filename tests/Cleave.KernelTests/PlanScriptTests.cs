using Cleave.KernelTests.Harness;
using YamlDotNet.RepresentationModel;

namespace Cleave.KernelTests;

/// <summary>The script of <c>cleave plan --format sh</c> makes the network that <c>cleave up</c> makes, sees what is missing of it, and takes it away.</summary>
public sealed class PlanScriptTests : KernelTest
{
    // What makes a node more than its network, which a script does not make.
    private static readonly string[] MoreThanTheNetwork =
        ["run", "ready", "setup", "after", "restart", "stop", "start", "job", "ports", "volumes", "tmpfs", "env", "env-file", "dir", "user", "limits", "control"];

    public static TheoryData<string> Examples() =>
    [
        .. Directory.GetFiles(Path.Combine(CleaveCommand.Repository, "examples"), "cleave.yaml", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Path.Combine(CleaveCommand.Repository, "examples"), Path.GetDirectoryName(f)!)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task The_script_of_an_example_makes_the_network_that_up_makes(string example)
    {
        CleaveCommand cleave = Example(example);
        string script = await cleave.OkAsync("plan", "--format", "sh");
        cleave.Write("cleave.yaml", NetworkOf(Path.Combine(cleave.Folder, "cleave.yaml")));
        Assert.Equal(WithoutComments(script), WithoutComments(await cleave.OkAsync("plan", "--format", "sh")));

        await CompareAsync(cleave, script);
    }

    [Fact]
    public async Task The_scripts_of_random_labs_make_the_networks_that_up_makes()
    {
        int seed = Setting("CLEAVE_SEED", Environment.TickCount & 0xffffff);
        int count = Setting("CLEAVE_TOPOLOGIES", 4);
        for (int i = 0; i < count; i++)
        {
            var lab = new RandomLab(seed + i);
            TestContext.Current.TestOutputHelper!.WriteLine($"CLEAVE_SEED={seed + i} CLEAVE_TOPOLOGIES=1\n{lab.Yaml()}");
            CleaveCommand cleave = NewLab(lab.Yaml());
            cleave.Environment["CLEAVE_NODES_OF_A_BRIDGE"] = lab.NodesOfABridge;
            await CompareAsync(cleave, await cleave.OkAsync("plan", "--format", "sh"));
        }
    }

    [Fact]
    public async Task The_explained_plan_is_a_script_that_makes_the_network_that_up_makes()
    {
        CleaveCommand cleave = NewLab(RoutingTests.Yaml);
        cleave.Environment["CLEAVE_NODES_OF_A_BRIDGE"] = "2";
        string[] places = ["fabric", .. RoutingTests.Nodes];
        await ScriptedNetwork.CompareAsync(cleave, await ScriptedNetwork.RunAsync(cleave, await cleave.OkAsync("plan", "--explain"), places, places), places);
    }

    [Fact]
    public async Task The_check_of_the_script_misses_each_link_address_and_route_by_its_name()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            networks: {left: {subnet: 10.1.0.0/24}, right: {subnet: "fd00:2::/64"}}
            nodes:
              a: {ip: 10.1.0.1, routes: {10.9.0.0/16: r}}
              r: {ip: [10.1.0.2, "fd00:2::2"], router: true}
            """);
        cleave.Write("plan.sh", await cleave.OkAsync("plan", "--format", "sh"));
        (string Break, string[] Missed)[] cases =
        [
            ("ip -n $l.fabric link set p1 down", ["fabric: link p1 ", "a: link eth0 "]),
            ("ip -n $l.r link set eth1 down", ["r: link eth1 ", "fabric: link p3 "]),
            ("ip -n $l.fabric link set br1 down", ["fabric: link br1 "]),
            ("ip -n $l.fabric link set p2 nomaster", ["fabric: link p2 "]),
            ("ip -n $l.a link set eth0 mtu 1400", ["a: link eth0 "]),
            ("ip -n $l.a addr del 10.1.0.1/24 dev eth0", ["a: eth0 has the address 10.1.0.1/24"]),
            ("ip -n $l.r addr del fd00:2::2/64 dev eth1", ["r: eth1 has the address fd00:2::2/64"]),
            ("ip -n $l.a route del 10.9.0.0/16", ["a: route 10.9.0.0/16 via 10.1.0.2 dev eth0"]),
            ("ip -n $l.a neigh del 10.1.0.2 dev eth0", ["a: neighbour 10.1.0.2 dev eth0 "]),
            ("bridge -n $l.fabric fdb del 02:c1:00:00:00:01 dev p1 master", ["fabric: forwarding entry 02:c1:00:00:00:01 "]),
            ("ip netns exec $l.r sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'", ["r: /proc/sys/net/ipv4/ip_forward is 1"]),
            ("ip netns exec $l.fabric nft add rule bridge cleave forward oifname p1 drop", ["fabric: the table of cuts ", "r: a answers at 10.1.0.1", "a: r answers at 10.1.0.2"]),
            ("ip netns del $l.a", ["a: link eth0 ", "a: eth0 has the address 10.1.0.1/24", "r: a answers at 10.1.0.1"]),
        ];

        // Only what fails at once without pings, and the pings where nothing else says it: each that is lost takes seconds.
        string script = "mount -t tmpfs tmpfs /run\nset -e\nsh plan.sh up\nsh plan.sh check\n" + string.Concat(cases.Select((c, i) =>
            $"l={Path.GetFileName(cleave.Folder)}\necho '#### {i}'\n{c.Break}\n{(c.Missed.Any(m => m.Contains("answers", StringComparison.Ordinal)) ? "" : "PATH=$SILENT ")}sh plan.sh check | grep FAIL\nsh plan.sh down\n[ -z \"$(ip netns)\" ]\nsh plan.sh up\n"));
        cleave.Environment["SILENT"] = PathWithout("ping");
        Outcome outcome = await cleave.RunAsync("unshare", ["-Urnm", "--propagation", "private", "sh"], script);

        Assert.True(outcome is { Code: 0, Errors: "" }, $"{outcome}");
        string[] seen = outcome.Output.Split("#### ");
        Assert.Equal(cases.Length + 1, seen.Length);
        Assert.Contains(" passed, 0 failed\n", seen[0], StringComparison.Ordinal);
        foreach ((int i, (string how, string[] missed)) in cases.Index())
        {
            Assert.All(missed, m => Assert.True(seen[i + 1].Contains($"FAIL {m}", StringComparison.Ordinal), $"after {how}:\n{seen[i + 1]}"));
        }
    }

    [Fact]
    public async Task The_script_keeps_off_the_machines_own_namespaces_and_leaves_nothing_when_it_fails()
    {
        CleaveCommand cleave = NewLab(LabText.Of("a", "b").Yaml());
        cleave.Write("plan.sh", await cleave.OkAsync("plan", "--format", "sh"));

        // A /run of its own, as root, so that even a script which does not refuse leaves nothing on the machine; a user could make nothing anyway.
        bool isRoot = Environment.GetEnvironmentVariable("CLEAVE_TEST_AS") != "user" && Environment.UserName == "root";
        string[] alone = isRoot ? ["unshare", "-m", "--propagation", "private", "sh", "-c", "mount -t tmpfs tmpfs /run && exec sh plan.sh \"$@\"", "sh"] : ["sh", "plan.sh"];
        Outcome refused = await cleave.RunAsync(alone[0], [.. alone[1..], "up"], null);
        Assert.Equal((2, ""), (refused.Code, refused.Output));
        Assert.Contains("--here", refused.Errors, StringComparison.Ordinal);
        if (isRoot)
        {
            Outcome meant = await cleave.RunAsync(alone[0], [.. alone[1..], "up", "--here"], null);
            Assert.True(meant is { Code: 0, Errors: "" }, $"{meant}");
        }

        string name = Path.GetFileName(cleave.Folder);
        cleave.Environment["WITHOUT_NFT"] = PathWithout("nft");
        Outcome outcome = await cleave.RunAsync("unshare", ["-Urnm", "--propagation", "private", "sh"],
            $"""
            mount -t tmpfs tmpfs /run
            sh plan.sh down && echo nothing to take away
            PATH=$WITHOUT_NFT sh plan.sh up || echo "failed with $?, left: $(ip netns)."
            sh plan.sh up && sh plan.sh up || echo "twice: $?"
            sh plan.sh check | tail -n 1
            ip netns del {name}.b && sh plan.sh down && sh plan.sh down && echo "left: $(ip netns)."
            sh plan.sh check | tail -n 1
            sh plan.sh || echo "usage: $?"
            """);
        Assert.Equal(
            $"nothing to take away\nfailed with 1, left: .\n{name} is up; a program in a node: ip netns exec {name}.NODE ip addr\ntwice: 1\n28 passed, 0 failed\nleft: .\n0 passed, 24 failed\nusage: 2\n",
            outcome.Output);
    }

    [Fact]
    public async Task The_script_is_what_shellcheck_wants()
    {
        Tool.Require("shellcheck", "shellcheck");
        string[] labs =
        [
            RoutingTests.Yaml, LabText.Of("a").Yaml(),
            """
            cleave: 1
            gateway: user
            nodes: {a: {ip: 172.23.0.1, run: "echo 'it is' \"$HOME\" \\\n # more", ports: ["8080:80"], volumes: ["./it's $(x):/srv"], sysctls: {net.ipv4.ping_group_range: 0 10}}}
            """,
        ];
        foreach (string lab in labs)
        {
            CleaveCommand cleave = NewLab(lab);
            Directory.CreateDirectory(Path.Combine(cleave.Folder, "it's $(x)"));
            Outcome outcome = await cleave.RunAsync("shellcheck", ["-s", "sh", "-"], await cleave.OkAsync("plan", "--format", "sh"));
            Assert.True(outcome is { Code: 0, Output: "" }, $"{outcome}");
        }
    }

    private static async Task CompareAsync(CleaveCommand cleave, string script)
    {
        cleave.Write("plan.sh", script);
        string[] places = script.Split("\nnodes='")[1].Split('\'')[0].Split(' ');
        string lab = script.Split("\nlab=")[1].Split('\n')[0];
        string output = await ScriptedNetwork.RunAsync(cleave, "sh plan.sh up >/dev/null\nsh plan.sh check >check.txt || grep FAIL check.txt >&2\n", places.Select(p => $"{lab}.{p}"), places);
        await ScriptedNetwork.CompareAsync(cleave, output, places);
    }

    /// <summary>The file with what nodes have besides their network taken out, so that it needs no programs; and no way out.</summary>
    private static string NetworkOf(string file)
    {
        var yaml = new YamlStream();
        using (var reader = new StringReader(File.ReadAllText(file)))
        {
            yaml.Load(reader);
        }

        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        root.Children.Remove("scenarios");
        root.Children.Remove("gateway");
        foreach (YamlMappingNode node in ((YamlMappingNode)root.Children["nodes"]).Children.Values.OfType<YamlMappingNode>())
        {
            foreach (string key in MoreThanTheNetwork)
            {
                node.Children.Remove(key);
            }
        }

        using var text = new StringWriter();
        yaml.Save(text, assignAnchors: false);
        return text.ToString();
    }

    private static string WithoutComments(string script) => string.Join('\n', script.Split('\n').Where(l => !l.StartsWith('#')));
}
