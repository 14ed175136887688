using System.Collections.Immutable;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Doctor;

/// <summary>What a lab of many nodes has to be told, though it is not a mistake.</summary>
public static class SizeWarnings
{
    // What is too little for labs of any size is the doctor's to say.
    private static readonly string[] OfTheLab = ["processes", "memory", "broadcasts", "neighbours"];

    /// <summary>What follows from the file alone, for every machine.</summary>
    public static ImmutableArray<string> Of(LabTopology topology)
    {
        var sizes = topology.Nodes.SelectMany(n => n.Attachments.Select(a => a.Network)).CountBy(n => n).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. from network in topology.Networks
               let nodes = sizes.GetValueOrDefault(network.Name)
               where nodes > LabPlan.MaxNodesWithPermanentNeighbours
               select $"{network.Name} has {nodes} nodes, and of more than {LabPlan.MaxNodesWithPermanentNeighbours} each learns the others' MAC addresses when it speaks to them: "
                   + "the kernel keeps as many of these as net.ipv4.neigh.default.gc_thresh3 says, usually 1024, for all namespaces of the machine together, "
                   + "and past that packets go nowhere; cleave doctor tells how it is here",
        ];
    }

    /// <summary>What this machine has less of than would be safe for a lab of this size.</summary>
    /// <param name="sizes">The doctor's verdicts on its size.</param>
    public static ImmutableArray<string> Of(Report sizes) =>
    [
        .. from check in sizes.Checks
           where check.Status == Status.Limited && OfTheLab.Contains(check.Id)
           select $"{check.Name}: {check.Found}; {check.Cost}; remedy: {string.Join(' ', check.Remedy.Take(2))}",
    ];
}
