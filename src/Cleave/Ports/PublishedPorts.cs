using System.Net;
using System.Net.Sockets;
using Cleave.Host;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Topology;

namespace Cleave.Ports;

/// <summary>The published ports of a running lab.</summary>
internal static class PublishedPorts
{
    /// <summary>From now on what arrives at the sockets goes to the nodes.</summary>
    /// <param name="lab">The lab; its nodes have been made.</param>
    /// <param name="sockets">The host's side of its ports, in the file's order; then those at the address of its way out (<c>Uplink.Ports</c>).</param>
    public static void Serve(RunningLab lab, IReadOnlyList<Descriptor> sockets)
    {
        if (sockets.Count == 0)
        {
            return;
        }

        var loop = new PortLoop(UserLimits.OpenFiles());
        var published = new List<(PublishedPort Port, PortTarget Target)>();
        foreach ((int number, Node node) in lab.Topology.Nodes.Index())
        {
            foreach (PublishedPort port in node.Ports)
            {
                PortTarget target = port.IsViaLoopback
                    ? PortTarget.Inside(port.NodePort, lab.Executor.Room(number), lab.Thread)
                    : PortTarget.OverNetwork(new InetAddress(AddressOf(node, port), port.NodePort));
                published.Add((port, target));
            }
        }

        IEnumerable<int> again = lab.Uplink?.Uplink.Ports ?? [];
        foreach ((Descriptor socket, int number) in sockets.Zip(Enumerable.Range(0, published.Count).Concat(again)))
        {
            (PublishedPort port, PortTarget target) = published[number];
            if (port.Protocol == PortProtocol.Tcp)
            {
                new TcpPort(socket, target, loop).Open();
            }
            else
            {
                new UdpPort(socket, target, loop).Open();
            }
        }
    }

    /// <summary>Where a node is reached for a port: on the network that is named, or its first with the fabric on it.</summary>
    public static Attachment PlaceOf(Node node, PublishedPort port) => node.Attachments.First(a => port.Via is { } network ? a.Network == network : a.IsInReach);

    /// <summary>The node's address for a port: on the network that is named, or its first with the fabric on it; of IPv4 where it has one.</summary>
    public static IPAddress AddressOf(Node node, PublishedPort port)
    {
        Attachment place = PlaceOf(node, port);
        return place.AddressOf(AddressFamily.InterNetwork) ?? place.Addresses[0];
    }
}
