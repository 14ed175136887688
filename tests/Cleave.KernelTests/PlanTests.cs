using System.Text;
using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What <c>cleave plan</c> prints, run with the real tools, makes what <c>cleave up</c> makes.</summary>
public sealed partial class PlanTests : KernelTest
{
    [Theory]
    [InlineData("quickstart")]
    [InlineData("flaky-network")]
    public async Task The_printed_plan_of_an_example_makes_the_network_that_up_makes(string example)
    {
        CleaveCommand cleave = Example(example);
        string plan = await cleave.OkAsync("plan");

        // The network does not depend on the programs, which would need more than the network.
        cleave.Write("cleave.yaml", WithoutPrograms(Path.Combine(cleave.Folder, "cleave.yaml")));
        Assert.Equal(plan, await cleave.OkAsync("plan"));

        await CompareAsync(cleave, NodesIn(plan));
    }

    [Fact]
    public async Task The_printed_plan_of_two_networks_makes_the_network_that_up_makes()
    {
        LabText lab = LabText.Of("a", "b", "c").With("wan", "10.9.8", "c", "d", "b").With("lone", "10.9.9", "a");
        await CompareAsync(NewLab(lab.Yaml()), lab.Nodes);
    }

    [Fact]
    public async Task The_printed_plan_of_both_families_makes_the_network_that_up_makes()
    {
        const string Yaml =
            """
            cleave: 1
            networks:
              lan: {subnet: [172.23.0.0/24, "fd00:23::/64"], mtu: 1400}
              six: {subnet: "fd00:6::/64"}
              old: {subnet: 10.0.0.0/24, mtu: 9000}
            nodes:
              both: {ip: ["fd00:23::1", 172.23.0.1, 10.0.0.1]}
              four: {ip: 172.23.0.2, interface: lan.0}
              six: {networks: {six: "fd00:6::3", lan: {ip: "fd00:23::3", interface: lan0}}}
            """;
        await CompareAsync(NewLab(Yaml), ["both", "four", "six"]);
    }

    [Fact]
    public async Task The_printed_plan_of_routers_routes_and_kernel_parameters_makes_the_network_that_up_makes() =>
        await CompareAsync(NewLab(RoutingTests.Yaml), RoutingTests.Nodes);

    [Fact]
    public async Task The_printed_plan_of_links_makes_the_network_that_up_makes() => await CompareAsync(NewLab(LinkTests.Yaml), LinkTests.Nodes);

    [Fact]
    public async Task The_printed_plan_of_a_network_with_several_bridges_makes_the_network_that_up_makes()
    {
        LabText lab = LabText.Of("a", "b", "c", "d", "e", "f").With("wan", "10.9.8", "c", "d", "g", "h", "i");
        CleaveCommand cleave = NewLab(lab.Yaml());
        cleave.Environment["CLEAVE_NODES_OF_A_BRIDGE"] = "4";
        await CompareAsync(cleave, lab.Nodes);
    }

    [Fact]
    public async Task The_printed_plan_of_twenty_nodes_makes_the_network_that_up_makes()
    {
        LabText lab = LabText.Of([.. Enumerable.Range(1, 20).Select(n => $"n{n}")]);
        await CompareAsync(NewLab(lab.Yaml()), lab.Nodes);
    }

    [Fact]
    public async Task The_printed_plan_can_be_run_where_the_runtime_directory_is_not_there_yet()
    {
        CleaveCommand cleave = NewLab(LabText.Of("a").Yaml(), "/var/tmp");

        // As for a user whose /run/user/1000 the script's own /run covers.
        string runtime = Path.Combine(cleave.Folder, "run");
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        cleave.Environment["XDG_RUNTIME_DIR"] = runtime;
        string plan = await cleave.OkAsync("plan");
        Assert.Contains($"tmpfs {runtime}/cleave", plan, StringComparison.Ordinal);
        Directory.Delete(runtime, recursive: true);
        cleave.Environment["XDG_RUNTIME_DIR"] = Runtime;

        await RunScriptAsync(cleave, plan, ["a"]);
    }

