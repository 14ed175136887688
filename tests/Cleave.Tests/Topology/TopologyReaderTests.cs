using System.Net;
using System.Text;
using Cleave.Faults;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

public class TopologyReaderTests
{
    private const string Small = "cleave: 1\nnodes:\n  web: {ip: 172.23.0.1}\n";

    [Fact]
    public void A_small_file_has_the_default_network_and_no_scenario()
    {
        var lab = LabText.Valid(Small);

        Assert.Equal("/lab/cleave.yaml", lab.File);
        Assert.Equal("/lab", lab.Directory);
        Assert.Equal(("lan", null), (Assert.Single(lab.Networks).Name, lab.Networks[0].Mtu));
        Assert.Equal([IPNetwork.Parse("172.23.0.0/24")], lab.Networks[0].Subnets);
        var web = Assert.Single(lab.Nodes);
        Assert.Equal("web", web.Name);
        Assert.Equal(("lan", "eth0"), (Assert.Single(web.Attachments).Network, web.Attachments[0].Interface));
        Assert.Equal([IPAddress.Parse("172.23.0.1")], web.Attachments[0].Addresses);
        Assert.Null(web.Run);
        Assert.Empty(web.Env);
        Assert.Equal("/lab", web.Dir);
        Assert.Null(web.Ready);
        Assert.False(web.Job);
        Assert.Empty(lab.Scenarios);
    }

    [Fact]
    public void Networks_and_nodes_keep_their_order_and_all_they_say()
    {
        var lab = LabText.Valid(LabText.Full);

        Assert.Equal(["lan", "wan"], lab.Networks.Select(n => n.Name));
        Assert.Equal(["172.23.0.0/24 fd00:23::/64", "10.0.0.0/8"], lab.Networks.Select(n => string.Join(' ', n.Subnets)));
        Assert.Equal([1400, null], lab.Networks.Select(n => n.Mtu));
        Assert.Equal(["nginx", "app", "db"], lab.Nodes.Select(n => n.Name));
        var (nginx, app, db) = (lab.Nodes[0], lab.Nodes[1], lab.Nodes[2]);
        Assert.Equal(new Command.Shell("nginx -c \"$PWD/nginx.conf\""), nginx.Run);
        Assert.Equal(new Ready.Tcp(8000, TimeSpan.FromSeconds(10)), nginx.Ready);
        Assert.Equal(
            ["lan eth0 172.23.0.2 fd00:23::2", "wan wan0 10.1.2.3"],
            app.Attachments.Select(a => $"{a.Network} {a.Interface} {string.Join(' ', a.Addresses)}"));
        Assert.Equal(["python3", "app.py", "5"], Assert.IsType<Command.Argv>(app.Run).Arguments);
        Assert.Equal("/lab/sub/dir", app.Dir);
        Assert.True(app.Job);
        Assert.Equal([new("A", "1"), new("B", "yes")], app.Env);
        Assert.Equal([new("PORT", "5000"), new("EMPTY", ""), new("QUOTED", "a b")], db.Env);
        Assert.Equal(new Ready.Log("^ready [0-9]+", TimeSpan.FromSeconds(30)), db.Ready);
    }

    [Fact]
    public void Addresses_in_a_list_say_which_networks_the_node_is_on_and_in_which_order()
    {
        var lab = LabText.Valid("""
            cleave: 1
            networks: {lan: {subnet: [172.23.0.0/24, "FD00:23:0::/64"]}, wan: {subnet: ["fd01::/64", 10.0.0.0/24]}}
            nodes:
              a: {ip: [10.0.0.1, "fd00:23:0:0::0a", 172.23.0.1]}
              b: {ip: fd00:23::b, interface: up.link-0}
              c: {networks: {wan: ["fd01::c", 10.0.0.3], lan: {ip: [172.23.0.3], interface: x}}}
            """);

        Assert.Equal(["fd00:23::/64"], lab.Networks[0].Subnets.Skip(1).Select(s => s.ToString()));
        Assert.Equal(
            ["wan eth0 10.0.0.1; lan eth1 fd00:23::a 172.23.0.1", "lan up.link-0 fd00:23::b", "wan eth0 fd01::c 10.0.0.3; lan x 172.23.0.3"],
            lab.Nodes.Select(n => string.Join("; ", n.Attachments.Select(a => $"{a.Network} {a.Interface} {string.Join(' ', a.Addresses)}"))));
    }

