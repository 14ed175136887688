using System.Collections.Immutable;
using System.Text.Json;
using Cleave.Control;
using Cleave.Evidence;
using Cleave.Faults;
using Cleave.Namespaces;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Tests.Control;

/// <summary>What commands read and write by hand is what the lab host writes and reads.</summary>
public class PlainRecordsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, 123, TimeSpan.Zero);

    private static readonly ImmutableArray<PortRecord> Ports =
        [new("a", PortProtocol.Tcp, "127.0.0.1", 8000, 80, null), new("a", PortProtocol.Udp, "::1", 53, 54, PublishedPort.Loopback)];

    [Fact]
    public void The_status_of_a_lab_is_read_with_all_it_can_hold()
    {
        foreach (IdMapKind ids in Enum.GetValues<IdMapKind>())
        {
            foreach (LabState state in Enum.GetValues<LabState>())
            {
                SameStatus(new LabStatus(1, "x-1", "/x/\"ü\".yaml", ids, Noon, state, 3, "a program ended", []));
            }
        }

        foreach (GatewayChoice gateway in Enum.GetValues<GatewayChoice>())
        {
            SameStatus(new LabStatus(1, "x-1", "/x", IdMapKind.Single, Noon, LabState.Ready, 3, null, []) { Uplink = new(gateway, "pasta", ["10.0.0.1/30"], ["192.0.2.1"], "it ended") });
        }

        SameStatus(new LabStatus(
            1, "x-1", "/x/cleave.yaml", IdMapKind.Single, Noon, LabState.Ready, null, null,
            [.. Enum.GetValues<NodeState>().SelectMany(s => (NodeStatus[])
                [new($"{s}", ["10.0.0.1", "10.0.1.1"], s, 7, "exit code 1", 1, 77, 5) { Init = 6, Ports = Ports }, new($"{s}2", [], s, null, null, null)])])
        {
            Startup = [new("command", 12.5), new("ready", 3)],
        });
    }

    [Fact]
    public void The_status_of_faults_is_read_with_all_it_can_hold()
    {
        Same(new FaultStatus(1, "isolate a", [new("lan", ["a", "b"], [["a", "b"], ["b", "a"]]), new("wan", [], [])]));
        Same(new FaultStatus(1, null, []));
        Same(new FaultStatus(1, null, [])
        {
            Summary = "2 ordered pairs are cut",
            Groups = [new("lan", [["a", "b"], ["c"]], [[0, 1], [1, 0]]), new("wan", [["a"]], [])],
            Some = [new("lan", "tcp 80", [["a", "b"]])],
            Uplink = new(GatewayChoice.User, "pasta", [], [], null),
            Windows =
            [
                new("isolate a", EvidenceVerdict.NotAsked, "well", new(1L << 50, (1L << 50) + 3, null, null), 1.5, new(3, 252), new(2, 168), new(1, 84), 2,
                    [new("a", "b", new(3, 252), new(2, 168), new(1, 84)) { Probes = 4 }]) { Probes = 4, ToMany = 5, Incomplete = true },
                new("cut a -> b", EvidenceVerdict.Leaked, "ill", new(1, 2, 3, 4), 0, new(0, 0), new(0, 0), new(0, 0), 1, []),
            ],
            Names = [new("db", "fail"), new("*.example.com", "drop")],
            Answered = [new("lan", "reset", null, [["a", "b"]]), new("lan", "reject", "udp", [["b", "a"]])],
        });

        static void Same(FaultStatus status)
        {
            string text = JsonSerializer.Serialize(status, ControlJson.Default.FaultStatus);
            Assert.Equal(text, JsonSerializer.Serialize(PlainRecords.Faults(PlainJson.Parse(text)), ControlJson.Default.FaultStatus));
        }
    }

    [Fact]
    public void Orders_are_written_as_the_lab_host_reads_them()
    {
        FaultOrder[] orders =
        [
            .. ControlJsonTests.Faults().Select(row => FaultOrder.For(row.Data.Item1)),
            FaultOrder.For(new Fault.Isolate(["\"ü\\\n"])),
        ];
        foreach (FaultOrder order in orders)
        {
            FaultOrder received = JsonSerializer.Deserialize(PlainRecords.Json(order), ControlJson.Default.FaultOrder)!;
            Assert.Equal(
                JsonSerializer.Serialize(order, ControlJson.Default.FaultOrder), JsonSerializer.Serialize(received, ControlJson.Default.FaultOrder));
        }
    }

    [Fact]
    public void Errors_are_read()
    {
        foreach (ErrorReply error in (ErrorReply[])[new("no \"such\" node", "input"), new("broke", null)])
        {
            Assert.Equal(error, PlainRecords.Error(PlainJson.Parse(JsonSerializer.Serialize(error, ControlJson.Default.ErrorReply))));
        }
    }

    [Fact]
    public void Records_of_the_registry_are_read()
    {
        foreach (string? version in (string?[])[null, "0.1.0+abc"])
        {
            var record = new LabRecord("x-1", "/x/ü/cleave.yaml", "/run/x-1", "/state/x-1", Noon, version) { Grace = TimeSpan.FromSeconds(2.5), Ports = Ports };
            string text = JsonSerializer.Serialize(record, RegistryJson.Default.LabRecord);
            Assert.Equal(text, JsonSerializer.Serialize(PlainRecords.Lab(text), RegistryJson.Default.LabRecord));
        }

        Assert.Null(PlainRecords.Lab("{\"id\":\"x-1\"}"));
        Assert.Empty(PlainRecords.Lab("""{"id":"x-1","file":"/x","folder":"/r","state":"/s","started":"2026-01-02T12:00:00Z"}""")!.Ports); // of a version that had none
    }

    /// <summary>Who adds a member to one of these records has to have PlainRecords read it, and this list and the samples above name it.</summary>
    [Fact]
    public void No_member_has_been_forgotten()
    {
        Assert.Equal("Schema Id File Ids Started State ExitCode Reason Nodes Uplink Startup", Members<LabStatus>());
        Assert.Equal("Fault Verdict Sentence Edges Seconds Attempted Lost Leaked PairCount Pairs Probes ToMany Incomplete", Members<WindowEvidence>());
        Assert.Equal("From To Attempted Lost Leaked Probes", Members<PairEvidence>());
        Assert.Equal("Name Addresses State Pid Exit ExitCode HostPid Restarts Init Ports", Members<NodeStatus>());
        Assert.Equal("Schema Partition Networks Summary Some Answered Groups Uplink Windows Names", Members<FaultStatus>());
        Assert.Equal("Gateway By Addresses Resolvers Trouble", Members<UplinkStatus>());
        Assert.Equal("Network Nodes Cuts", Members<NetworkCuts>());
        Assert.Equal("Kind Clusters From To BothWays Network Via Seed Except Traffic Mode Arp", Members<FaultOrder>());
        Assert.Equal("Error Kind", Members<ErrorReply>());
        Assert.Equal("Id File Folder State Started Version Grace Ports Socket", Members<LabRecord>());
        Assert.Equal("Node Protocol Address Port NodePort Via", Members<PortRecord>());
    }

    private static string Members<T>() => string.Join(' ', typeof(T).GetProperties().Select(p => p.Name));

    private static void SameStatus(LabStatus status)
    {
        string text = JsonSerializer.Serialize(status, ControlJson.Default.LabStatus);
        Assert.Equal(text, JsonSerializer.Serialize(PlainRecords.Status(PlainJson.Parse(text)), ControlJson.Default.LabStatus));
    }
}
