using Cleave.Linux;

namespace Cleave.Host;

/// <content>What somebody who has joined the lab does with a node.</content>
internal sealed partial class NodeRunner
{
    private Join? _join;

    /// <summary>Who has joined with its program, or null. What is started meanwhile, by verbs too, is joined.</summary>
    public Join? Join => Volatile.Read(ref _join);

    /// <summary>Takes the node for a join, if its program does not run; otherwise says for the user why not.</summary>
    public string? TryClaim(Join join)
    {
        string name = Node.Name;
        if (Interlocked.CompareExchange(ref _join, join, null) is { } other)
        {
            return $"{name} runs already: process {other.Process} has joined with it, where Ctrl-C ends it; cleave restart {name} starts it anew";
        }

        if (Launch is not { Done.IsCompleted: false })
        {
            return null;
        }

        Release(join);
        return $"{name} runs already, as part of the lab: cleave restart {name} starts it anew; after cleave stop {name} it can be joined";
    }

    /// <summary>The node is joined no longer.</summary>
    public void Release(Join join) => Interlocked.CompareExchange(ref _join, null, join);

    /// <summary>What comes after it in a join waits for what it reaches in that.</summary>
    public void ForgetMilestones()
    {
        for (int i = 0; i < _reached.Length; i++)
        {
            if (_reached[i].Task.IsCompleted)
            {
                _reached[i] = NotReached(); // nobody waits for one that has been reached
            }
        }
    }

    /// <summary>Starts the program for who has joined.</summary>
    public Task StartJoinedAsync(Join join) => InTurnAsync(() =>
    {
        if (IsPaused)
        {
            throw new CleaveException($"{Node.Name} is paused; resume it first");
        }

        if (Launch is not { Done.IsCompleted: false } launch)
        {
            Begin(inOrder: true);
        }
        else if (launch.Join != join)
        {
            throw new InputException($"{Node.Name} has just been started by somebody else");
        }

        return Task.FromResult(true);
    });

    /// <summary>KILL to all processes of the program, whatever order is being carried out.</summary>
    public void KillProgram()
    {
        foreach (LabProcess process in ProgramProcesses())
        {
            _ = Libc.kill(process.Pid, Libc.SIGKILL);
        }
    }

    private static TaskCompletionSource NotReached() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
