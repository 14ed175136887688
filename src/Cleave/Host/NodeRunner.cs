using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Namespaces;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>One node as the lab host has it: its program's life, its log, and what is done to it. One order at a time; see <see cref="Launch"/>.</summary>
internal sealed partial class NodeRunner(RunningLab lab, int number, bool isHeld) : IDisposable
{
    private const int RememberedVisitors = 100;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<int, Child> _visitors = new();
    private readonly TaskCompletionSource[] _reached =
        [.. Enum.GetValues<Milestone>().Select(_ => NotReached())];

    private Launch? _launch;
    private TaskCompletionSource? _paused; // while it is: completes with the resume

    public Node Node => lab.Topology.Nodes[number];

    public int Number => number;

    public NodeLog Log { get; } = new(lab.Topology.Nodes[number].Name, lab.Order.Record, lab.Hub, lab.Clock, lab.Topology.Nodes[number].Limits.Log, lab.Secrets);

    public NodeRoom Room => lab.Executor.Room(number);

    /// <summary>Whether its program is left to a verb or a step to start.</summary>
    public bool IsManual => isHeld || Node.IsManual;

    /// <summary>The user has said on the command line that it is not started; who comes after it does not wait for it.</summary>
    public bool IsHeld => isHeld;

    /// <summary>The newest launch, or null.</summary>
    public Launch? Launch => Volatile.Read(ref _launch);

    /// <summary>Completes when the end of the program has been reported, at once if it does not run.</summary>
    public Task Ended => Launch?.Done ?? Task.CompletedTask;

    /// <summary>Completes when the node is ready, fails with a sentence for the user when it will not be.</summary>
    public Task Ready => Launch?.Ready ?? (Node.Run is null ? Task.CompletedTask : _reached[(int)Milestone.Ready].Task);

    public bool IsPaused => Volatile.Read(ref _paused) is not null;

    public NodeStatus Status
    {
        get
        {
            (NodeState state, Child? child, ExitStatus? exit, int restarts) = Launch?.Now ?? (
                Node.Run is null ? NodeState.Idle : IsManual ? NodeState.Manual : NodeState.Waiting, null, null, 0);
            return new NodeStatus(
                Node.Name,
                [.. Node.Attachments.SelectMany(a => a.Addresses).Select(a => a.ToString())],
                IsPaused ? NodeState.Paused : state,
                child?.Pid,
                exit?.ToString(),
                exit?.ShellCode,
                Restarts: restarts);
        }
    }

    /// <summary>How the program ended if nobody had asked it to and that is no good end; null otherwise, for a job that is done, and for one that is joined.</summary>
    public ExitStatus? UnaskedEnd => Launch is { Join: null, OwnEnd: { } end } && !(Node.Job && end.ShellCode == 0) ? end : null;

    /// <summary>What was started in the node besides its program: <c>exec</c>, steps, setup. Their sessions are not the program's.</summary>
    public IReadOnlySet<int> Visitors => _visitors.Keys.ToHashSet();

    public static ImmutableArray<string> Argv(Command command) => command switch
    {
        Command.Shell shell => ["sh", "-c", shell.Line],
        Command.Argv argv => argv.Arguments,
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Starts the program with the lab: in order, and unless it is left to the user.</summary>
    public void StartWithLab()
    {
        if (Node.Run is null)
        {
            Reach(Milestone.Started);
            Reach(Milestone.Ready);
        }
        else if (!IsManual && Launch is null)
        {
            Begin(inOrder: true);
        }
    }

    /// <summary>A program that is no part of the node's own runs here from now on.</summary>
    public void Visit(Child child)
    {
        _visitors[child.Pid] = child;
        if (_visitors.Count <= RememberedVisitors)
        {
            return;
        }

        // The kernel gives no other process the number of a session that still has members; a node has few that outlive their leader.
        foreach ((int pid, Child old) in _visitors)
        {
            if (old.Exit.IsCompleted)
            {
                _visitors.TryRemove(pid, out _);
            }
        }
    }

    /// <summary>The number of an old visitor may be that of the program now.</summary>
    public void Forget(Child program) => _visitors.TryRemove(program.Pid, out _);

    /// <summary>The program's processes.</summary>
    public IReadOnlyList<LabProcess> ProgramProcesses() => NodeProcesses.OfProgram(Processes(), Visitors);

    /// <summary>What the program waits for before it starts with the lab, or with a join: there, for what is joined with it, and for what runs.</summary>
    public IEnumerable<Task> Others(Join? join) => Node.After
        .Select(a => (Runner: lab.Node(a.Node), a.Until))
        .Where(o => join is null ? !o.Runner.IsHeld : o.Runner.Join == join || o.Runner.Launch is { Done.IsCompleted: false })
        .Select(o => o.Runner._reached[(int)o.Until].Task);

    public void Reach(Milestone milestone) => _reached[(int)milestone].TrySetResult();

    /// <summary>The program has ended by itself and for good: what had not been reached will not be.</summary>
    public void ReachEnd(ExitStatus status)
    {
        var failure = new CleaveException($"{Node.Name} ended with {status}");
        _reached[(int)Milestone.Ready].TrySetException(failure);
        if (Node.Job && status.ShellCode != 0)
        {
            _reached[(int)Milestone.Ended].TrySetException(failure);
        }
        else
        {
            Reach(Milestone.Ended);
        }
    }

    /// <summary>Completes when the node is not paused.</summary>
    public async Task UntilResumedAsync(CancellationToken cancel)
    {
        while (Volatile.Read(ref _paused) is { } paused)
        {
            await paused.Task.WaitAsync(cancel);
        }
    }

    /// <summary>The last lines of its log, indented, for a message.</summary>
    public string Tail()
    {
        IReadOnlyList<string> lines = Log.LastLines();
        return lines.Count == 0 ? "; it has logged nothing" : $"; its last lines:\n{string.Join('\n', lines.Select(l => "    " + l))}";
    }

    public void Dispose()
    {
        Log.Dispose();
        Launch?.Dispose();
        _turn.Dispose();
    }

    private void Begin(bool inOrder)
    {
        Launch?.Dispose();
        var launch = new Launch(lab, this, Join);
        Volatile.Write(ref _launch, launch);
        launch.Begin(inOrder);
    }

    private IReadOnlyList<LabProcess> Processes(Child? program = null)
    {
        HashSet<int> started = [.. _visitors.Values.Where(v => !v.Exit.IsCompleted).Select(v => v.Pid)];
        if ((program ?? Launch?.Now.Child) is { } child)
        {
            started.Add(child.Pid);
        }

        return NodeProcesses.OfNode(NodeProcesses.All(), Room.Init!.Pid, started);
    }
}
