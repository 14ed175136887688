using Cleave.Linux;
using Cleave.Processes;

namespace Cleave.Namespaces;

/// <summary>
/// The namespaces of one node. The network lives as long as this object's descriptor; mounts, host name, IPC objects and processes live as long
/// as the node's PID 1.
/// </summary>
internal sealed class NodeRoom(Descriptor network) : IDisposable
{
    private const int Rooms = Libc.CLONE_NEWNS | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWNET;

    private Descriptor? _initProcess;

    /// <summary>The node's network namespace.</summary>
    public Descriptor Network { get; } = network;

    /// <summary>PID 1 of the node, asleep; null until it is started.</summary>
    public Child? Init { get; private set; }

    public void SetInit(Child init)
    {
        Init = init;
        _initProcess = Descriptor.OfProcess(init.Pid);
    }

    /// <summary>Starts a program in the node. Only on the namespace thread.</summary>
    /// <exception cref="LinuxException">The program cannot be executed, or the node's PID 1 was killed.</exception>
    public Child Start(SpawnRequest request, Children children)
    {
        Descriptor init = _initProcess ?? throw new InvalidOperationException("the node's room has not been made");
        NamespaceThread.Join(init, Rooms);
        return children.Start(request, init);
    }

    /// <summary>Moves the calling thread to where the node's processes are. Only on the namespace thread.</summary>
    /// <exception cref="LinuxException">The node's PID 1 was killed.</exception>
    public void Enter() => NamespaceThread.Join(_initProcess ?? throw new InvalidOperationException("the node's room has not been made"), Rooms);

    public void Dispose()
    {
        _initProcess?.Dispose();
        Network.Dispose();
    }
}
