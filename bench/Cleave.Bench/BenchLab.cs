using System.Net;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Bench;

/// <summary>Labs of any size: one /16 network, nodes without programs.</summary>
internal static class BenchLab
{
    private static readonly IPNetwork IPv4 = IPNetwork.Parse("10.77.0.0/16");
    private static readonly IPNetwork IPv6 = IPNetwork.Parse("fd77::/64");

    /// <summary>A lab of so many nodes.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="dual">Whether they have IPv6 addresses, too.</param>
    public static LabTopology Of(int nodes, bool dual = false) => new(
        "/bench/cleave.yaml",
        [dual ? new Network("lan", IPv4, IPv6) : new Network("lan", IPv4)],
        [.. Enumerable.Range(0, nodes).Select(n => NodeAt(n, dual))],
        []);

    public static LabPlan Plan(LabTopology topology) => LabPlan.Of(topology, new PlanInputs("/bench", "/run/bench"));

    private static Node NodeAt(int number, bool dual)
    {
        int host = number + 1;
        var address = new IPAddress([10, 77, (byte)(host >> 8), (byte)host]);
        return new Node($"n{host}", [dual ? new Attachment("lan", address, IPAddress.Parse($"fd77::{host:x}")) : new Attachment("lan", address)]);
    }
}
