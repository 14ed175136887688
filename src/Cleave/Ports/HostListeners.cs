using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cleave.Linux;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Ports;

/// <summary>
/// The sockets of a lab's published ports on the host's side. The command that starts the lab opens them, before anything is made, and hands them to the
/// lab host; whoever holds the last copy holds the port.
/// </summary>
internal sealed unsafe class HostListeners : IDisposable
{
    private const int Backlog = 4096; // the kernel takes net.core.somaxconn if that is less

    private readonly List<Descriptor> _sockets = [];

    private HostListeners()
    {
    }

    /// <summary>The sockets, in the order of <see cref="Records"/>.</summary>
    public IReadOnlyList<Descriptor> Sockets => _sockets;

    /// <summary>What is published where, in the file's order.</summary>
    public ImmutableArray<PortRecord> Records { get; private set; } = [];

    /// <summary>The published ports of a file, node by node.</summary>
    public static IEnumerable<(Node Node, PublishedPort Port)> Of(LabTopology topology) => topology.Nodes.SelectMany(n => n.Ports.Select(p => (n, p)));

    /// <summary>Opens them all, or none.</summary>
    /// <exception cref="MachineException">The host does not give one of them; all such are named.</exception>
    public static HostListeners Open(LabTopology topology)
    {
        var wanted = Of(topology).ToList();
        var sockets = new Descriptor?[wanted.Count];
        var records = new PortRecord?[wanted.Count];
        var refusals = new SortedDictionary<int, string>();

        // Those of a certain port first, or a free one might be one of theirs.
        foreach (int i in Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i].Port.HostPort is null))
        {
            (Node node, PublishedPort port) = wanted[i];
            try
            {
                sockets[i] = Open(new InetAddress(port.Address, port.HostPort ?? 0), port.Protocol);
                records[i] = new PortRecord(node.Name, port.Protocol, $"{port.Address}", InetAddress.OfSocket(sockets[i]!.Fd).Port, port.NodePort, port.Via);
            }
            catch (LinuxException e)
            {
                refusals.Add(i, $"{topology.File}:{port.At}: {PortRefusal.Of(port, node.Name, e)}");
            }
        }

        var listeners = new HostListeners();
        listeners._sockets.AddRange(sockets.OfType<Descriptor>());
        if (refusals.Count > 0)
        {
            listeners.Dispose();
            throw new MachineException(string.Join('\n', refusals.Values));
        }

        listeners.Records = [.. records.OfType<PortRecord>()];
        return listeners;
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    /// <summary>Opens one, in the network namespace of this process.</summary>
    public static Descriptor Open(InetAddress address, PortProtocol protocol)
    {
        bool isTcp = protocol == PortProtocol.Tcp;
        int kind = isTcp ? Libc.SOCK_STREAM : Libc.SOCK_DGRAM;
        var socket = new Descriptor(LinuxException.Check(Libc.socket(address.Family, kind | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0), "make a socket"));
        try
        {
            if (address.IsV6)
            {
                Set(socket, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY);
            }

            if (isTcp)
            {
                Set(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR); // connections of a lab that has ended may wait for a minute to be forgotten
            }

            byte* where = stackalloc byte[InetAddress.Size];
            Check(Libc.bind(socket.Fd, where, address.Write(where)));
            if (isTcp)
            {
                Check(Libc.listen(socket.Fd, Backlog)); // only now two that may both be bound are told apart
            }
            else
            {
                Datagrams.AskForDestination(socket.Fd, address.IsV6);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        static void Check(int result)
        {
            if (result < 0)
            {
                throw new LinuxException("open a published port", Marshal.GetLastPInvokeError());
            }
        }
    }

    private static void Set(Descriptor socket, int level, int option)
    {
        int one = 1;
        LinuxException.Check(Libc.setsockopt(socket.Fd, level, option, &one, sizeof(int)), "prepare a socket");
    }
}
