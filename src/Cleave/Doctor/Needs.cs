using Cleave.Planning;
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
    // Counted on two processors: 201 open files in a lab host without nodes, most of them the runtime's own, and 4 for each node
    // (its namespace, its PID 1, its log, its pipe). What one does with the lab needs more for a time.
    private const int CountedBaseFiles = 200;
    private const int CountedFilesPerNode = 4;

    // At each, the fabric answers questions about names by UDP and TCP.
    private const int SocketsOfAnAddress = 2;

    /// <summary>Processes of a lab without nodes, threads included: 18 were counted, on two processors.</summary>
    public const int BaseProcesses = 50;

    /// <summary>Processes of a node: its PID 1, a shell, a program with some threads.</summary>
    public const int ProcessesPerNode = 8;

    /// <summary>The node whose programs are given most open files by the lab file, and how many; null if none says so.</summary>
    public (string Node, int Files)? Programs { get; init; }

    /// <summary>Of the nodes that run as somebody of their own, the one with the highest user id; null if there is none.</summary>
    public (string Node, NodeUser User)? User { get; init; }

    /// <summary>How many addresses the fabric has, one in each subnet.</summary>
    public int FabricAddresses { get; init; } = 1;

    /// <summary>How many nodes have a program that the lab file names.</summary>
    public int NodesWithProgram { get; init; }

    /// <summary>To how many ports a broadcast is handed at once, on the network where they are most.</summary>
    public (string Network, int Ports) Broadcast { get; init; } = ("lan", 9);

    /// <summary>A lab as in the examples, where no file is given.</summary>
    public static Needs SmallLab { get; } = new(null, 10, 10, "lan", 0);

    /// <summary>Open files without which the lab host does not start.</summary>
    public int LeastFiles => CountedBaseFiles + (CountedFilesPerNode * Nodes) + (SocketsOfAnAddress * FabricAddresses);

    /// <summary>Open files with which there is room for exec, scenarios and probes.</summary>
    public int Files => 100 + (2 * LeastFiles);

    /// <summary>Processes and threads, with some for what is done in nodes.</summary>
    public int Processes => BaseProcesses + (ProcessesPerNode * Nodes);

    /// <summary>Processes without which the lab does not start.</summary>
    public int LeastProcesses => BaseProcesses + Nodes + NodesWithProgram;

    /// <summary>Bytes of memory: counted were 0.85 MiB for each of 4000 nodes without programs, most of it the kernel's, and 150 MiB for the lab host.</summary>
    public long Memory => (200L << 20) + ((long)Nodes << 20);

    /// <summary>Bytes of memory without which the lab does not start.</summary>
    public long LeastMemory => (100L << 20) + (((long)Nodes << 20) * 3 / 4);

    /// <summary>Network namespaces: the fabric's and each node's.</summary>
    public int NetworkNamespaces => Nodes + 1;

    /// <summary>What a lab needs.</summary>
    public static Needs Of(LabTopology topology)
    {
        var sizes = topology.Networks
            .Select(n => (n.Name, Nodes: topology.Nodes.Count(node => node.Attachments.Any(a => a.Network == n.Name))))
            .Where(n => n.Nodes > 0)
            .ToList();
        (string name, int largest) = sizes.MaxBy(s => s.Nodes);
        (string Network, int Ports) broadcast = sizes.Select(s => (s.Name, Ports: Switch.PortsAtOnce(s.Nodes, topology.NodesOfABridge))).MaxBy(s => s.Ports);
        return new Needs(
            topology.File,
            topology.Nodes.Length,
            largest,
            name,
            sizes.Where(s => s.Nodes > LabPlan.MaxNodesWithPermanentNeighbours).Sum(s => s.Nodes))
        {
            User = topology.Nodes.Where(n => n.User is { IsRoot: false }).MaxBy(n => n.User!.Uid) is { } changed ? (changed.Name, changed.User!) : null,
            NodesWithProgram = topology.Nodes.Count(n => n.Run is not null),
            Broadcast = broadcast,
            FabricAddresses = topology.Networks.Sum(n => n.Subnets.Length),
            Programs = topology.Nodes.Where(n => n.Limits.Files is not null).MaxBy(n => n.Limits.Files!.Hard) is { } most ? (most.Name, most.Limits.Files!.Hard) : null,
        };
    }
}
