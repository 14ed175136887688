using Cleave.Linux;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>
/// What each node has on disk: a folder for its data, a file for its log. A file system may take longer over five hundred of them than the kernel
/// over the nodes, so they are made beside the network, and taken away while the last programs end.
/// </summary>
internal static class NodeFolders
{
    /// <summary>Makes them; completes when all are there.</summary>
    public static Task MakeAsync(LabRecord lab, LabTopology topology) => Task.Factory.StartNew(
        () =>
        {
            foreach (Node node in topology.Nodes)
            {
                Directory.CreateDirectory(lab.DataOf(node.Name));
                LogAppender.Open(LabRecord.LogFile(lab.State, node.Name)).Dispose();
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Removes the data folder of each node whose program has ended, if nothing is in it; one with data is left to whoever removes them all.</summary>
    public static async Task RemoveEmptyAsync(RunningLab lab)
    {
        foreach (NodeRunner node in lab.Nodes)
        {
            await node.Ended;
            _ = Libc.rmdir(lab.Order.Record.DataOf(node.Node.Name));
        }
    }
}
