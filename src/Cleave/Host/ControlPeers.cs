using Cleave.Linux;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>Who may steer the lab: its user, from outside of it and from the fabric, and whoever runs the program of a node with <c>control: true</c>, from there.</summary>
internal sealed class ControlPeers(RunningLab lab)
{
    /// <summary>Null if a peer may; otherwise why not, or the empty text for one who is told nothing.</summary>
    /// <param name="uid">Its user id in the lab.</param>
    /// <param name="pid">Its process as the lab host sees it; 0 if it is outside of the lab.</param>
    public string? WhyNot(uint uid, int pid)
    {
        if (pid == 0 || IsOfLabHost(pid))
        {
            return uid == Libc.getuid() ? null : "";
        }

        Node? node = NodeOf(pid);
        return node is null ? "this process is in no node of the lab"
            : !node.Control ? $"node {node.Name} does not control the lab; 'control: true' in the lab file lets it"
            : uid == Libc.getuid() || uid == node.User?.Uid ? null : "";
    }

    /// <summary>The node that a process is in, whatever namespaces it has made for itself.</summary>
    private Node? NodeOf(int pid)
    {
        var nodes = lab.Nodes.Where(n => n.Room.Init is not null).Select(n => (n.Node, Space: Space(n.Room.Init!.Pid))).Where(n => n.Space is not null).ToList();
        for (int? process = pid; process > 1; process = Parent(process.Value))
        {
            if (Space(process.Value) is { } space && nodes.FirstOrDefault(n => n.Space == space).Node is { } node)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>Fabric and net-exec: what runs there sees all of the lab.</summary>
    private static bool IsOfLabHost(int pid) => Space(pid) is { } space && space == Space(Libc.getpid());

    /// <summary>The PID namespace; null if the process has ended.</summary>
    private static string? Space(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int? Parent(int pid)
    {
        try
        {
            return LabProcess.Parse(File.ReadAllText($"/proc/{pid}/stat"))?.Parent;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
