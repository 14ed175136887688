using Cleave.Topology;

namespace Cleave.Doctor;

/// <summary>What a lab needs of the machine, as far as it depends on the lab.</summary>
/// <param name="Lab">The lab file; null: no lab in particular.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="LargestNetwork">Nodes on the network that has most.</param>
/// <param name="LargestNetworkName">Its name.</param>
/// <param name="LearningNodes">Nodes on networks too large for permanent neighbours, which learn each other's MAC addresses.</param>
public sealed record Needs(string? Lab, int Nodes, int LargestNetwork, string LargestNetworkName, int LearningNodes)
{
    /// <summary>Open files of a lab host without nodes: 201 were counted, on two processors; the runtime's own are most of them.</summary>
    public const int BaseFiles = 260;

    /// <summary>Open files of a lab host for each node: 4 were counted (its namespace, its PID 1, its log, its pipe), and as many again are for what one does with it.</summary>
    public const int FilesPerNode = 8;

    /// <summary>Processes of a lab without nodes, threads included: 18 were counted, on two processors.</summary>
    public const int BaseProcesses = 50;

    /// <summary>Processes of a node: its PID 1, a shell, a program with some threads.</summary>
    public const int ProcessesPerNode = 8;

    /// <summary>A lab as in the examples, where no file is given.</summary>
    public static Needs SmallLab { get; } = new(null, 10, 10, "lan", 0);

    /// <summary>Open files of the lab host.</summary>
    public int Files => BaseFiles + (FilesPerNode * Nodes);

    /// <summary>Processes and threads.</summary>
    public int Processes => BaseProcesses + (ProcessesPerNode * Nodes);

    /// <summary>Network namespaces: the fabric's and each node's.</summary>
    public int NetworkNamespaces => Nodes + 1;

    /// <summary>What a lab needs.</summary>
    public static Needs Of(LabTopology topology)
    {
        var sizes = topology.Networks
            .Select(n => (n.Name, Nodes: topology.Nodes.Count(node => node.Attachments.Any(a => a.Network == n.Name))))
            .ToList();
        (string name, int largest) = sizes.MaxBy(s => s.Nodes);
        return new Needs(
            topology.File,
            topology.Nodes.Length,
            largest,
            name,
            sizes.Where(s => s.Nodes > Planning.LabPlan.MaxNodesWithPermanentNeighbours).Sum(s => s.Nodes));
    }
}
