using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>What of this machine goes into a plan.</summary>
public static class Machine
{
    /// <summary>Has the most ports of a bridge, for tests of networks with several.</summary>
    internal const string BridgePortsVariable = "CLEAVE_BRIDGE_PORTS";

    /// <summary>The inputs for a lab that this user starts here.</summary>
    public static PlanInputs PlanInputs(LabTopology topology) => new(ProjectFolder.Of(topology), RuntimeDirectory.Ensure(), BridgePorts());

    private static int BridgePorts() =>
        int.TryParse(Environment.GetEnvironmentVariable(BridgePortsVariable), out int ports) && ports is >= 2 and < Planning.PlanInputs.PortsOfABridge
            ? ports : Planning.PlanInputs.PortsOfABridge;
}