    [Fact]
    public void Names_kernel_parameters_and_routes_are_read_as_they_are_meant()
    {
        var lab = LabText.Valid("""
            cleave: 1
            networks: {lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}, wan: {subnet: [10.0.0.0/24, "fd01::/64"]}}
            nodes:
              a:
                ip: [172.23.0.1, "fd00:23::1"]
                aliases: [www, db.example.com]
                hostname: a
                routes: {default: r, "64:ff9b::/96": "FD00:23:0::FE", 0.0.0.0/1: 172.23.0.253, 10.0.0.9/32: r, 10.0.0.0/24: 172.23.0.254}
              r: {ip: [172.23.0.254, 10.0.0.1, "fd00:23::fe", "fd01::1"], router: true, hostname: router.example.com}
              b: {ip: [10.0.0.2, "fd01::2"], aliases: one, routes: {default: ["fd01::1", 10.0.0.1]}, sysctls: {net.ipv4.tcp_retries2: 5, net/ipv4/conf/x.y/rp_filter: "2",
                  net.ipv4.conf.x/y.log_martians: 1, net.ipv4.tcp_rmem: "4096\t87380 6291456", kernel.sem: 1 2 3 4, fs.mqueue.msg_max: 20, net.core.somaxconn: 10}}
            """);

        var (a, r, b) = (lab.Nodes[0], lab.Nodes[1], lab.Nodes[2]);
        Assert.Equal(["www", "db.example.com"], a.Aliases);
        Assert.Equal(("a", "router.example.com", null), (a.Hostname, r.Hostname, b.Hostname));
        Assert.Equal(["one"], b.Aliases);
        Assert.Equal((false, true), (a.IsRouter, r.IsRouter));
        Assert.Equal(
            ["0.0.0.0/0 172.23.0.254", "::/0 fd00:23::fe", "64:ff9b::/96 fd00:23::fe", "0.0.0.0/1 172.23.0.253", "10.0.0.9/32 172.23.0.254", "10.0.0.0/24 172.23.0.254"],
            a.Routes.Select(x => $"{x.Destination} {x.Gateway}"));
        Assert.Equal(["::/0 fd01::1", "0.0.0.0/0 10.0.0.1"], b.Routes.Select(x => $"{x.Destination} {x.Gateway}"));
        Assert.Equal(
            ["net.ipv4.tcp_retries2=5", "net/ipv4/conf/x.y/rp_filter=2", "net/ipv4/conf/x.y/log_martians=1", "net.ipv4.tcp_rmem=4096\t87380 6291456", "kernel.sem=1 2 3 4",
             "fs.mqueue.msg_max=20", "net.core.somaxconn=10"],
            b.Sysctls.Select(s => $"{s.Key}={s.Value}"));
    }

