using Cleave.Control;
using Cleave.Host;

namespace Cleave.Scenarios;

/// <content>Steps that start, stop, kill, pause, resume or restart programs.</content>
internal sealed partial class ScenarioRunner
{
    /// <summary>Runs to its end even when the scenario is stopped meanwhile: a node is never left between two states.</summary>
    private async Task OrderNodesAsync(NodeStep step)
    {
        try
        {
            await NodeOrders.RunAsync(_lab, new NodeOrder(step.Verb, Names(step.Nodes), step.Signal));
        }
        catch (CleaveException e) when (e is not StepFailedException)
        {
            throw Failed(step, e.Message, Now(), []);
        }
    }
}
