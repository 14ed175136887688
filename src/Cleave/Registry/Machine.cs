using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>What of this machine goes into a plan.</summary>
public static class Machine
{
    /// <summary>The inputs for a lab that this user starts here.</summary>
    public static PlanInputs PlanInputs(LabTopology topology) => new(ProjectFolder.Of(topology), RuntimeDirectory.Ensure());
}
