using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>What of this machine goes into a plan.</summary>
public static class Machine
{
    /// <summary>Names the most nodes of a bridge, so that tests of networks with several need few.</summary>
    private const string NodesOfABridgeVariable = "CLEAVE_NODES_OF_A_BRIDGE";

    /// <summary>Has a lab do without the egress of ports, as on older kernels.</summary>
    private const string NoEgressVariable = "CLEAVE_NO_EGRESS";

    /// <summary>The inputs for a lab that this user starts here.</summary>
    /// <param name="topology">The lab file.</param>
    /// <param name="lab">The lab; null for a plan of one that is not started.</param>
    /// <param name="uplink">The lab's way out; null: it has none.</param>
    public static PlanInputs PlanInputs(LabTopology topology, LabRecord? lab = null, Uplink? uplink = null)
    {
        string runtime = RuntimeDirectory.Ensure();
        return new(ProjectFolder.Of(topology), runtime, NodesOfABridge())
        {
            DataFolder = Path.Combine(lab?.State ?? Path.Combine(topology.Directory, ".cleave", "labs", "ID"), "data"),
            LabFolder = lab?.Folder ?? Path.Combine(runtime, "ID"),
            Uplink = uplink,
            HasNoEgress = Environment.GetEnvironmentVariable(NoEgressVariable) == "1",
        };
    }

    private static int NodesOfABridge() =>
        int.TryParse(Environment.GetEnvironmentVariable(NodesOfABridgeVariable), out int nodes) && nodes is >= 1 and <= Planning.PlanInputs.MostNodesOfABridge
            ? nodes : Planning.PlanInputs.MostNodesOfABridge;
}
