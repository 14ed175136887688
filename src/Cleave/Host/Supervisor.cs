using Cleave.Processes;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>What the end of a program means for its lab. Pure.</summary>
internal static class Supervisor
{
    // What a newcomer's first server does: it forks, and its first process is done.
    private const string NotDone =
        "if it went into the background, let it stay in the foreground; if it is meant to end, say 'job: true'";

    /// <summary>How the lab ends with this end of a program, or null if it goes on.</summary>
    /// <param name="mode">What the file says.</param>
    /// <param name="node">Whose program has ended by itself, for good.</param>
    /// <param name="status">How.</param>
    /// <param name="programs">
    /// The end of every program that has been started or waits to be, this one's too; null for one that runs, waits, or was stopped by somebody.
    /// </param>
    public static (int Code, string Reason)? Decide(Supervision mode, Node node, ExitStatus status, IEnumerable<ExitStatus?> programs)
    {
        string reason = $"{node.Name} ended with {status}";
        return (mode, status.ShellCode) switch
        {
            (Supervision.StopOnFailure, 0) when node.Job => null,
            (Supervision.StopOnFailure, 0) => (0, $"{reason}; {NotDone}"),
            (Supervision.StopOnFailure, _) => (status.ShellCode, reason),
            (Supervision.WaitAllSuccessful, 0) => programs.All(p => p?.ShellCode == 0) ? (0, "all programs have ended with exit code 0") : null,
            (Supervision.WaitAllSuccessful, _) => (status.ShellCode, reason),
            _ => throw new InvalidOperationException($"nobody knows {mode}"),
        };
    }
}
