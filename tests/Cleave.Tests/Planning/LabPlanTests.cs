using System.Collections.Immutable;
using Cleave.Planning;
using Cleave.Tests.Faults;
using Cleave.Tests.Topology;
using Cleave.Topology;

namespace Cleave.Tests.Planning;

public class LabPlanTests
{
    private static readonly PlanInputs Inputs = new("/home/me/project", "/run/user/1000/cleave");

    [Fact]
    public void The_same_file_gives_the_same_plan_byte_for_byte() =>
        Assert.Equal(
            PlanPrinter.Print(LabPlan.Of(LabText.Valid(LabText.Full), Inputs)),
            PlanPrinter.Print(LabPlan.Of(LabText.Valid(LabText.Full), Inputs)));

    [Fact]
    public void A_way_out_leads_over_links_to_the_fabric_and_over_no_others()
    {
        LabTopology lab = LabText.Valid("cleave: 1\nnodes: {a: {}, b: {}, c: {}}\nlinks: {x: {ends: {fabric: 192.0.2.1, a: 10.0.0.1}}, y: {ends: {a: 10.0.1.1, b: 10.0.1.2}}, z: {ends: {fabric: , c: 10.0.2.1}}}\n");
        LabPlan plan = LabPlan.Of(lab, Inputs with { Uplink = new Uplink(GatewayChoice.User, "pasta", [new("169.254.23.100", 24, "169.254.23.2")], []) });

        Assert.Equal(["0 192.0.2.1 eth0"], plan.Network.OfType<Operation.AddRoute>().Where(r => r.At.Node is not null).Select(r => $"{r.At.Node} {r.Gateway} {r.Link.Name}"));
        string[] resolvers = [.. plan.Rooms.OfType<Operation.ReplaceFile>().Where(f => f.Target == "/etc/resolv.conf").Select(f => f.Text)];
        Assert.Equal(["nameserver 192.0.2.1\n", "", ""], resolvers);
    }

    [Fact]
    public void Interface_names_are_short_and_never_made_of_a_nodes_name()
    {
        string[] names = ["eth9", "web", "p", "br", "a-node-with-a-name-that-is-much-longer-than-fifteen-characters"];
        LabPlan odd = LabPlan.Of(Labs.Of(string.Join(' ', names.Select(n => n + ":lan,wan"))), Inputs);
        LabPlan plain = LabPlan.Of(Labs.Of("a:lan,wan b:lan,wan c:lan,wan d:lan,wan e:lan,wan"), Inputs);

        Assert.Equal(Interfaces(plain), Interfaces(odd));
        Assert.All(Interfaces(LabPlan.Of(Labs.OfSize(1000), Inputs)), i => Assert.InRange(i.Link.Name.Length, 1, 15));
    }

    [Fact]
    public void Inside_a_node_interfaces_are_numbered_in_the_order_of_its_networks()
    {
        LabTopology lab = Labs.Of("a:lan b:wan,lan c:mid,wan,lan");
        var made = LabPlan.Of(lab, Inputs).Network.OfType<Operation.CreateVeth>()
            .Select(v => $"{lab.Nodes[v.Peer.Node!.Value].Name} {v.Inside.Name} {v.Bridge.Name}");

        Assert.Equal(["a eth0 br1", "b eth0 br2", "b eth1 br1", "c eth0 br3", "c eth1 br2", "c eth2 br1"], made);
    }

    [Fact]
    public void Names_and_numbers_are_unique_in_their_namespace_and_addresses_of_links_everywhere()
    {
        LabTopology lab = Labs.Of(string.Join(' ', Enumerable.Range(1, 300).Select(n => $"n{n}:{(n % 2 == 0 ? "lan,wan,mid" : "wan,lan")}")));
        LabPlan plan = LabPlan.Of(lab, Inputs);

        Assert.All(Interfaces(plan).GroupBy(i => i.At), place =>
        {
            Assert.Distinct(place.Select(i => i.Link.Name));
            Assert.Distinct(place.Select(i => i.Link.Index));
        });
        var macs = plan.Network.SelectMany(o => o switch
        {
            Operation.CreateBridge b => [b.Mac],
            Operation.CreateVeth v => [v.PortMac, v.InsideMac],
            _ => Array.Empty<Netlink.MacAddress>(),
        }).ToArray();
        Assert.Distinct(macs);
        Assert.All(macs, m => Assert.Equal(0x02UL, (m.ToUInt64() >> 40) & 3)); // locally administered, unicast
    }

