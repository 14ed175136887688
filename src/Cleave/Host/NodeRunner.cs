using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Namespaces;
using Cleave.Probes;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>The program of one node: starts it, learns when it is ready and how it ended.</summary>
internal sealed class NodeRunner(RunningLab lab, int number)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Child? _child;
    private ExitStatus? _exit;
    private NodeState _state = NodeState.Idle;
    private bool _endAsked;

    public Node Node => lab.Topology.Nodes[number];

    public NodeLog Log { get; } = new(lab.Topology.Nodes[number].Name, lab.Order.Record, lab.Hub, lab.Clock);

    /// <summary>Completes when the end of the program has been reported, at once if it does not run.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Completes when the node is ready, fails with a sentence for the user when it will not be.</summary>
    public Task Ready => _ready.Task;

    public NodeRoom Room => lab.Executor.Room(number);

    public NodeStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new NodeStatus(
                    Node.Name,
                    [.. Node.Attachments.SelectMany(a => a.Addresses).Select(a => a.ToString())],
                    _state,
                    _exit is null ? _child?.Pid : null,
                    _exit?.ToString(),
                    _exit?.ShellCode);
            }
        }
    }

    /// <summary>How the program ended if nobody had asked it to; null otherwise, and for a job that is done.</summary>
    public ExitStatus? UnaskedEnd
    {
        get
        {
            lock (_lock)
            {
                return _endAsked || (Node.Job && _exit?.ShellCode == 0) ? null : _exit;
            }
        }
    }

    /// <summary>Starts the program, if the node has one.</summary>
    public void Start(CancellationToken ending)
    {
        // Someone may never ask for it; an unobserved failure is no crash.
        _ = _ready.Task.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        if (Node.Run is null)
        {
            _ready.TrySetResult();
            return;
        }

        try
        {
            (Descriptor output, Descriptor input) = Descriptor.Pipe();
            using (input)
            {
                SpawnRequest request = lab.Request(number, Argv(Node.Run), Node.Dir) with { Output = input, Error = input };
                lock (_lock)
                {
                    _child = lab.Thread.Run(() => Room.Start(request, lab.Children));
                    _state = NodeState.Starting;
                }
            }

            lab.Output.Read(output, Log.Write);
        }
        catch (LinuxException e)
        {
            _ready.TrySetException(new CleaveException($"{Node.Name}: {e.Message}", e));
            lock (_lock)
            {
                _state = NodeState.Ended;
                _exit = new ExitStatus(e.Errno == Libc.ENOENT ? 127 : 126, 0);
            }

            lab.Hub.Publish(EventKind.Node, Node.Name, e.Message);
            lab.NodeEnded(this);
            return;
        }

        lab.Hub.Publish(EventKind.Node, Node.Name, $"started: {Node.Run}");
        _ = WatchReadyAsync(ending); // first: without a condition it is ready now, even if it has ended already
        Ended = WatchExitAsync(_child!);
    }

    /// <summary>From now on an end of the program is one that was asked for.</summary>
    public void ExpectEnd()
    {
        lock (_lock)
        {
            _endAsked = true;
        }
    }

    public static ImmutableArray<string> Argv(Command command) => command switch
    {
        Command.Shell shell => ["sh", "-c", shell.Line],
        Command.Argv argv => argv.Arguments,
        _ => throw new InvalidOperationException(),
    };

    private async Task WatchExitAsync(Child child)
    {
        ExitStatus status = await child.Exit;
        await lab.Output.CatchUpAsync(); // what it printed last explains its end
        if (Node.Ready is Ready.Log log && Log.WaitForAsync(Matches(log), 0, new CancellationToken(true)).IsCompletedSuccessfully)
        {
            BecomeReady(); // it had said so; whoever waits for the line has not been told yet
        }

        lock (_lock)
        {
            _exit = status;
            _state = NodeState.Ended;
        }

        lab.Hub.Publish(EventKind.Node, Node.Name, $"ended with {status}");
        _ready.TrySetException(new CleaveException($"{Node.Name} ended with {status} before it was ready{Tail()}"));
        lab.NodeEnded(this);
    }

    private async Task WatchReadyAsync(CancellationToken ending)
    {
        if (Node.Ready is not { } ready)
        {
            BecomeReady();
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending);
        limit.CancelAfter(ready.Within);
        try
        {
            await (ready switch
            {
                Ready.Tcp tcp => TcpProbe.UntilAcceptsAsync(Node.Attachments[0].Address, tcp.Port, limit.Token),
                Ready.Log log => Log.WaitForAsync(Matches(log), 0, limit.Token),
                _ => throw new InvalidOperationException(),
            });
            BecomeReady();
        }
        catch (OperationCanceledException)
        {
            string waited = ready switch
            {
                Ready.Tcp tcp => $"does not accept connections on port {tcp.Port}",
                Ready.Log log => $"has not logged a line that matches /{log.Pattern}/",
                _ => "is not ready",
            };
            _ready.TrySetException(new CleaveException(
                ending.IsCancellationRequested
                    ? $"{Node.Name} was ended before it was ready"
                    : $"{Node.Name} {waited} after {Duration.Format(ready.Within)}{Tail()}"));
        }
    }

    private static Func<string, bool> Matches(Ready.Log log) => new Regex(log.Pattern, RegexOptions.CultureInvariant).IsMatch;

    private void BecomeReady()
    {
        lock (_lock)
        {
            if (_state == NodeState.Starting)
            {
                _state = NodeState.Ready;
            }
        }

        if (_ready.TrySetResult() && Node.Ready is not null)
        {
            lab.Hub.Publish(EventKind.Node, Node.Name, "ready");
        }
    }

    /// <summary>The last lines of its log, indented, for a message.</summary>
    public string Tail()
    {
        IReadOnlyList<string> lines = Log.LastLines();
        return lines.Count == 0 ? "; it has logged nothing" : $"; its last lines:\n{string.Join('\n', lines.Select(l => "    " + l))}";
    }
}
