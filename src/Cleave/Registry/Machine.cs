using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>What of this machine goes into a plan.</summary>
public static class Machine
{
    /// <summary>Has the most ports of a bridge, for tests of networks with several.</summary>
    internal const string BridgePortsVariable = "CLEAVE_BRIDGE_PORTS";

    /// <summary>The inputs for a lab that this user starts here.</summary>
    /// <param name="topology">The lab file.</param>
    /// <param name="lab">The lab; null for a plan of one that is not started.</param>
    public static PlanInputs PlanInputs(LabTopology topology, LabRecord? lab = null) => new(ProjectFolder.Of(topology), RuntimeDirectory.Ensure(), BridgePorts())
    {
        DataFolder = Path.Combine(lab?.State ?? Path.Combine(topology.Directory, ".cleave", "labs", "ID"), "data"),
    };

    private static int BridgePorts() =>
        int.TryParse(Environment.GetEnvironmentVariable(BridgePortsVariable), out int ports) && ports is >= 2 and < Planning.PlanInputs.PortsOfABridge
            ? ports : Planning.PlanInputs.PortsOfABridge;
}
