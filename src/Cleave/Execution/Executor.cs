using Cleave.Evidence;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Planning;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Execution;

/// <summary>
/// Carries plans out. Each operation is written into the journal before it runs; if one fails, everything in the journal is undone from its end,
/// the half-done one too, and undoing what is not there succeeds.
/// </summary>
/// <remarks>All methods run their work on the namespace thread; the fabric is the namespace that thread is at home in.</remarks>
internal sealed class Executor : IDisposable
{
    private readonly NamespaceThread _thread;
    private readonly Children _children;
    private readonly IReadOnlyDictionary<string, string> _env;
    private readonly LabTopology _topology;
    private readonly NetlinkSocket _fabric;
    private readonly NetlinkSocket _tables;
    private readonly NodeRoom?[] _rooms;
    private readonly Stack<(Operation Operation, string? Before)> _journal = new();
    private readonly List<Operation> _pending = [];
    private readonly RouteBatch _batch = new();
    private readonly List<(Operation Operation, Descriptor Says)> _starting = [];
    private readonly Dictionary<int, Descriptor> _held = [];
    private readonly Lazy<Descriptor?> _init;
    private (int Node, NetlinkSocket Socket)? _near;

    public Executor(LabTopology topology, NamespaceThread thread, Children children, IReadOnlyDictionary<string, string> env)
    {
        (_topology, _thread, _children, _env) = (topology, thread, children, env);
        _rooms = new NodeRoom?[topology.Nodes.Length];
        _init = new Lazy<Descriptor?>(() => InitProgram.Open(children));
        (_fabric, _tables) = thread.Run(() => (NetlinkSocket.Open(NetlinkFamily.Route), NetlinkSocket.Open(NetlinkFamily.Netfilter)));
    }

    /// <summary>The namespaces of a node, by its number.</summary>
    public NodeRoom Room(int node) => _rooms[node] ?? throw new InvalidOperationException("the node has not been made");

    /// <summary>Carries operations out in order.</summary>
    /// <exception cref="ExecutionException">One failed, and all of this executor's operations have been undone.</exception>
    public void Run(IEnumerable<Operation> operations) => _thread.Run(() =>
    {
        foreach (Operation operation in operations)
        {
            Guard(operation, () => Do(operation));
        }

        Flush();
        LeaveNode();
        LetGo();
        foreach ((Operation operation, Descriptor says) in _starting)
        {
            Guard(operation, () => NodeInit.AwaitReady(says));
        }

        _starting.Clear();
    });

    /// <summary>Changes the cuts in force: one transaction, so that no packet meets a mix of the old and the new ones.</summary>
    public void Run(Operation.ReplaceCuts operation)
    {
        (Operation.ReplaceCuts done, _) = Turn(operation);
        CleanUp(done);
    }

    /// <summary>The same without the cleaning up, so that what the old rules have counted can still be read.</summary>
    /// <returns>The operation as it was done here, and when.</returns>
    public (Operation.ReplaceCuts Done, TurnEdges Edges) Turn(Operation.ReplaceCuts operation)
    {
        CutRuleset before = operation.Before;
        try
        {
            TurnEdges edges;
            try
            {
                edges = CutTable.Turn(_tables, before, operation.After);
            }
            catch (NetlinkException e) when (e.Error == Errno.ENOENT && !before.IsHealed)
            {
                // Somebody has taken away what counts; that is no reason not to heal.
                before = before with { HasLostExits = true };
                edges = CutTable.Turn(_tables, before, operation.After);
            }

            CutRuleset after = CutTable.Watch(_tables, before, operation.After);
            return (new Operation.ReplaceCuts(before, after), edges);
        }
        catch (NetlinkException e) when (operation.After.Parts.Any(p => p.Kind == CutPartKind.Answers) && operation.Before.Parts.All(p => p.Kind != CutPartKind.Answers))
        {
            throw new MachineException(
                $"this kernel does not answer at a port, so that the cut was not made: {e.Message} It takes nft_reject_netdev, of Linux 5.11 and newer; " +
                "or let packets be lost silently, with mode drop");
        }
        catch (NetlinkException e)
        {
            throw new CleaveException($"the cut could not be switched, and what was in force before still is: {e.Message}", e);
        }
    }

