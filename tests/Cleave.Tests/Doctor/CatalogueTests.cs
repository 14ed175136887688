using System.Text;
using System.Text.Json;
using Cleave.Doctor;
using Cleave.Namespaces;
using Cleave.Topology;

namespace Cleave.Tests.Doctor;

public class CatalogueTests
{
    private const string AppArmor = "kernel.apparmor_restrict_unprivileged_userns";

    [Fact]
    public void A_machine_that_has_everything_is_well_in_every_respect()
    {
        var report = Report.Of(Machines.Healthy, Needs.SmallLab);

        Assert.All(report.Checks, c => Assert.Equal((c.Id, Status.Ok, null, true), (c.Id, c.Status, c.Cost, c.Remedy.IsEmpty)));
        Assert.True(report.CanRun);
        Assert.Null(report.Obstacles());
    }

    [Fact]
    public void Every_check_has_an_id_of_its_own() =>
        Assert.Empty(Catalogue.Checks.GroupBy(c => c.Id).Where(g => g.Count() > 1).Select(g => g.Key));

    /// <summary>A broken machine, the check that tells of it, and a part of the remedy.</summary>
    public static TheoryData<string, Func<Findings, Findings>, string, Status, string> Broken() => new()
    {
        { "no unshare", f => f.Without("unshare") with { UtilLinux = null }, "unshare", Status.Missing, "apt install util-linux" },
        { "BusyBox", f => f with { UtilLinux = null }, "unshare", Status.Missing, "install util-linux" },
        { "old util-linux", f => f with { UtilLinux = "2.34" }, "unshare", Status.Missing, "2.35" },
        { "no mount", f => f.Without("mount"), "programs", Status.Missing, "apt install" },
        { "BusyBox env", f => f.Refusing(Trial.IgnoreSignal, "error"), "programs", Status.Missing, "coreutils 8.31" },
        { "no way out", f => f.Without("pasta").Without("slirp4netns"), "pasta", Status.Limited, "apt install passt" },
        { "no nsenter", f => f.Without("nsenter"), "pasta", Status.Limited, "apt install util-linux" },
        { "no nft", f => f.Without("nft"), "ip-nft", Status.Limited, "apt install iproute2 nftables" },
        { "old kernel", f => f with { Kernel = "5.4.0-200-generic" }, "kernel", Status.Missing, "Linux 5.8" },
        {
            "Ubuntu", f => f.With(AppArmor, "1").Refusing(Trial.MountNamespace, "EACCES").Refusing(Trial.LabHost, "EACCES"), "apparmor", Status.Missing,
            "profile cleave /usr/local/bin/cleave flags=(unconfined)"
        },
        {
            "Ubuntu, whole machine", f => f.With(AppArmor, "1").WithoutUserNamespaces("EPERM", "unshare: unshare failed: Operation not permitted"), "apparmor",
            Status.Missing, $"sudo sysctl -w {AppArmor}=0"
        },
        {
            "Ubuntu 25.04", f => f.Refusing(Trial.MountNamespace, "EACCES") with { UnshareIsConfined = true }, "apparmor-unshare", Status.Missing,
            "apparmor_parser -R /etc/apparmor.d/unshare-userns-restrict"
        },
        { "Debian 10", f => f.With("kernel.unprivileged_userns_clone", "0").WithoutUserNamespaces("EPERM", "no"), "userns-clone", Status.Missing, "sudo sysctl -w kernel.unprivileged_userns_clone=1" },
        { "no user namespaces", f => f.With("user.max_user_namespaces", "0").WithoutUserNamespaces("ENOSPC", "no"), "max-user-namespaces", Status.Missing, "sudo sysctl -w user.max_user_namespaces=15000" },
        { "user namespaces used up", f => f.WithoutUserNamespaces("ENOSPC", "no"), "max-user-namespaces", Status.Missing, "sudo sysctl -w user.max_user_namespaces=15000" },
        { "Docker", f => f.WithoutUserNamespaces("EPERM", "no") with { Container = "docker", Seccomp = 2 }, "user-namespace", Status.Missing, "--security-opt seccomp=unconfined" },
        { "kernel without them", f => f.WithoutUserNamespaces("EINVAL", "no"), "user-namespace", Status.Missing, "CONFIG_USER_NS" },
        { "few network namespaces", f => f.With("user.max_net_namespaces", "10"), "max-net-namespaces", Status.Missing, "sudo sysctl -w user.max_net_namespaces=15000" },
        { "few mount namespaces", f => f.With("user.max_mnt_namespaces", "10"), "max-mnt-namespaces", Status.Missing, "sudo sysctl -w user.max_mnt_namespaces=15000" },
        { "few PID namespaces", f => f.With("user.max_pid_namespaces", "10"), "max-pid-namespaces", Status.Missing, "sudo sysctl -w user.max_pid_namespaces=15000" },
        { "few UTS namespaces", f => f.With("user.max_uts_namespaces", "10"), "max-uts-namespaces", Status.Missing, "sudo sysctl -w user.max_uts_namespaces=15000" },
        { "few IPC namespaces", f => f.With("user.max_ipc_namespaces", "10"), "max-ipc-namespaces", Status.Missing, "sudo sysctl -w user.max_ipc_namespaces=15000" },
        { "a limit further out", f => f.Refusing(Trial.NodeNamespaces, "ENOSPC"), "node-namespaces", Status.Missing, "sudo sysctl -w user.max_net_namespaces=15000" },
        { "masked /proc, Docker", f => f.WithMaskedProc("docker"), "proc", Status.Missing, "--security-opt systempaths=unconfined" },
        { "masked /proc, Podman", f => f.WithMaskedProc("podman"), "proc", Status.Missing, "--security-opt unmask=ALL" },
        { "masked /proc, LXC", f => f.WithMaskedProc("lxc"), "proc", Status.Missing, "security.nesting=true" },
        { "masked /proc, by hand", f => f.WithMaskedProc(null), "proc", Status.Missing, "sudo umount /proc/acpi /proc/sys" },
        { "lab host", f => f.Refusing(Trial.LabHost, "EPERM", "the user ids of the lab could not be mapped"), "lab-host", Status.Missing, "seccomp=unconfined" },
        { "masked /sys", f => f.Refusing(Trial.Sysfs, "EPERM").Refusing(Trial.SysfsReadOnly, "EPERM") with { Container = "podman" }, "sysfs", Status.Missing, "unmask=ALL" },
        { "no tmpfs", f => f.Refusing(Trial.Tmpfs, "EPERM"), "tmpfs", Status.Missing, "unmask=ALL" },
        { "no host names, Podman", f => f.Refusing(Trial.HostName, "EPERM") with { Container = "podman" }, "host-name", Status.Missing, "seccomp=unconfined" },
        { "no joining", f => f.Refusing(Trial.Join, "EPERM"), "join", Status.Missing, "seccomp=unconfined" },
        { "no devpts", f => f.Refusing(Trial.Terminals, "EPERM"), "terminals", Status.Missing, "unmask=ALL" },
        { "no bridge", f => f.Refusing(Trial.Bridge, "EOPNOTSUPP"), "bridge", Status.Missing, "sudo modprobe bridge" },
        { "no veth", f => f.Refusing(Trial.Veth, "EOPNOTSUPP"), "veth", Status.Missing, "sudo modprobe veth" },
        { "no static ports", f => f.Refusing(Trial.StaticPort, "EINVAL"), "static-port", Status.Missing, "Linux 4.0" },
        { "no nf_tables", f => f.Refusing(Trial.Tables, "EPROTONOSUPPORT"), "nf-tables", Status.Missing, "sudo modprobe nf_tables" },
        { "no nf_tables for bridges", f => f.Refusing(Trial.BridgeTables, "EAFNOSUPPORT"), "nf-tables-bridge", Status.Missing, "CONFIG_NF_TABLES_BRIDGE" },
        { "WSL", f => f.Refusing(Trial.BridgeTables, "EAFNOSUPPORT") with { Kernel = "6.6.87.2-microsoft-standard-WSL2" }, "nf-tables-bridge", Status.Missing, "wsl --update" },
        { "no sets", f => f.Refusing(Trial.Cut, "EOPNOTSUPP"), "cut", Status.Missing, "modprobe nft_counter" },
        { "no answers", f => f.Refusing(Trial.Answers, "ENOENT"), "answers", Status.Limited, "nft_reject_netdev" },
        { "no raw sockets", f => f.Refusing(Trial.RawIcmp, "EPERM"), "icmp", Status.Limited, "seccomp" },
        { "no IPv6", f => f.Refusing(Trial.IPv6, "EOPNOTSUPP"), "ipv6", Status.Limited, "CONFIG_IPV6" },
        { "no netem", f => f.Refusing(Trial.Netem, "ENOENT"), "netem", Status.Limited, "linux-modules-extra" },
        { "no HTB", f => f.Refusing(Trial.Htb, "ENOENT"), "rates", Status.Limited, "sch_htb" },
        { "no TBF", f => f.Refusing(Trial.Tbf, "ENOENT"), "rates", Status.Limited, "sch_tbf" },
        { "no vxlan", f => f.Refusing(Trial.Vxlan, "EOPNOTSUPP"), "vxlan", Status.Limited, "modprobe vxlan" },
        { "no tun", f => f.Refusing(Trial.Tap, "ENOENT"), "tun", Status.Limited, "sudo modprobe tun" },
        { "forbidden tun", f => f.Refusing(Trial.Tap, "EACCES"), "tun", Status.Limited, "sudo chmod 0666 /dev/net/tun" },
        { "no tun in a container", f => f.Refusing(Trial.Tap, "ENOENT") with { Container = "docker" }, "tun", Status.Limited, "--device /dev/net/tun" },
        { "no newuidmap", f => f.Without("newuidmap") with { Ids = IdMapKind.Single }, "ids", Status.Limited, "apt install uidmap" },
        { "no range", f => f with { SubordinateUsers = 0, Ids = IdMapKind.Single }, "ids", Status.Limited, "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann" },
        { "newuidmap not setuid", f => f with { MappersArePrivileged = false, Ids = IdMapKind.Single }, "ids", Status.Limited, "chmod u+s" },
        { "no new privileges", f => f with { NoNewPrivileges = true, Ids = IdMapKind.Single }, "ids", Status.Limited, "no-new-privileges" },
        { "newuidmap refuses", f => f with { Ids = IdMapKind.Single }, "ids", Status.Limited, "newuidmap" },
        { "few files", f => f with { HardFiles = 128, SoftFiles = 128 }, "files", Status.Missing, "prlimit --pid $$ --nofile=1024:4096" },
        { "not many files", f => f with { HardFiles = 256, SoftFiles = 256 }, "files", Status.Limited, "prlimit --pid $$ --nofile=1024:4096" },
        { "low soft limit", f => f with { SoftFiles = 256 }, "files", Status.Limited, "ulimit -Sn 1024" },
        { "few processes", f => f with { UserProcesses = 59 }, "processes", Status.Missing, "nproc" },
        { "not many processes", f => f with { UserProcesses = 60 }, "processes", Status.Limited, "nproc" },
        { "few processes in the group", f => f with { GroupProcesses = 59 }, "processes", Status.Missing, "--pids-limit -1" },
        { "few process numbers", f => f.With("kernel.pid_max", "559"), "processes", Status.Missing, "sudo sysctl -w kernel.pid_max=" },
        { "few threads", f => f.With("kernel.threads-max", "500"), "processes", Status.Missing, "sudo sysctl -w kernel.threads-max=" },
        { "no memory", f => f with { FreeMemory = 100 << 20 }, "memory", Status.Missing, "fewer nodes" },
        { "little memory", f => f with { FreeMemory = 200 << 20 }, "memory", Status.Limited, "fewer nodes" },
        { "a short backlog", f => f.With("net.core.netdev_max_backlog", "8"), "broadcasts", Status.Limited, "sudo sysctl -w net.core.netdev_max_backlog=1000" },
        { "no place", f => f with { RuntimeDirectory = null, RuntimeDirectoryTrouble = "it is another's" }, "runtime-directory", Status.Missing, "XDG_RUNTIME_DIR" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_missing_is_named_with_its_cost_and_its_remedy(string what, Func<Findings, Findings> change, string id, Status status, string remedy)
    {
        var report = Report.Of(change(Machines.Healthy), Needs.SmallLab);

        Diagnosis found = Assert.Single(report.Checks, c => c.Id == id);
        Assert.Equal((what, status), (what, found.Status));
        Assert.NotNull(found.Cost);
        Assert.Contains(remedy, string.Join('\n', found.Remedy), StringComparison.Ordinal);
        Assert.Equal(status != Status.Missing, report.CanRun);
        if (status == Status.Missing)
        {
            // And that is what up and test say.
            Assert.Contains(remedy, report.Obstacles(), StringComparison.Ordinal);
            Assert.Contains(found.Found, report.Obstacles(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_check_is_broken_by_some_machine()
    {
        string[] harmless = ["container", "neighbours"]; // the first only tells, the other has a test of its own
        Assert.Empty(Catalogue.Checks.Select(c => c.Id).Except(Broken().Select(r => r.Data.Item3)).Except(harmless));
    }

    [Theory]
    [InlineData("user.max_user_namespaces", "0", "ENOSPC", "max-user-namespaces")]
    [InlineData("kernel.unprivileged_userns_clone", "0", "EPERM", "userns-clone")]
    [InlineData(AppArmor, "1", "EPERM", "apparmor")]
    public void What_only_follows_has_no_remedy_of_its_own_and_is_not_what_up_says(string sysctl, string value, string error, string cause)
    {
        var report = Report.Of(Machines.Healthy.With(sysctl, value).WithoutUserNamespaces(error, "refused"), Needs.SmallLab);

        Assert.Equal([cause], report.Checks.Where(c => c is { Status: Status.Missing, Remedy.IsEmpty: false }).Select(c => c.Id));
        Assert.Contains("user-namespace", report.Checks.Where(c => c.Status == Status.Missing).Select(c => c.Id));
        Assert.Contains(report.Checks, c => c is { Id: "bridge", Status: Status.Untried });
        Assert.DoesNotContain("user namespaces:", report.Obstacles(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_restriction_of_AppArmor_is_no_trouble_for_root_or_for_a_program_it_lets_through()
    {
        Assert.Equal(Status.Ok, Of("apparmor", Machines.Healthy.With(AppArmor, "1"), Needs.SmallLab).Status);
        Assert.Equal(Status.Ok, Of("apparmor", Machines.Healthy.With(AppArmor, "1") with { User = 0 }, Needs.SmallLab).Status);
    }

    [Fact]
    public void A_sysctl_is_for_the_host_of_a_container_to_set()
    {
        Diagnosis found = Of("max-net-namespaces", Machines.Healthy.With("user.max_net_namespaces", "1") with { Container = "docker" }, Needs.SmallLab);
        Assert.Equal("outside this container (docker), on its host:", found.Remedy[0]);
    }

    [Fact]
    public void A_read_only_sys_costs_little()
    {
        Findings f = Machines.Healthy.Refusing(Trial.Sysfs, "EPERM") with { SysIsReadOnly = true };
        f = f with { Trials = f.Trials.SetItem(Trial.SysfsReadOnly, new Outcome()) };
        Assert.Equal(Status.Limited, Of("sysfs", f, Needs.SmallLab).Status);
    }

    [Theory]
    [InlineData(1000, "1000", Status.Ok)]
    [InlineData(1000, "998", Status.Limited)]
    [InlineData(4000, "1000", Status.Ok)] // on bridges in a row, of which two get it at once
    [InlineData(4000, "501", Status.Limited)]
    public void A_broadcast_needs_as_many_places_as_it_is_handed_to_ports_at_once(int nodes, string backlog, Status status) => Assert.Equal(
        status, Of("broadcasts", Machines.Healthy.With("net.core.netdev_max_backlog", backlog), Needs.Of(Lab(nodes))).Status);

    [Fact]
    public void The_size_of_a_lab_is_judged_from_facts_before_it_is_started()
    {
        Needs needs = Needs.Of(Lab(4000));
        Findings f = Machines.Healthy.NotTrying(Enum.GetValues<Trial>());
        Assert.True(Report.Of(f, needs, Catalogue.Sizes).CanRun);
        foreach ((Findings machine, string remedy) in new[]
        {
            (f with { HardFiles = 16199 }, "prlimit --pid $$ --nofile=1024:32768"),
            (f with { UserProcesses = 4000 }, "hard nproc 32768"),
            (f.With("kernel.pid_max", "4500"), "sudo sysctl -w kernel.pid_max=131072"),
            (f.With("user.max_pid_namespaces", "4000"), "sudo sysctl -w user.max_pid_namespaces=15000"),
            (f with { FreeMemory = 3L << 30 }, "fewer nodes"),
        })
        {
            var report = Report.Of(machine, needs, Catalogue.Sizes);
            Assert.False(report.CanRun);
            Assert.Contains(remedy, report.Obstacles(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_large_lab_is_warned_of_what_it_shares_with_the_machine_and_a_small_one_of_nothing()
    {
        LabTopology lab = Lab(129);
        string warning = Assert.Single(SizeWarnings.Of(Report.Of(Machines.Healthy, Needs.Of(lab), Catalogue.Sizes)));
        Assert.Contains("net.ipv4.neigh.default.gc_thresh3 = 1024", warning, StringComparison.Ordinal);
        Assert.Contains("big has 129 nodes", Assert.Single(SizeWarnings.Of(lab)), StringComparison.Ordinal);

        Assert.Empty(SizeWarnings.Of(Lab(128)));
        Findings poor = Machines.Healthy with { SoftFiles = 256 }; // which is the doctor's to say
        Assert.Empty(SizeWarnings.Of(Report.Of(poor, Needs.Of(Lab(128)), Catalogue.Sizes)));
    }

    [Theory]
    [InlineData(128, "1024", Status.Ok)]
    [InlineData(129, "1024", Status.Limited)]
    [InlineData(129, "40000", Status.Ok)]
    public void Only_large_networks_need_the_table_of_learnt_neighbours(int nodes, string limit, Status status) => Assert.Equal(
        status, Of("neighbours", Machines.Healthy.With("net.ipv4.neigh.default.gc_thresh3", limit), Needs.Of(Lab(nodes))).Status);

    [Fact]
    public void The_size_of_the_lab_counts()
    {
        Findings f = Machines.Healthy with { HardFiles = 1024 };
        Assert.Equal(Status.Ok, Of("files", f, Needs.Of(Lab(50))).Status);
        Assert.Equal(Status.Missing, Of("files", f, Needs.Of(Lab(500))).Status);
        Assert.Equal(Status.Missing, Of("max-net-namespaces", f.With("user.max_net_namespaces", "500"), Needs.Of(Lab(500))).Status);
        Assert.Equal(Status.Ok, Of("max-net-namespaces", f.With("user.max_net_namespaces", "501"), Needs.Of(Lab(500))).Status);
    }

    [Fact]
    public void A_node_may_ask_for_as_many_open_files_as_the_hard_limit_and_no_more()
    {
        Findings f = Machines.Healthy with { HardFiles = 5000 };
        Needs needs = Needs.Of(Lab(3)) with { Programs = ("web", 5000) };
        Assert.Equal(Status.Ok, Of("files", f, needs).Status);

        Diagnosis diagnosis = Of("files", f, needs with { Programs = ("web", 5001) });
        Assert.Equal((Status.Missing, "hard limit 5000, and node web asks for 5001 (limits: nofile)"), (diagnosis.Status, diagnosis.Found));
        Assert.Contains("in this shell: sudo prlimit --pid $$ --nofile=1024:8192", diagnosis.Remedy);
    }

    [Fact]
    public void A_node_that_runs_as_another_user_makes_subordinate_ids_a_must()
    {
        Needs needs = Needs.Of(Lab(3)) with { User = ("web", new NodeUser(33, 33, [33], "www-data", "/var/www")) };
        Findings f = Machines.Healthy;
        Assert.Equal(Status.Ok, Of("ids", f, needs).Status);

        Findings without = f.Without("newuidmap").Without("newgidmap") with { Ids = IdMapKind.Single };
        Assert.Equal(Status.Limited, Of("ids", without, Needs.SmallLab).Status);
        Diagnosis diagnosis = Of("ids", without, needs);
        Assert.Equal((Status.Missing, "no newuidmap and newgidmap, and node web runs as www-data (user id 33)"), (diagnosis.Status, diagnosis.Found));
        Assert.StartsWith("sudo apt install uidmap", diagnosis.Remedy[0], StringComparison.Ordinal);
        Assert.Equal("or start the lab as root", diagnosis.Remedy[^1]);

        Diagnosis shorter = Of("ids", f with { SubordinateUsers = 32 }, needs);
        Assert.Equal((Status.Missing, "32 user ids, and node web runs as www-data (user id 33)"), (shorter.Status, shorter.Found));
    }

    [Fact]
    public void The_report_is_json_with_a_schema()
    {
        var report = Report.Of(Machines.Healthy.Refusing(Trial.Netem, "ENOENT", "no such queue"), Needs.SmallLab);
        JsonElement json = JsonDocument.Parse(JsonSerializer.Serialize(report, DoctorJson.Default.Report)).RootElement;

        Assert.Equal(1, json.GetProperty("schema").GetInt32());
        Assert.True(json.GetProperty("can_run").GetBoolean());
        JsonElement netem = json.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("id").GetString() == "netem");
        Assert.Equal("limited", netem.GetProperty("status").GetString());
        Assert.NotEmpty(netem.GetProperty("remedy").EnumerateArray());
    }

    private static Diagnosis Of(string id, Findings findings, Needs needs) => Report.Of(findings, needs).Checks.Single(c => c.Id == id);

    private static LabTopology Lab(int nodes)
    {
        var text = new StringBuilder("cleave: 1\nnetworks: {small: {subnet: 10.1.0.0/24}, big: {subnet: 10.0.0.0/16}}\nnodes:\n");
        for (int i = 0; i < nodes; i++)
        {
            text.Append($"  n{i}: {{networks: {{big: 10.0.{i / 250}.{(i % 250) + 1}}}}}\n");
        }

        ReadResult result = TopologyReader.Parse("/project/cleave.yaml", Encoding.UTF8.GetBytes(text.ToString()));
        return result.Topology ?? throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }
}
