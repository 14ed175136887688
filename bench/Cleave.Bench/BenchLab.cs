using System.Net;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Bench;

/// <summary>Labs of any size: one /16 network, nodes without programs.</summary>
internal static class BenchLab
{
    public static LabTopology Of(int nodes) => new(
        "/bench/cleave.yaml",
        [new Network("lan", IPNetwork.Parse("10.77.0.0/16"))],
        [.. Enumerable.Range(0, nodes).Select(NodeAt)],
        []);

    public static LabPlan Plan(LabTopology topology) => LabPlan.Of(topology, new PlanInputs("/bench", "/run/bench"));

    private static Node NodeAt(int number)
    {
        int host = number + 1;
        var address = new IPAddress([10, 77, (byte)(host >> 8), (byte)host]);
        return new Node($"n{host}", [new Attachment("lan", address)]);
    }
}