    /// <summary>Takes away what is no longer used after a turn.</summary>
    public void CleanUp(Operation.ReplaceCuts operation) => CutTable.CleanUp(_tables, operation.Before, operation.After);

    /// <summary>What the rules have counted.</summary>
    public CounterReading ReadCounters(CutRuleset rules) => CounterTable.Read(_tables, rules);

    /// <summary>What has come out behind them.</summary>
    public CounterReading ReadPassed(CutRuleset rules) => CounterTable.ReadPassed(_tables, rules);

    public void Dispose()
    {
        _near?.Socket.Dispose();
        foreach (NodeRoom? room in _rooms)
        {
            room?.Dispose();
        }

        if (_init.IsValueCreated)
        {
            _init.Value?.Dispose();
        }

        _fabric.Dispose();
        _tables.Dispose();
    }

    private void Do(Operation operation)
    {
        if (RouteRequests.TryAdd(operation, _batch, FindRoom))
        {
            _journal.Push((operation, null));
            _pending.Add(operation);
            return;
        }

        if (operation is Operation.SetSysctl)
        {
            EnterNetwork(operation.At);
        }

        _journal.Push((operation, operation is Operation.SetSysctl s ? Sysctl.Read(s) : null));
        switch (operation)
        {
            case Operation.CreateNamespace o:
                CreateNamespace(o.At.Node!.Value);
                break;
            case Operation.SetSysctl o:
                Sysctl.Write(o);
                break;
            case Operation.CreateCutTable:
                _tables.Send(CutTable.Create());
                break;
            case Operation.CreatePortMarks o:
                foreach (var transaction in PortMarks.Create(o.Ports))
                {
                    _tables.Send(CutTable.Encode(transaction));
                }

                break;
            case Operation.CreateUplinkTable:
                _tables.Send(UplinkTable.Create());
                break;
            case Operation.JoinUplink { Uplink.Index: not 0 }:
                break; // the host's side has made it
            case Operation.JoinUplink:
                throw new CleaveException($"the host's side has made no {Uplink.LinkName} in the fabric");
            case Operation.ReplaceCuts o:
                CutTable.Switch(_tables, o.Before, o.After);
                break;
            case Operation.HoldFolder o:
                _held[o.Slot] = Descriptor.Open(o.Folder, Libc.O_RDONLY);
                break;
            case Operation.EnterRoom o:
                LeaveNode();
                LetGo();
                _ = _init.Value; // whose first try must not become the first process of the node
                NodeMounts.Enter(Room(o.At.Node!.Value));
                break;
            case Operation.StartInit o:
                (Child init, Descriptor says) = NodeInit.Start(_children, _env, _init.Value);
                Room(o.At.Node!.Value).SetInit(init);
                _starting.Add((o, says));
                break;
            default:
                NodeMounts.Do(operation, _held);
                break;
        }
    }

    /// <summary>Runs one operation; if it fails, undoes everything and says which it was.</summary>
    private void Guard(Operation operation, Action action)
    {
        try
        {
            // Consecutive requests of one place travel together.
            if (_pending.Count > 0 && (_pending[^1].At != operation.At || !RouteRequests.IsRoute(operation)))
            {
                Flush();
            }

            action();
        }
        catch (Exception e) when (e is not ExecutionException)
        {
            Undo();
            throw Failed(operation, e);
        }
    }

    private ExecutionException Failed(Operation operation, Exception cause)
    {
        string command = PlanPrinter.Line(operation, _topology);

        // What is done inside a node's room does not name it.
        bool isInRoom = operation is Operation.SetHostname or Operation.SetIpcSysctl or Operation.MountTmpfs or Operation.MountSysfs
            or Operation.MakeFolder or Operation.GiveFolder or Operation.HoldFolder or Operation.BindVolume or Operation.ReplaceFile or Operation.StartInit;
        return new ExecutionException(operation, isInRoom ? $"node {_topology.Nodes[operation.At.Node!.Value].Name}: {command}" : command, cause);
    }

