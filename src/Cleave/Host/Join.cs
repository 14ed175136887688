using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>
/// Programs that somebody has started in a lab that runs, and that end with that somebody. As long as they are joined, their ends mean nothing for
/// the lab.
/// </summary>
internal sealed class Join
{
    private readonly RunningLab _lab;
    private readonly JoinOrder _order;
    private readonly TaskCompletionSource<(int Code, string Reason)> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;
    private volatile bool _isKept;

    private Join(RunningLab lab, JoinOrder order) => (_lab, _order) = (lab, order);

    /// <summary>Whose programs are joined, in the file's order.</summary>
    public ImmutableArray<NodeRunner> Nodes { get; private set; } = [];

    /// <summary>Whose programs were chosen, though not by name, and run already.</summary>
    public ImmutableArray<string> LeftAlone { get; private set; } = [];

    /// <summary>Completes when one of the programs ends the join: with the exit code for who has joined, and why.</summary>
    public Task<(int Code, string Reason)> End => _end.Task;

    /// <summary>Completes when all are ready for the first time; never if one will not be.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when they are joined no longer.</summary>
    public Task Over => _over.Task;

    /// <summary>Whether its programs are being ended.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Whether its programs have become the lab's own.</summary>
    public bool IsKept => _isKept;

    /// <summary>The process that has joined, for messages.</summary>
    public int Process => _order.Process;

    private string Names => string.Join(", ", Nodes.Select(n => n.Node.Name));

    /// <summary>Takes the nodes that are chosen and whose programs do not run.</summary>
    /// <exception cref="InputException">A word names no node; or a node is named whose program runs; or no node is left.</exception>
    public static async Task<Join> ClaimAsync(RunningLab lab, JoinOrder order)
    {
        ImmutableArray<NodeRunner> chosen = [.. NodeTargets.Chosen(lab.Topology, order.Only, order.Exclude).Select(n => lab.Nodes[n])];
        if (chosen.FirstOrDefault(n => n.Node.Run is null && order.Only.Contains(n.Node.Name)) is { } idle)
        {
            idle.RequireProgram();
        }

        chosen = [.. chosen.Where(n => n.Node.Run is not null)];
        await lab.SetUp; // before, a program that is to be started with the lab does not run yet
        foreach (NodeRunner node in chosen)
        {
            while (node.Join is { IsEnding: true } other)
            {
                await other.Over; // its user has left, perhaps to start it anew
            }
        }

        var join = new Join(lab, order);
        join.Claim(chosen);
        lab.Hub.Publish(EventKind.Lab, null, $"process {order.Process} joins with {join.Names}");
        return join;
    }

    /// <summary>Starts the programs, in the file's order where one comes after another.</summary>
    public async Task StartAsync()
    {
        foreach (NodeRunner node in Nodes)
        {
            node.ForgetMilestones();
        }

        await Task.WhenAll(Nodes.Select(n => n.StartJoinedAsync(this)));
        _ = WatchReadyAsync();
    }

    /// <summary>One of the programs has ended by itself and for good.</summary>
    public void NodeEnded(NodeRunner node, ExitStatus status)
    {
        if (!_order.Supervise || _isEnding)
        {
            return;
        }

        ExitStatus?[] ends = [.. Nodes.Select(n => n.Launch is { } launch && launch.Join == this ? launch.OwnEnd : null)];
        if (Supervisor.Decide(_lab.Topology.Supervise, node.Node, status, ends) is { } decided)
        {
            _end.TrySetResult(decided);
        }
        else if (Array.TrueForAll(ends, e => e?.ShellCode == 0))
        {
            _end.TrySetResult((0, "all programs have ended with exit code 0")); // jobs: a lab would go on, but here nothing is left
        }
    }

    /// <summary>Ends the programs, each as its node says; returns when they have ended and all they printed has been handed on.</summary>
    public async Task StopAsync()
    {
        _isEnding = true;
        await Task.WhenAll(Nodes.Select(n => n.StopAsync()));
        await Task.WhenAll(Nodes.Select(n => n.Ended));
        await _lab.Output.CatchUpAsync();
        Release();
        _lab.Hub.Publish(EventKind.Lab, null, $"process {Process} has left; it had joined with {Names}");
    }

    /// <summary>KILL to all that is left of the programs while <see cref="StopAsync"/> waits for them.</summary>
    public async Task HurryAsync()
    {
        _isEnding = true;
        while (!_over.Task.IsCompleted)
        {
            foreach (NodeRunner node in Nodes)
            {
                node.KillProgram();
            }

            await Task.WhenAny(_over.Task, Task.Delay(20));
        }
    }

    /// <summary>The programs run on as the lab's own.</summary>
    public void Keep()
    {
        _isKept = true;
        Release();
        _lab.Hub.Publish(EventKind.Lab, null, $"{Names} {(Nodes.Length == 1 ? "runs" : "run")} on as part of the lab");
    }

    private void Release()
    {
        foreach (NodeRunner node in Nodes)
        {
            node.Release(this);
        }

        _over.TrySetResult();
    }

    private void Claim(ImmutableArray<NodeRunner> chosen)
    {
        var claimed = ImmutableArray.CreateBuilder<NodeRunner>();
        var left = ImmutableArray.CreateBuilder<string>();
        var refusals = new List<string>();
        foreach (NodeRunner node in chosen)
        {
            string name = node.Node.Name;
            if (node.TryClaim(this) is not { } why)
            {
                claimed.Add(node);
            }
            else if (_order.Only.Contains(name))
            {
                refusals.Add(why);
            }
            else
            {
                left.Add(name);
            }
        }

        (Nodes, LeftAlone) = (claimed.ToImmutable(), left.ToImmutable());
        if (refusals.Count > 0 || Nodes.IsEmpty)
        {
            Release();
            throw new InputException(refusals.Count > 0 ? string.Join('\n', refusals)
                : left.Count > 0 ? $"nothing to start: {string.Join(", ", left)} {(left.Count == 1 ? "runs" : "run")} already; cleave restart NODE starts one anew"
                : "nothing to start: no program is chosen");
        }
    }

    private async Task WatchReadyAsync()
    {
        await Task.WhenAll(Nodes.Select(WatchReadyAsync));
        if (!_end.Task.IsCompleted)
        {
            _ready.TrySetResult();
        }

        async Task WatchReadyAsync(NodeRunner node)
        {
            Launch launch = node.Launch!;
            try
            {
                await launch.Ready;
            }
            catch (CleaveException e)
            {
                // One that has ended by itself has been judged by then; here belongs what runs and is late, and what is never started.
                if (launch.Now.Child is null)
                {
                    await launch.Done;
                }

                if (_order.Supervise && !_isEnding && launch.Now.State != NodeState.Stopped)
                {
                    _end.TrySetResult((1, e.Message));
                }
            }
        }
    }
}