    [Fact]
    public void Ports_are_where_the_plan_has_made_them()
    {
        LabTopology lab = Labs.Of("a:lan b:wan,lan c:lan,wan");
        foreach (Operation.CreateVeth veth in LabPlan.Of(lab, Inputs).Network.OfType<Operation.CreateVeth>())
        {
            Assert.Equal(veth.Port, new Wiring(lab).Port(veth.Bridge.Name == "br1" ? 0 : 1, veth.Peer.Node!.Value));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(128)]
    public void Up_to_128_nodes_everyone_and_the_fabric_know_everyones_address(int nodes)
    {
        Operation.AddNeighbour[] known = Neighbours(Labs.OfSize(nodes));

        Assert.Equal(nodes, known.Count(n => n.At == Place.Fabric));
        Assert.Equal(nodes + (nodes * nodes), known.Length);
        Assert.Distinct(known.Select(n => (n.At, n.Address)));
    }

    [Fact]
    public void With_more_nodes_on_a_network_only_the_fabric_and_each_node_know_each_other_and_on_smaller_networks_all_do()
    {
        Assert.Equal(2 * 129, Neighbours(Labs.OfSize(129)).Length);
        Assert.All(Neighbours(Labs.OfSize(129)), n => Assert.True(n.At == Place.Fabric || n.Mac == Wiring.BridgeMac(0)));

        LabTopology lab = Labs.Of(string.Join(' ', Enumerable.Range(1, 129).Select(n => n <= 2 ? $"n{n}:big,small" : $"n{n}:big")));
        Assert.Equal(2 + (2 * 2), Neighbours(lab).Count(n => n.Address.ToString().StartsWith("10.1.", StringComparison.Ordinal)));
        Assert.Equal(2 * 129, Neighbours(lab).Count(n => n.Address.ToString().StartsWith("10.0.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Neighbours_have_the_link_address_of_the_interface_with_that_address()
    {
        LabTopology lab = Labs.Of("a:lan,wan b:lan c:wan,lan");
        LabPlan plan = LabPlan.Of(lab, Inputs);
        var macs = plan.Network.OfType<Operation.CreateVeth>().ToDictionary(v => (v.Peer, v.Inside), v => v.InsideMac);
        var addresses = plan.Network.OfType<Operation.AddAddress>().ToDictionary(a => a.Address, a => (a.At, a.Link));
        var bridges = plan.Network.OfType<Operation.CreateBridge>().ToDictionary(b => b.Bridge, b => b.Mac);

        Assert.All(plan.Network.OfType<Operation.AddNeighbour>(), n =>
        {
            (Place at, Interface link) = addresses[n.Address];
            Assert.Equal(at == Place.Fabric ? bridges[link] : macs[(at, link)], n.Mac);
        });
    }

    [Theory]
    [InlineData("a:lan b:wan,lan c:mid,wan,lan", PlanInputs.MostNodesOfABridge)]
    [InlineData("a b c d e f g:lan,wan", 4)]
    [InlineData("a b:lan,wan c:wan,lan d:wan,lan", 3)]
    public void Every_operation_finds_what_it_needs_made_before_it(string nodes, int ofABridge)
    {
        LabPlan plan = LabPlan.Of(Labs.Of(nodes), Inputs with { NodesOfABridge = ofABridge });
        var places = new HashSet<Place> { Place.Fabric };
        var links = new HashSet<(Place, Interface)> { (Place.Fabric, new("lo", 1)) };
        var up = new HashSet<(Place, Interface)>();
        foreach (Operation operation in plan.Network)
        {
            Assert.Contains(operation is Operation.CreateNamespace ? Place.Fabric : operation.At, places);
            switch (operation)
            {
                case Operation.CreateNamespace o:
                    Assert.True(places.Add(o.At));
                    links.Add((o.At, new("lo", 1)));
                    break;
                case Operation.CreateBridge o:
                    Assert.True(links.Add((Place.Fabric, o.Bridge)));
                    break;
                case Operation.CreateVeth o:
                    Assert.Contains((Place.Fabric, o.Bridge), links);
                    Assert.Contains(o.Peer, places);
                    Assert.True(links.Add((Place.Fabric, o.Port)));
                    Assert.True(links.Add((o.Peer, o.Inside)));
                    break;
                case Operation.CreateTrunk o:
                    Assert.Contains((Place.Fabric, o.Upper), links);
                    Assert.True(links.Add((Place.Fabric, o.Down)));
                    Assert.True(links.Add((Place.Fabric, o.Up)));
                    up.Add((Place.Fabric, o.Down));
                    break;
                case Operation.ConnectTrunk o:
                    Assert.Contains((Place.Fabric, o.Up), links);
                    Assert.Contains((Place.Fabric, o.Lower), links);
                    up.Add((Place.Fabric, o.Up));
                    break;
                case Operation.MakeUplink o:
                    Assert.Contains((Place.Fabric, o.Port), up); // it is a port by then
                    break;
                case Operation.MakePortStatic o:
                    Assert.Contains((Place.Fabric, o.Port), links);
                    break;
                case Operation.AddForwarding o:
                    Assert.Contains((Place.Fabric, o.Port), links);
                    break;
                case Operation.SilenceIPv6 o:
                    Assert.Contains((o.At, o.Link), links);
                    Assert.DoesNotContain((o.At, o.Link), up); // too late: it has an address by then
                    break;
                case Operation.SetLinkUp o:
                    Assert.Contains((o.At, o.Link), links);
                    up.Add((o.At, o.Link));
                    break;
                case Operation.AddAddress o:
                    Assert.Contains((o.At, o.Link), links);
                    break;
                case Operation.RemoveLoopbackIPv6 o:
                    Assert.Contains((o.At, new Interface("lo", 1)), up); // before, it has no address
                    break;
                case Operation.AddRoute o:
                    Assert.Contains((o.At, o.Link), up);
                    break;
                case Operation.AddNeighbour o:
                    Assert.Contains((o.At, o.Link), up); // the kernel refuses neighbours of a link that is down
                    break;
                case Operation.SetSysctl:
                case Operation.CreateCutTable:
                    break;
                case Operation.CreatePortMarks:
                    Assert.Contains(plan.Network.TakeWhile(o => o != operation), o => o is Operation.CreateCutTable);
                    Assert.Same(plan.Network[^1], operation); // all ports are there
                    break;
                default:
                    Assert.Fail($"what does {operation.GetType().Name} need?");
                    break;
            }
        }

        Assert.Equal(links.Where(l => !l.Item2.Name.StartsWith('p')), up.Intersect(links).OrderBy(l => links.ToList().IndexOf(l)));
    }

    [Fact]
    public void A_room_is_entered_first_and_its_init_comes_last()
    {
        LabPlan plan = LabPlan.Of(Labs.OfSize(3), Inputs);

        Assert.Equal(3, plan.Rooms.GroupBy(o => o.At).Count());
        Assert.All(plan.Rooms.GroupBy(o => o.At), room =>
        {
            Assert.IsType<Operation.EnterRoom>(room.First());
            Assert.IsType<Operation.StartInit>(room.Last());
            Assert.Single(room.OfType<Operation.EnterRoom>());
            Assert.Single(room.OfType<Operation.StartInit>());
        });
    }

    [Theory]
    [InlineData("/home/me/project", null, null)]
    [InlineData("/tmp/project", "/tmp/project", null)]
    [InlineData("/tmpfiles/project", null, null)]
    [InlineData("/dev/shm/project", null, "/dev/shm/project")]
    public void A_project_below_what_is_hidden_stays_visible_at_its_own_path(string project, string? inTmp, string? inShm)
    {
        Operation.MountTmpfs[] mounts = Mounts(Inputs with { ProjectFolder = project });

        Assert.Equal(inTmp, Assert.Single(mounts, m => m.Target == "/tmp").Keep);
        Assert.Equal(inShm, Assert.Single(mounts, m => m.Target == "/dev/shm").Keep);
    }

    [Theory]
    [InlineData("/home/me/project", "/run/user/1000/cleave", true)]
    [InlineData("/home/me/project", "/tmp/cleave-1000", false)] // the /tmp of the node has hidden it
    [InlineData("/tmp/project", "/tmp/cleave-1000", false)]
    [InlineData("/tmp/project", "/tmp/project/run/cleave", true)]
    public void Control_sockets_are_hidden_in_every_node(string project, string runtime, bool needsMount)
    {
        Operation.MountTmpfs[] mounts = Mounts(new PlanInputs(project, runtime));

        Assert.Equal(needsMount, mounts.Any(m => m.Target == runtime));
        Assert.All(mounts.Where(m => m.Target == runtime), m => Assert.Equal(("0700", null), (m.Mode, m.Keep)));
        Assert.True(needsMount || Array.FindIndex(mounts, m => m.Target == "/tmp") >= 0);
    }

    [Fact]
    public void The_hosts_file_names_everyone_by_the_nearest_address_and_the_node_itself_too()
    {
        LabTopology lab = Labs.Of("a:lan r:lan,wan w:wan");

        Assert.Equal(
            """
            127.0.0.1 localhost
            10.0.0.2 a a.lab
            10.0.0.3 r r.lab
            10.1.0.4 w w.lab

            """, new HostsFiles(lab).For(lab.Nodes[0]));
        Assert.Contains("10.0.0.3 r r.lab\n10.1.0.3 r r.lab\n", new HostsFiles(lab).For(lab.Nodes[1]), StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.3 ", new HostsFiles(lab).For(lab.Nodes[2]), StringComparison.Ordinal);
        Assert.Contains("10.1.0.3 r r.lab\n", new HostsFiles(lab).For(lab.Nodes[2]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"/srv/x:/mnt\"", "/srv/x at /mnt", "")]
    [InlineData("\"/tmp/x/y:/mnt\"", "/x/y at /mnt of 4", "4:/tmp")]
    [InlineData("\"/tmp:/mnt\"", " at /mnt of 4, uncovered 1", "4:/tmp")]
    [InlineData("\"x:/tmp\", \"/tmp:/mnt\"", "/state/data/a/x at /tmp| at /mnt of 4, uncovered 2", "4:/tmp")]
    [InlineData("\"/tmp/project/x:/mnt\"", "/tmp/project/x at /mnt", "")] // it stays in sight
    [InlineData("\"/dev/shm/y:/opt\", \"/tmp/x:/mnt\", \"/tmp/z:/mnt/z\"", "/y at /opt of 4|/x at /mnt of 5|/z at /mnt/z of 5", "4:/dev/shm|5:/tmp")]
    [InlineData("\"/srv:/mnt\", \"/mnt/x:/mnt/y\"", "/srv at /mnt|/x at /mnt/y of 4", "4:/mnt")]
    [InlineData("\"/mnt/x:/opt\", \"/srv:/mnt/a\"", "/mnt/x at /opt|/srv at /mnt/a", "")]
    [InlineData("\"data:/mnt\"", "/state/data/a/data at /mnt", "")]
    public void A_volume_is_found_though_something_is_mounted_over_it_before(string volumes, string binds, string holds)
    {
        LabTopology lab = LabText.Valid($"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, volumes: [{volumes}]}}}}", Surroundings.AsChecked(new Dictionary<string, string>()));
        ImmutableArray<Operation> rooms = LabPlan.Of(lab, new PlanInputs("/tmp/project", "/run/user/1000/cleave") { DataFolder = "/state/data" }).Rooms;

        Assert.Equal(binds, string.Join('|', rooms.OfType<Operation.BindVolume>().Select(b => $"{b.Source} at {b.Target}{(b.Slot is { } slot ? $" of {slot}" : "")}{(b.Covers > 0 ? $", uncovered {b.Covers}" : "")}")));
        Assert.Equal(holds, string.Join('|', rooms.OfType<Operation.HoldFolder>().Select(h => $"{h.Slot}:{h.Folder}")));
        int firstMount = rooms.IndexOf(rooms.OfType<Operation.MountTmpfs>().First(m => m.Target == "/tmp"));
        Assert.All(rooms.OfType<Operation.HoldFolder>(), h => Assert.True(rooms.IndexOf(h) < firstMount, "held after it is covered"));
    }

    [Theory]
    [InlineData("control: true", "/run/user/1000/cleave", "/run/user/1000/cleave >/run/user/1000/cleave/x-1")]
    [InlineData("control: true", "/tmp/cleave-1000", "/tmp/cleave-1000 >/tmp/cleave-1000/x-1")]
    [InlineData("control: true, tmpfs: /run", "/run/user/1000/cleave", "/run/user/1000/cleave >/run/user/1000/cleave/x-1")]
    [InlineData("control: true, user: \"33\"", "/run/user/1000/cleave", "/run/user/1000/cleave >/run/user/1000/cleave/x-1 /tmp/cleave-33 of 33 >/tmp/cleave-33/x-1")]
    [InlineData("control: true, volumes: [\"/run:/mnt\"]", "/run/user/1000/cleave", "/run/user/1000/cleave >/mnt /run/user/1000/cleave >/run/user/1000/cleave/x-1")]
    [InlineData("control: false", "/run/user/1000/cleave", "/run/user/1000/cleave")]
    public void A_node_with_control_sees_the_folder_of_its_lab_in_an_empty_runtime_directory(string entry, string runtime, string expected)
    {
        LabTopology lab = LabText.Valid($"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}}}}}", Surroundings.AsChecked(new Dictionary<string, string>()));
        Operation[] rooms = [.. LabPlan.Of(lab, new PlanInputs("/project", runtime) { LabFolder = $"{runtime}/x-1" }).Rooms];

        Assert.Equal(expected, string.Join(' ', rooms.Select(o => o switch
        {
            Operation.MountTmpfs t when t.Target.Contains("cleave", StringComparison.Ordinal) => $"{t.Target}{(t.Owner is { } owner ? $" of {owner}" : "")}",
            Operation.BindVolume b => $">{b.Target}",
            _ => "",
        }).Where(t => t.Length > 0)));
        Assert.All(rooms.OfType<Operation.BindVolume>().Where(b => b.Target != "/mnt"), b => Assert.True(b.ReadOnly && b.Slot is not null));
        Assert.True(
            Array.FindIndex(rooms, o => o is Operation.HoldFolder h && h.Folder == $"{runtime}/x-1") < Array.FindIndex(rooms, o => o is Operation.MountTmpfs),
            "held after something is covered");
    }

    [Fact]
    public void Control_sockets_are_hidden_before_a_volume_can_show_them()
    {
        LabTopology lab = LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.1, volumes: [\"/tmp:/mnt\"]}, b: {ip: 172.23.0.2, volumes: [\"d:/mnt\"]}}", Surroundings.AsChecked(new Dictionary<string, string>()));
        Operation[] rooms = [.. LabPlan.Of(lab, new PlanInputs("/project", "/tmp/cleave-1000")).Rooms];

        int[] hidden = [.. rooms.Index().Where(o => o.Item is Operation.MountTmpfs { Target: "/tmp/cleave-1000" }).Select(o => o.Index)];
        Assert.Equal(new Place(0), rooms[Assert.Single(hidden)].At); // in the other the node's /tmp has hidden them
        Assert.True(hidden[0] < Array.FindIndex(rooms, o => o is Operation.HoldFolder), "held before they are hidden");
    }

    private static Operation.AddNeighbour[] Neighbours(LabTopology lab) => [.. LabPlan.Of(lab, Inputs).Network.OfType<Operation.AddNeighbour>()];

    private static Operation.MountTmpfs[] Mounts(PlanInputs inputs) =>
        [.. LabPlan.Of(Labs.Of("a"), inputs).Rooms.OfType<Operation.MountTmpfs>()];

    private static IEnumerable<(Place At, Interface Link)> Interfaces(LabPlan plan) => plan.Network.SelectMany(o => o switch
    {
        Operation.CreateBridge b => [(Place.Fabric, b.Bridge)],
        Operation.CreateVeth v => [(Place.Fabric, v.Port), (v.Peer, v.Inside)],
        _ => Array.Empty<(Place, Interface)>(),
    });
}