    [Fact]
    public void Steps_of_every_kind_become_what_they_mean()
    {
        var lab = LabText.Valid(LabText.Full);

        Assert.Equal(["flaky", "leader-lost_2"], lab.Scenarios.Select(s => s.Name));
        var flaky = lab.Scenarios[0].Steps;
        var repeat = Assert.IsType<Step.Repeat>(flaky[0]);
        Assert.Equal((5, "five times"), (repeat.Times, repeat.Name));
        var during = Assert.IsType<Step.During>(repeat.Steps[0]);
        Assert.Equal(TimeSpan.FromSeconds(1), during.For);
        Assert.Empty(during.Steps);
        Assert.Equal(["app"], Assert.IsType<Fault.Isolate>(during.Fault).Nodes);
        Assert.Equal(TimeSpan.FromSeconds(1.5), Assert.IsType<Step.Sleep>(repeat.Steps[1]).Time);
        Assert.Equal(["app", "nginx"], Assert.IsType<Fault.Isolate>(Assert.IsType<Step.Apply>(flaky[1]).Fault).Nodes);
        Assert.All(flaky.Skip(2), s => Assert.IsType<Fault.Heal>(Assert.IsType<Step.Apply>(s).Fault));

        var lost = lab.Scenarios[1].Steps;
        var run = Assert.IsType<Step.Run>(lost[0]);
        Assert.Equal(("find the leader", "app", "leader", TimeSpan.FromMinutes(1)), (run.Name, run.Node, run.Save, run.Within));
        Assert.Equal(["${save.leader}"], Assert.IsType<Fault.Isolate>(Assert.IsType<Step.Apply>(lost[1]).Fault).Nodes);
        Assert.Equal(("fabric", null, null), (((Step.Run)lost[2]).Node, ((Step.Run)lost[2]).Save, ((Step.Run)lost[2]).Within));
        Assert.Equal(
            [
                "nginx app Tcp { Port = 2380 } Unreachable 00:00:05 -",
                "app nginx Icmp { } Reachable - 00:00:00.5000000",
                "app ${save.leader} Icmp { } Refused - -",
            ],
            lost.Skip(3).Take(3).Cast<Step.Expect>().Select(e => (Check.Reach)e.Check is var c
                ? $"{string.Join(',', c.From)} {string.Join(',', c.To)} {c.By} {c.Is} {e.Within?.ToString() ?? "-"} {e.For?.ToString() ?? "-"}"
                : ""));
        var cut = Assert.IsType<Fault.Cut>(Assert.IsType<Step.Apply>(lost[6]).Fault);
        Assert.Equal((false, "lan"), (cut.BothWays, cut.Network));
        Assert.Equal(["nginx", "app", "|", "db"], [.. cut.From, "|", .. cut.To]);
        var mend = Assert.IsType<Fault.Mend>(Assert.IsType<Step.Apply>(lost[7]).Fault);
        Assert.Equal((true, null), (mend.BothWays, mend.Network));
        Assert.Equal(["nginx", "app", "db", "|", "nginx", "app", "db"], [.. mend.From, "|", .. mend.To]);
        var split = Assert.IsType<Fault.Split>(Assert.IsType<Step.Apply>(lost[8]).Fault);
        Assert.Equal(["nginx app", "app db", "nginx"], split.Clusters.Select(c => string.Join(' ', c)));
        var disjoint = Assert.IsType<Fault.Disjoint>(Assert.IsType<Step.Apply>(lost[9]).Fault);
        Assert.Equal(["nginx app", "db"], disjoint.Clusters.Select(c => string.Join(' ', c)));
        var scope = Assert.IsType<Step.During>(lost[10]);
        Assert.Null(scope.For);
        var wait = Assert.IsType<Step.WaitLog>(scope.Steps[0]);
        Assert.Equal(["db"], wait.Nodes);
        Assert.Equal(("started", TimeSpan.FromSeconds(30)), (wait.Pattern, wait.Within));
        Assert.Equal(TimeSpan.FromHours(2), Assert.IsType<Step.WaitLog>(scope.Steps[1]).Within);
        var parallel = Assert.IsType<Step.Parallel>(lost[11]);
        Assert.Equal([1, 2], parallel.Branches.Select(b => b.Length));
    }

    [Fact]
    public void Steps_and_scenarios_know_their_place()
    {
        var lab = LabText.Valid(LabText.Full);

        Assert.Equal("26:3", lab.Scenarios[0].At.ToString());
        Assert.Equal("27:7", lab.Scenarios[0].Steps[0].At.ToString());
        Assert.Equal("30:11", ((Step.Repeat)lab.Scenarios[0].Steps[0]).Steps[0].At.ToString());
    }

    [Fact]
    public void The_same_text_gives_the_same_topology()
    {
        var (one, other) = (LabText.Dump(LabText.Valid(LabText.Full)), LabText.Dump(LabText.Valid(LabText.Full)));

        Assert.Equal(one, other);
        Assert.Contains("\"Isolate\"", one, StringComparison.Ordinal);
        Assert.NotEqual(one, LabText.Dump(LabText.Valid(LabText.Full.Replace("from: [nginx, app]", "from: [nginx]", StringComparison.Ordinal))));
    }

