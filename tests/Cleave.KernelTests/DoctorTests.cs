using System.Text.Json;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>
/// What a lab needs is taken away, one thing at a time, in namespaces, limits and filters of the test's own: the doctor names it, and up and test fail
/// with the same remedy. What cannot be taken away here (bridge, veth and other parts of the kernel, control groups) is tested from findings alone.
/// </summary>
public sealed class DoctorTests : KernelTest
{
    private const string TwoNodes =
        "{cleave: 1, nodes: {a: {ip: 172.23.0.1, run: exec sleep 1000}, b: {ip: 172.23.0.2}}, scenarios: {s: [{expect: {from: b, to: a, icmp: true, is: reachable}}]}}";

    /// <summary>In a user and a mount namespace of its own, after a shell line that takes something away. "$@" is what to run then.</summary>
    private static string Namespaces(string take) => $"unshare -Urm sh -c '{take} && exec \"$@\"' sh";

    /// <summary>The same, but not as root of that namespace.</summary>
    private static string OrdinaryUser(string take) =>
        $"unshare -Urm sh -c '{take} && exec unshare --user --map-user=1000 --map-group=1000 \"$@\"' sh";

    /// <summary>Files in place of those below /proc/sys/kernel; with one more, which kernels of this kind do not have.</summary>
    private static string Sysctl(string name, string value) =>
        $"mkdir -p fake && cp /proc/sys/kernel/osrelease /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max fake && echo {value} >fake/{name} && mount --bind fake /proc/sys/kernel";

    private static string Limit(string name, int value) => $"echo {value} >/proc/sys/user/{name}";

    private static string Refuse(string rule) => $"{Tool.Python} {Refusal.File} {rule}";

    /// <summary>What is taken away, how, the check that names it, a part of its remedy.</summary>
    public static TheoryData<string, string, string, string> Missing() => new()
    {
        { "user namespaces", Namespaces(Limit("max_user_namespaces", 0)), "max-user-namespaces", "sudo sysctl -w user.max_user_namespaces=15000" },
        { "network namespaces for all nodes", Namespaces(Limit("max_net_namespaces", 2)), "max-net-namespaces", "sudo sysctl -w user.max_net_namespaces=15000" },
        { "mount namespaces", Namespaces(Limit("max_mnt_namespaces", 1)), "max-mnt-namespaces", "sudo sysctl -w user.max_mnt_namespaces=15000" },
        { "PID namespaces", Namespaces(Limit("max_pid_namespaces", 0)), "max-pid-namespaces", "sudo sysctl -w user.max_pid_namespaces=15000" },
        { "UTS namespaces", Namespaces(Limit("max_uts_namespaces", 0)), "max-uts-namespaces", "sudo sysctl -w user.max_uts_namespaces=15000" },
        { "IPC namespaces", Namespaces(Limit("max_ipc_namespaces", 0)), "max-ipc-namespaces", "sudo sysctl -w user.max_ipc_namespaces=15000" },
        { "open files", "prlimit --nofile=150:150", "files", "sudo prlimit --pid $$ --nofile=1024:4096" },
        { "an uncovered /proc", Namespaces("mount -t tmpfs -o ro none /proc/irq"), "proc", "systempaths=unconfined" },
        { "an uncovered /sys", Namespaces("mount -t tmpfs -o ro none /sys/dev"), "sysfs", "systempaths=unconfined" },
        { "user namespaces, by a filter", Refuse("user-namespaces"), "user-namespace", "--security-opt seccomp=unconfined" },
        { "host names, by a filter", Refuse("host-names"), "host-name", "--security-opt seccomp=unconfined" },
        { "nf_tables", Refuse("nf-tables"), "nf-tables", "sudo modprobe nf_tables" },
        {
            "AppArmor's leave, in imitation", OrdinaryUser(Sysctl("apparmor_restrict_unprivileged_userns", "1")), "apparmor",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        },
        { "Debian's switch, in imitation", OrdinaryUser(Sysctl("unprivileged_userns_clone", "0")), "userns-clone", "sudo sysctl -w kernel.unprivileged_userns_clone=1" },
    };

