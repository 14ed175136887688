using Cleave.Control;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Runs.Packets;

namespace Cleave.Host;

/// <content>The packets of the nodes, recorded where a run asks for them.</content>
internal sealed partial class RunningLab
{
    private PacketRecorder? _packets;

    /// <summary>Records no more; what has come by now is written.</summary>
    public void StopPackets() => _packets?.Dispose();

    /// <summary>A scenario runs without, too; who has asked for them is told.</summary>
    private void RecordPackets()
    {
        if (Order.Run is not { HasPackets: true } run)
        {
            return;
        }

        try
        {
            _packets = new PacketRecorder(
                run.Packets,
                [.. Topology.Nodes.Select(n => n.Name)],
                OpenPackets,
                (node, text) => Hub.Publish(EventKind.Lab, node, text));
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            Hub.Publish(EventKind.Lab, null, $"packets are not recorded: {e.Message}");
        }
    }

    private PacketSocket OpenPackets(int node)
    {
        Descriptor network = Executor.Room(node).Network;
        return Thread.Run(() =>
        {
            NamespaceThread.JoinNetwork(network);
            return new PacketSocket();
        });
    }
}
