using Cleave.Execution;
using Cleave.Linux;
using Cleave.Names;
using Cleave.Planning;

namespace Cleave.Host;

/// <summary>
/// The files of the host that nodes see others in place of: /etc/hosts and /etc/resolv.conf. The kernel takes a mount off where somebody on the host puts
/// another file in its place (rename(2), as network managers do), in every mount namespace; it is put there again. Names that fail are left out of /etc/hosts.
/// </summary>
internal sealed class NodeFiles
{
    private const string Hosts = "/etc/hosts";
    private const int MostLookedAt = 8; // a file that is replaced is so for all nodes
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    private readonly RunningLab _lab;
    private readonly Lock _lock = new();
    private readonly List<NodeFile> _files = [];

    /// <summary>Begins to look after the files, which are there.</summary>
    public NodeFiles(RunningLab lab, IEnumerable<Operation> rooms)
    {
        _lab = lab;
        foreach (Operation.ReplaceFile file in rooms.OfType<Operation.ReplaceFile>())
        {
            int node = file.At.Node!.Value;

            // Where the user has the host's own there, it is not ours to change.
            if (Identity(PathOf(node, file.Target)) is { } there && there != Identity(file.Target))
            {
                _files.Add(new NodeFile(node, file, there));
            }
        }

        _ = Task.Run(WatchAsync);
    }

    /// <summary>Leaves names that fail out of /etc/hosts, so that whoever asks for them asks the fabric, and puts others in again.</summary>
    public void Apply(NameFaults faults)
    {
        var hosts = new HostsFiles(_lab.Topology, name => faults.Of(name) != NameFault.None);
        lock (_lock)
        {
            foreach (NodeFile file in _files.Where(f => f.Operation.Target == Hosts))
            {
                string text = hosts.For(_lab.Topology.Nodes[file.Node]);
                if (text != file.Operation.Text)
                {
                    file.Operation = file.Operation with { Text = text };
                    Write(file);
                }
            }
        }
    }

    private async Task WatchAsync()
    {
        NodeFile[] some = [.. _files.GroupBy(f => f.Operation.Target).SelectMany(g => g.Take(MostLookedAt))];
        using var timer = new PeriodicTimer(Often);
        try
        {
            while (await timer.WaitForNextTickAsync(_lab.Ending))
            {
                if (Array.Exists(some, IsLost))
                {
                    lock (_lock)
                    {
                        _files.FindAll(IsLost).ForEach(PutBack);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lab ends.
        }
    }

    private void PutBack(NodeFile file)
    {
        try
        {
            _lab.Thread.Run(() =>
            {
                _lab.Executor.Room(file.Node).Enter();
                NodeMounts.ReplaceFile(file.Operation);
            });

            // The host's may have been replaced once more since, and then it is lost again, not found.
            if (Identity(PathOf(file.Node, file.Operation.Target)) is { } there && there != Identity(file.Operation.Target))
            {
                file.There = there;
            }
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // The node's PID 1 was killed, or its /dev/shm is full: once more in a moment.
        }
    }

    /// <summary>In place, so that the mount stays; only into the file that is ours, for it may have been taken off this moment.</summary>
    private void Write(NodeFile file)
    {
        try
        {
            using var stream = new FileStream(PathOf(file.Node, file.Operation.Target), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            FileOwner open = FileOwner.Of(stream.SafeFileHandle);
            if ((open.Inode, open.Device) == file.There)
            {
                byte[] text = System.Text.Encoding.UTF8.GetBytes(file.Operation.Text);
                stream.Write(text);
                stream.SetLength(text.Length);
            }
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // The node's PID 1 was killed, and nothing runs there.
        }
    }

    /// <summary>Whether the node sees the file that we see: the host's.</summary>
    private bool IsLost(NodeFile file) =>
        Identity(PathOf(file.Node, file.Operation.Target)) is { } theirs && theirs != file.There && theirs == Identity(file.Operation.Target);

    private string PathOf(int node, string target) => $"/proc/{_lab.Executor.Room(node).Init?.Pid ?? 0}/root{target}";

    private static (ulong Inode, ulong Device)? Identity(string path)
    {
        try
        {
            return FileOwner.Of(path, follow: true) is { } file ? (file.Inode, file.Device) : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private sealed class NodeFile(int node, Operation.ReplaceFile operation, (ulong Inode, ulong Device) there)
    {
        public int Node => node;

        /// <summary>What puts it there, with the text of now.</summary>
        public Operation.ReplaceFile Operation { get; set; } = operation;

        /// <summary>Which file it is.</summary>
        public (ulong Inode, ulong Device) There { get; set; } = there;
    }
}
