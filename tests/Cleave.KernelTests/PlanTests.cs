using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What <c>cleave plan</c> prints, run with the real tools, makes what <c>cleave up</c> makes; <see cref="PlanScriptTests"/> tries more networks.</summary>
public sealed partial class PlanTests : KernelTest
{
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
    public async Task The_printed_plan_of_links_makes_the_network_that_up_makes() => await CompareAsync(NewLab(LinkTests.Yaml), LinkTests.Nodes);

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
        string[] places = ["fabric", .. nodes];
        await ScriptedNetwork.CompareAsync(cleave, await RunScriptAsync(cleave, await cleave.OkAsync("plan"), places), places);
    }

    private static Task<string> RunScriptAsync(CleaveCommand cleave, string plan, IReadOnlyList<string> places) => ScriptedNetwork.RunAsync(cleave, plan, places, places);

    [GeneratedRegex(@"^mount -t proc .*\n# Here PID 1.*\nROOM$", RegexOptions.Multiline)]
    private static partial Regex Rooms();
}
