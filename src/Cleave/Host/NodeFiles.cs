using Cleave.Execution;
using Cleave.Linux;
using Cleave.Planning;

namespace Cleave.Host;

/// <summary>
/// The files of the host that nodes see others in place of: /etc/hosts and /etc/resolv.conf. The kernel takes a mount off where somebody on the host puts
/// another file in its place (rename(2), as network managers do), in every mount namespace; it is put there again.
/// </summary>
internal sealed class NodeFiles
{
    private const int MostLookedAt = 8; // a file that is replaced is so for all nodes
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    private readonly RunningLab _lab;
    private readonly List<(int Node, Operation.ReplaceFile File)> _files = [];

    /// <summary>Begins to look after the files, which are there.</summary>
    public NodeFiles(RunningLab lab, IEnumerable<Operation> rooms)
    {
        _lab = lab;
        foreach (Operation.ReplaceFile file in rooms.OfType<Operation.ReplaceFile>())
        {
            // Where the user has the host's own there, it is not ours to change.
            if (Exists(file.Target) && !IsHosts(file.At.Node!.Value, file.Target))
            {
                _files.Add((file.At.Node!.Value, file));
            }
        }

        _ = Task.Run(WatchAsync);
    }

    private async Task WatchAsync()
    {
        (int, Operation.ReplaceFile)[] some = [.. _files.GroupBy(f => f.File.Target).SelectMany(g => g.Take(MostLookedAt))];
        using var timer = new PeriodicTimer(Often);
        try
        {
            while (await timer.WaitForNextTickAsync(_lab.Ending))
            {
                if (Array.Exists(some, f => IsHosts(f.Item1, f.Item2.Target)))
                {
                    _files.ForEach(f => PutBack(f.Node, f.File));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lab ends.
        }
    }

    private void PutBack(int node, Operation.ReplaceFile file)
    {
        if (!IsHosts(node, file.Target))
        {
            return;
        }

        try
        {
            _lab.Thread.Run(() =>
            {
                _lab.Executor.Room(node).Enter();
                NodeMounts.ReplaceFile(file);
            });
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // The node's PID 1 was killed, or its /dev/shm is full: once more in a moment.
        }
    }

    /// <summary>Whether a node sees the file that we see: the host's.</summary>
    private bool IsHosts(int node, string target)
    {
        if (_lab.Executor.Room(node).Init is not { } init)
        {
            return false;
        }

        try
        {
            return FileOwner.Of($"/proc/{init.Pid}/root{target}", follow: true) is { } theirs && FileOwner.Of(target, follow: true) is { } ours
                && (theirs.Inode, theirs.Device) == (ours.Inode, ours.Device);
        }
        catch (LinuxException)
        {
            return false;
        }
    }

    private static bool Exists(string target)
    {
        try
        {
            return FileOwner.Of(target, follow: true) is not null;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