    [Theory]
    [MemberData(nameof(Missing))]
    public async Task What_is_taken_away_is_named_by_the_doctor_and_up_fails_with_its_remedy(string what, string take, string id, string remedy)
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        cleave.Write(Refusal.File, Refusal.Text);
        await FailsAsync(cleave, what, take, id, remedy);
    }

    [Fact]
    public async Task Test_says_the_same_and_that_the_machine_cannot()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        foreach ((string take, string remedy) in new[]
        {
            (Namespaces(Limit("max_user_namespaces", 0)), "sudo sysctl -w user.max_user_namespaces=15000"), // before there is a lab host
            (Namespaces("mount -t tmpfs -o ro none /proc/irq"), "systempaths=unconfined"), // before it has started
            (Namespaces("mount -t tmpfs -o ro none /sys/dev"), "systempaths=unconfined"), // while it makes the lab
        })
        {
            Outcome test = await cleave.ShellAsync($"{take} \"$CLEAVE\" test");
            Assert.True(test.Code == 4 && test.Errors.Contains(remedy, StringComparison.Ordinal), $"{take}: {test}");
        }
    }

    [Theory]
    [InlineData("unshare", "unshare", "util-linux")]
    [InlineData("setsid", "programs", "util-linux")]
    [InlineData("mount", "programs", "mount")]
    public async Task A_program_that_is_not_there_is_named(string program, string id, string remedy)
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        cleave.Environment["PATH"] = PathWithout(program);
        await FailsAsync(cleave, program, "", id, remedy);
    }

    [Fact]
    public async Task A_runtime_directory_that_others_can_enter_is_no_place_for_sockets()
    {
        CleaveCommand cleave = NewLab(TwoNodes, "/var/tmp");
        string take = Namespaces("mount -t tmpfs none /tmp && mkdir -m 755 /tmp/cleave-0") + " env -u XDG_RUNTIME_DIR";
        await FailsAsync(cleave, "a place for sockets", take, "runtime-directory", "XDG_RUNTIME_DIR");
    }

    [Theory]
    [InlineData("prlimit --nofile=16000:16000", "sudo prlimit --pid $$ --nofile=1024:32768")]
    [InlineData("unshare -Urm sh -c 'echo 4000 >/proc/sys/user/max_uts_namespaces && exec \"$@\"' sh", "sudo sysctl -w user.max_uts_namespaces=15000")]
    public async Task Four_thousand_nodes_are_refused_before_anything_is_made_where_the_machine_has_too_little_for_them(string take, string remedy)
    {
        string nodes = string.Join(", ", Enumerable.Range(0, 4000).Select(i => $"n{i}: {{ip: 172.23.{i / 250}.{(i % 250) + 1}}}"));
        CleaveCommand cleave = NewLab($"{{cleave: 1, networks: {{lan: {{subnet: 172.23.0.0/16}}}}, nodes: {{{nodes}}}}}");
        Outcome up = await cleave.ShellAsync($"{take} \"$CLEAVE\" up -d");
        Assert.True(up.Code == 125 && up.Errors.Contains(remedy, StringComparison.Ordinal), up.ToString());
        Assert.False(Directory.Exists(Path.Combine(cleave.Folder, ".cleave")), "the lab had a folder");

        Outcome valid = await cleave.RunAsync("validate");
        Assert.True(valid.Code == 0 && valid.Errors.Contains("lan has 4000 nodes", StringComparison.Ordinal), valid.ToString());
    }

    /// <summary>What is taken away, how, the check that names it, a part of its remedy; labs run on.</summary>
    public static TheoryData<string, string, string, string> Limited() => new()
    {
        { "a writable /sys", Namespaces("mount -o remount,bind,ro /sys"), "sysfs", "privileged" },
        { "/dev/net/tun", Namespaces("mount --bind /dev/null /dev/net/tun"), "tun", "/dev/net/tun" },
        { "raw ICMP sockets", Refuse("icmp"), "icmp", "seccomp" },
        { "a range of user ids", OrdinaryUser("mount --bind /dev/null /etc/subuid && mount --bind /dev/null /etc/subgid"), "ids", "sudo usermod --add-subuids" },
    };

    [Theory]
    [MemberData(nameof(Limited))]
    public async Task What_labs_can_do_without_is_named_and_labs_run(string what, string take, string id, string remedy)
    {
        Assert.SkipUnless(id != "tun" || File.Exists("/dev/net/tun"), "there is no /dev/net/tun to hide");
        CleaveCommand cleave = NewLab(TwoNodes);
        cleave.Write(Refusal.File, Refusal.Text);
        (Outcome doctor, JsonElement report) = await DoctorAsync(cleave, take);
        Assert.True(doctor.Code == 0, $"{what}: {doctor}");
        Assert.Contains(remedy, Remedy(report, id, "limited"), StringComparison.Ordinal);

        Outcome up = await cleave.ShellAsync($"{take} \"$CLEAVE\" up -d && {take} \"$CLEAVE\" down");
        Assert.True(up.Code == 0, $"{what}: {up}");
    }

    [Theory]
    [InlineData("newuidmap", "", "apt install uidmap")]
    [InlineData(null, "setpriv --no-new-privs", "no-new-privileges")]
    public async Task Ids_that_cannot_be_mapped_are_told_of(string? without, string take, string remedy)
    {
        Assert.SkipWhen(Posix.IsRoot, "root has all ids, newuidmap or not");
        Assert.SkipUnless(
            File.Exists("/etc/subuid") && File.ReadLines("/etc/subuid").Any(l => l.StartsWith(Environment.UserName + ":", StringComparison.Ordinal)),
            "the user has no subordinate ids in /etc/subuid");
        CleaveCommand cleave = NewLab(TwoNodes);
        if (without is not null)
        {
            cleave.Environment["PATH"] = PathWithout(without);
        }

        (Outcome doctor, JsonElement report) = await DoctorAsync(cleave, take);
        Assert.True(doctor.Code == 0, doctor.ToString());
        Assert.Contains(remedy, Remedy(report, "ids", "limited"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_agrees_with_tc_about_queues()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        (_, JsonElement report) = await DoctorAsync(cleave, "");
        foreach ((string id, string[] queues) in new[] { ("netem", (string[])["netem delay 1ms"]), ("rates", ["htb", "tbf rate 1mbit burst 10kb latency 50ms"]) })
        {
            bool works = true;
            foreach (string queue in queues)
            {
                Outcome tc = await cleave.ShellAsync($"PATH=$PATH:/usr/sbin:/sbin unshare -Urn tc qdisc add dev lo root {queue}");
                works &= tc.Code == 0;
            }

            Assert.Equal((id, works ? "ok" : "limited"), (id, Check(report, id).GetProperty("status").GetString()));
        }
    }

    [Fact]
    public async Task The_doctor_says_in_a_line_each_what_was_found_and_changes_nothing()
    {
        CleaveCommand cleave = NewLab(TwoNodes);
        string text = await cleave.OkAsync("doctor");
        Assert.Matches(@"(?m)^  ok       nf_tables, family bridge +works$", text);
        Assert.Contains("This lab can run here.", text, StringComparison.Ordinal);

        cleave.Write("cleave.yaml", "{cleave: 1, nodes: {a: {ip: 172.23.0.1000}}}");
        Outcome wrong = await cleave.RunAsync("doctor");
        Assert.True(wrong.Code == 2 && wrong.Errors.Contains("172.23.0.1000", StringComparison.Ordinal), wrong.ToString());
        File.Delete(Path.Combine(cleave.Folder, "cleave.yaml"));
        Assert.Contains("A lab can run here.", await cleave.OkAsync("doctor"), StringComparison.Ordinal);
    }

    private static async Task FailsAsync(CleaveCommand cleave, string what, string take, string id, string remedy)
    {
        (Outcome doctor, JsonElement report) = await DoctorAsync(cleave, take);
        Assert.True(doctor.Code == 4, $"{what}: {doctor}");
        Assert.Contains(remedy, Remedy(report, id, "missing"), StringComparison.Ordinal);

        Outcome up = await cleave.ShellAsync($"{take} \"$CLEAVE\" up");
        Assert.True(up.Code == 125 && up.Errors.Contains(remedy, StringComparison.Ordinal), $"{what}: {up}");
        Assert.DoesNotContain("Unhandled", up.Errors + doctor.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Cleave", up.Errors + doctor.Errors, StringComparison.Ordinal);
    }

    private static async Task<(Outcome Outcome, JsonElement Report)> DoctorAsync(CleaveCommand cleave, string take)
    {
        Outcome outcome = await cleave.ShellAsync($"{take} \"$CLEAVE\" doctor --json");
        Assert.True(outcome.Output.StartsWith('{'), outcome.ToString());
        return (outcome, JsonDocument.Parse(outcome.Output).RootElement);
    }

    private static JsonElement Check(JsonElement report, string id) =>
        report.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);

    private static IEnumerable<string> With(JsonElement report, string status) => report.GetProperty("checks").EnumerateArray()
        .Where(c => c.GetProperty("status").GetString() == status)
        .Select(c => c.GetProperty("id").GetString()!);

    /// <summary>The remedy of a check, which must have this status.</summary>
    private static string Remedy(JsonElement report, string id, string status)
    {
        JsonElement check = Check(report, id);
        Assert.True(check.GetProperty("status").GetString() == status, $"{id}: {check}");
        return string.Join('\n', check.GetProperty("remedy").EnumerateArray().Select(l => l.GetString()));
    }
}
