using Cleave.Faults;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Mistakes of faults that only the whole lab shows: too few nodes for a shape, a router that hides who speaks to whom.</summary>
internal static class FaultCheck
{
    public static void Run(LabTopology topology, Mistakes mistakes)
    {
        foreach (var scenario in topology.Scenarios)
            foreach (var step in scenario.Steps)
                Check(step, topology, mistakes);
    }

    private static void Check(Step step, LabTopology topology, Mistakes mistakes)
    {
        Fault? fault = step switch
        {
            Step.Apply apply => apply.Fault,
            Step.During during => during.Fault,
            _ => null,
        };
        try
        {
            // A name that only the run will tell stands for a node that there is: the runner checks it.
            if (fault is not null && !fault.Names.Any(static name => name.StartsWith('$')))
            {
                _ = FaultPairs.Of(fault.Drawn(static () => 0), topology);
                _ = OutsideEnds.Of(fault, topology with { Gateway = GatewayChoice.Auto }); // --gateway may give it what the file does not
            }
        }
        catch (InputException e)
        {
            mistakes.Add(step.At, e.Message);
        }

        foreach (var inner in step.Inner)
            Check(inner, topology, mistakes);
    }
}
