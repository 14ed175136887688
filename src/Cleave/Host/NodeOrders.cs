using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>Carries out what verbs and steps ask of nodes' programs, at the same time for all nodes named.</summary>
internal static class NodeOrders
{
    /// <summary>Returns when it is done for all nodes.</summary>
    /// <exception cref="CleaveException">A word names no node; or it failed for a node, and what it could it has done for the others.</exception>
    public static async Task<NodeReply> RunAsync(RunningLab lab, NodeOrder order)
    {
        ImmutableArray<NodeRunner> nodes = [.. NodeTargets.Of(lab.Topology, order.Nodes).Select(n => lab.Nodes[n])];
        if (order.Verb is NodeVerb.Start or NodeVerb.Stop or NodeVerb.Restart)
        {
            // A tag may be on nodes without a program; one that is named must have one.
            nodes = [.. nodes.Where(n => n.Node.Run is not null || order.Nodes.Contains(n.Node.Name))];
        }

        bool[] changed = await Task.WhenAll(nodes.Select(n => Task.Run(() => order.Verb switch
        {
            NodeVerb.Start => n.StartAsync(),
            NodeVerb.Stop => n.StopAsync(),
            NodeVerb.Kill => n.KillAsync(order.Signal ?? Signals.Kill),
            NodeVerb.Pause => n.PauseAsync(),
            NodeVerb.Resume => n.ResumeAsync(),
            NodeVerb.Restart => n.RestartAsync(),
            _ => throw new InputException($"there is no order {order.Verb}"),
        })));
        return new NodeReply(1, [.. nodes.Select((n, i) => new NodeResult(changed[i], n.Status))]);
    }
}