    [Fact]
    public async Task The_rooms_of_the_printed_plan_show_what_a_node_sees()
    {
        LabText lab = LabText.Of("a", "b");
        CleaveCommand cleave = NewLab(lab.Yaml(n => n == "a" ? "aliases: [www], hostname: a.example.com, sysctls: {kernel.shmmax: 1000000}" : "env: {}"));
        const string Look = "hostname; cat /etc/hosts /proc/sys/kernel/shmmax; ls /sys/class/net; stat -c %a /tmp /dev/shm; ls -A /dev/shm; ls cleave.yaml; ls -d /proc/1";
        string plan = await cleave.OkAsync("plan");
        string script = Rooms().Replace(plan, $"mount -t proc -o nosuid,nodev,noexec proc /proc\ncd {cleave.Folder}; {Look}\nROOM");
        Assert.NotEqual(plan, script);

        string seen = await RunScriptAsync(cleave, script, []);

        await cleave.OkAsync("up", "-d");
        string expected = await cleave.InAsync("a", Look) + "\n" + await cleave.InAsync("b", Look) + "\n";
        Assert.Equal(expected, seen);
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task The_rooms_of_the_printed_plan_show_the_volumes_that_a_node_sees()
    {
        string other = NewFolder("cleave-test-", "/tmp");
        File.WriteAllText(Path.Combine(other, "f"), "found\n");
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                tmpfs: [{path: /opt, size: 64K, mode: 0750}, /tmp/deep/er]
                volumes: [".:/srv:ro", "data:/opt/data", "{{other}}:/opt/x:ro", "{{other}}/f:/tmp/g", "/tmp:/mnt"]
            """, "/var/tmp");
        string look = $"cat /mnt/{Path.GetFileName(other)}/f /opt/x/f /tmp/g; stat -c '%a %F' /opt /opt/data /opt/x /tmp /tmp/deep/er /tmp/g; stat -f -c %T /opt /tmp/deep/er /tmp; "
            + "df -h --output=size /opt; for d in /srv /opt/x /opt/data /mnt; do touch $d/new 2>/dev/null && echo writes $d && rm $d/new; done; true";
        string plan = await cleave.OkAsync("plan");
        string script = Rooms().Replace(plan, $"mount -t proc -o nosuid,nodev,noexec proc /proc\n{look}\nROOM");
        Assert.NotEqual(plan, script);

        string seen = await RunScriptAsync(cleave, script, []);

        await cleave.OkAsync("up", "-d");
        Assert.Equal(await cleave.InAsync("a", look) + "\n", seen);
        Assert.StartsWith("found\nfound\nfound\n750 directory\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("64K\nwrites /opt/data\nwrites /mnt\n", seen, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }

    private static async Task CompareAsync(CleaveCommand cleave, IReadOnlyList<string> nodes)
    {
        Tool.Require("nft", "nftables");
        Tool.Require("bridge", "iproute2");
        string[] places = ["fabric", .. nodes];
        string output = await RunScriptAsync(cleave, await cleave.OkAsync("plan"), places);
        string[] made = output.Split("#### ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(places, made.Select(m => m.Split('\n')[0]));

        await cleave.OkAsync("up", "-d");
        foreach ((string place, string dump) in places.Zip(made))
        {
            IReadOnlyList<string> printed = NetworkDump.Parse(dump[(place.Length + 1)..]);
            IReadOnlyList<string> real = NetworkDump.Parse(await cleave.InAsync(place, NetworkDump.Script));
            Assert.True(
                printed.SequenceEqual(real),
                $"{place}: only after the printed commands:\n{string.Join('\n', printed.Except(real))}\nonly in the lab:\n{string.Join('\n', real.Except(printed))}");
        }

        await cleave.OkAsync("down");
    }

    /// <summary>Runs a printed plan with the real tools in namespaces that end with it, then dumps the places; nothing may be said on stderr.</summary>
    private static async Task<string> RunScriptAsync(CleaveCommand cleave, string plan, IEnumerable<string> places)
    {
        var script = new StringBuilder("mount -t tmpfs tmpfs /run\n").Append(plan);
        foreach (string place in places)
        {
            script.Append($"echo '#### {place}'\nip netns exec {place} sh -c \"$DUMP\"\n");
        }

        cleave.Environment["DUMP"] = NetworkDump.Script;
        Outcome outcome = await cleave.RunAsync("unshare", ["-Urnm", "--propagation", "private", "sh"], script.ToString());
        cleave.Environment.Remove("DUMP");
        Assert.True(outcome is { Code: 0, Errors: "" }, $"the printed plan fails: {outcome}");
        return outcome.Output;
    }

    private static string WithoutPrograms(string file) => Programs().Replace(File.ReadAllText(file).Split("\nscenarios:")[0], "\n");

    private static IReadOnlyList<string> NodesIn(string plan) => [.. NodeNames().Matches(plan).Select(m => m.Groups["name"].Value)];

    [GeneratedRegex(@"\n    (run|ready):.*(?=\n)", RegexOptions.ExplicitCapture)]
    private static partial Regex Programs();

    [GeneratedRegex(@"^# Node (?<name>\S+)\.$", RegexOptions.Multiline)]
    private static partial Regex NodeNames();

    [GeneratedRegex(@"^mount -t proc .*\n# Here PID 1.*\nROOM$", RegexOptions.Multiline)]
    private static partial Regex Rooms();
}
