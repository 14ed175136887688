using System.Collections.Immutable;
using System.Diagnostics;
using Cleave.Execution;
using Cleave.Namespaces;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Bench;

/// <summary>A lab whose last operation fails, so that everything before it is undone.</summary>
internal static class FailingLab
{
    /// <summary>Makes it and fails.</summary>
    /// <returns>Milliseconds from the operation that fails until all is undone.</returns>
    public static double Make(int nodes, NamespaceThread thread, Children children)
    {
        LabTopology topology = BenchLab.Of(nodes);
        LabPlan plan = BenchLab.Plan(topology);
        long failing = 0;
        using var executor = new Executor(topology, thread, children, ImmutableDictionary<string, string>.Empty);
        try
        {
            executor.Run(Operations());
            throw new InvalidOperationException("a link that is not there was switched on");
        }
        catch (ExecutionException)
        {
            return Stopwatch.GetElapsedTime(failing).TotalMilliseconds;
        }

        IEnumerable<Operation> Operations()
        {
            foreach (Operation operation in plan.Network)
            {
                yield return operation;
            }

            failing = Stopwatch.GetTimestamp();
            yield return new Operation.SetLinkUp(Place.Fabric, new Interface("missing", int.MaxValue));
        }
    }

    /// <summary>Runs all code once, so that it is compiled, and leaves the fabric as new.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="children">The children.</param>
    /// <param name="others">Network namespaces that live besides the lab's.</param>
    public static void WarmUp(NamespaceThread thread, Children children, int others)
    {
        Make(3, thread, children);
        NamespaceCount.AwaitAtMost(others);
        Thread.Sleep(200); // for the namespace that the waiting made
        GC.Collect();
    }
}