    private void Flush()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        try
        {
            SocketFor(_pending[0].At).Send(_batch, f => f.RequestIndex >= 0 && RouteRequests.IsNeedless(_pending[f.RequestIndex], f.Error));
        }
        catch (NetlinkException e)
        {
            Operation failed = _pending[Math.Clamp(e.RequestIndex, 0, _pending.Count - 1)];
            Undo();
            throw Failed(failed, e);
        }
        finally
        {
            _batch.Clear();
            _pending.Clear();
        }
    }

    private void CreateNamespace(int node)
    {
        LeaveNode();
        NamespaceThread.Unshare(Libc.CLONE_NEWNET, "a network namespace");
        _rooms[node] = new NodeRoom(Descriptor.Open("/proc/thread-self/ns/net", Libc.O_RDONLY));

        // While the thread is there anyway; joining again later would cost another call.
        _near = (node, NetlinkSocket.Open(NetlinkFamily.Route));
    }

    private NetlinkSocket SocketFor(Place place)
    {
        if (place.Node is not { } node)
        {
            return _fabric;
        }

        if (_near?.Node != node)
        {
            LeaveNode();
            NamespaceThread.JoinNetwork(Room(node).Network);
            _near = (node, NetlinkSocket.Open(NetlinkFamily.Route));
        }

        return _near!.Value.Socket;
    }

    private void EnterNetwork(Place place)
    {
        LeaveNode();
        if (place.Node is { } node)
        {
            NamespaceThread.JoinNetwork(Room(node).Network);
        }
        else
        {
            NamespaceThread.GoHome();
        }
    }

    private void LeaveNode()
    {
        _near?.Socket.Dispose();
        _near = null;
    }

    private void LetGo()
    {
        foreach (Descriptor folder in _held.Values)
        {
            folder.Dispose();
        }

        _held.Clear();
    }

    private NodeRoom FindRoom(Place place) => Room(place.Node!.Value);

    private void Undo()
    {
        _batch.Clear();
        _pending.Clear();
        LeaveNode();
        LetGo();
        foreach ((_, Descriptor says) in _starting)
        {
            says.Dispose();
        }

        _starting.Clear();
        GoOn(UndoCables);
        while (_journal.TryPop(out (Operation Operation, string? Before) entry))
        {
            GoOn(() => UndoOne(entry.Operation, entry.Before));
        }
    }

    private static void GoOn(Action undo)
    {
        try
        {
            undo();
        }
        catch (Exception e) when (e is NetlinkException or LinuxException or IOException)
        {
            // What is not there is undone already; and whatever else goes wrong, the rest must be undone, too.
        }
    }

    private void UndoCables()
    {
        var batch = new RouteBatch();
        if (RouteRequests.TryAddUndoOfCables(_journal.Select(e => e.Operation), batch))
        {
            _fabric.TrySend(batch);
        }
    }

    private void UndoOne(Operation operation, string? before)
    {
        switch (operation)
        {
            case Operation.CreateNamespace o when _rooms[o.At.Node!.Value] is { } room:
                room.Dispose();
                _rooms[o.At.Node!.Value] = null;
                break;
            case Operation.StartInit o when _rooms[o.At.Node!.Value]?.Init is { } init:
                _children.Signal(init, Libc.SIGKILL);
                break;
            case Operation.SetSysctl o when before is not null:
                EnterNetwork(o.At);
                Sysctl.Write(o with { Value = before });
                break;
            case Operation.CreateCutTable:
                _tables.Send(CutTable.Delete());
                break;
            case Operation.CreateUplinkTable:
                _tables.Send(UplinkTable.Delete());
                break;
            case Operation.ReplaceCuts o:
                CutTable.Switch(_tables, o.After, o.Before with { Generation = o.After.Generation + 1 });
                break;
            default:
                var batch = new RouteBatch();
                if (RouteRequests.TryAddUndo(operation, batch))
                {
                    SocketFor(operation.At).Send(batch);
                }

                break;
        }
    }
}