    [Fact]
    public void Line_ends_and_a_byte_order_mark_make_no_difference()
    {
        var plain = LabText.Dump(LabText.Valid(LabText.Full));

        Assert.Equal(plain, LabText.Dump(LabText.Valid(LabText.Full.Replace("\n", "\r\n", StringComparison.Ordinal))));
        var withMark = TopologyReader.Parse(LabText.Path, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(LabText.Full)]);
        Assert.Equal(plain, LabText.Dump(withMark.Topology!));
    }

    [Fact]
    public void Merges_take_over_keys_that_the_mapping_does_not_have_and_the_first_of_several_wins()
    {
        var lab = LabText.Valid("""
            cleave: 1
            x-one: &one {env: {V: one}, run: one}
            x-two: &two {env: {V: two}, run: two, dir: two}
            nodes:
              a: {<<: [*one, *two], ip: 172.23.0.1, run: own}
              b: {<<: {job: true}, ip: 172.23.0.2}
              c: {"ip": 172.23.0.3, env: {<<: {P: 1}, Q: 2}}
            """);

        Assert.Equal(new Command.Shell("own"), lab.Nodes[0].Run);
        Assert.Equal("/lab/two", lab.Nodes[0].Dir);
        Assert.Equal([new("V", "one")], lab.Nodes[0].Env);
        Assert.True(lab.Nodes[1].Job);
        Assert.Equal([new("P", "1"), new("Q", "2")], lab.Nodes[2].Env);
    }

    [Fact]
    public void An_anchor_may_be_a_whole_node_a_step_or_a_name()
    {
        var lab = LabText.Valid("""
            cleave: 1
            nodes:
              a:
                ip: &ip 172.23.0.1
                env: {IP: *ip}
              b: {ip: 172.23.0.2}
            scenarios:
              one: &steps
                - isolate: &who a
                - heal
              two: *steps
              three: [{isolate: *who}]
            """);

        Assert.Equal([new("IP", "172.23.0.1")], lab.Nodes[0].Env);
        Assert.Equal(2, lab.Scenarios[1].Steps.Length);
    }

    [Fact]
    public void A_relative_path_is_made_absolute_in_the_topology_and_stays_as_given_in_mistakes()
    {
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "sub/x.yaml"), TopologyReader.Parse("sub/x.yaml", Encoding.UTF8.GetBytes(Small)).Topology!.File);
        Assert.Equal("sub/x.yaml", TopologyReader.Parse("sub/x.yaml", "cleave: 1"u8).Diagnostics[0].File);
    }

    [Fact]
    public void An_absolute_dir_and_a_folder_that_is_called_tilde_are_taken_as_they_are()
    {
        var lab = LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.1, dir: /srv}, b: {ip: 172.23.0.2, dir: ./~}, c: {ip: 172.23.0.3, dir: ..}}");

        Assert.Equal(["/srv", "/lab/~", "/"], lab.Nodes.Select(n => n.Dir));
    }

    [Fact]
    public void Load_reads_a_file_and_says_of_a_missing_one_what_to_do()
    {
        var folder = Directory.CreateTempSubdirectory("cleave-topology-");
        try
        {
            var file = Path.Combine(folder.FullName, "cleave.yaml");
            var missing = Assert.Single(TopologyReader.Load(file).Diagnostics);
            Assert.Equal(new Location(1, 1), missing.At);
            Assert.Contains("no such file", missing.Message, StringComparison.Ordinal);
            Assert.Contains("cleave.yaml in this folder", missing.Message, StringComparison.Ordinal);

            File.WriteAllText(file, Small);
            Assert.Equal(file, TopologyReader.Load(file).Topology!.File);

            var isFolder = Assert.Single(TopologyReader.Load(folder.FullName).Diagnostics);
            Assert.Contains("folder", isFolder.Message, StringComparison.Ordinal);
            Assert.Equal(file, isFolder.Suggestion);

            var below = Assert.Single(TopologyReader.Load(Path.Combine(file, "x")).Diagnostics);
            Assert.Equal(new Location(1, 1), below.At);
            Assert.Contains("1 MiB", Assert.Single(TopologyReader.Load("/dev/zero").Diagnostics).Message, StringComparison.Ordinal);
            Assert.Contains("empty", Assert.Single(TopologyReader.Load("/dev/null").Diagnostics).Message, StringComparison.Ordinal);
            Assert.Contains("name of the file", Assert.Single(TopologyReader.Load("").Diagnostics).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_without_read_permission_is_reported()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read every file");
        var file = Path.GetTempFileName();
        try
        {
            File.SetUnixFileMode(file, UnixFileMode.None);
            Assert.Contains("permission denied", Assert.Single(TopologyReader.Load(file).Diagnostics).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
