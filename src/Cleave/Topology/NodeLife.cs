namespace Cleave.Topology;

/// <summary>What the end of a program means for the lab. Ends that a step or a verb asked for never count.</summary>
public enum Supervision
{
    /// <summary>The first program that ends on its own ends the lab and gives its exit code; a job that ends with 0 does not count.</summary>
    StopOnFailure,

    /// <summary>The first exit code other than 0 ends the lab; it ends with 0 when all programs have ended with 0.</summary>
    WaitAllSuccessful,
}

/// <summary>Something a program waits for before it is started with the lab.</summary>
/// <param name="Node">The other node's name.</param>
/// <param name="Until">How far that must have come.</param>
public sealed record After(string Node, Milestone Until);

/// <summary>A point in the life of a node's program.</summary>
public enum Milestone
{
    /// <summary>It has been executed.</summary>
    Started,

    /// <summary>It has been ready.</summary>
    Ready,

    /// <summary>It has ended by itself; a job with exit code 0.</summary>
    Ended,
}

/// <summary>How a program is stopped.</summary>
/// <param name="Signal">The signal that asks it to end, 1 to 64.</param>
/// <param name="Grace">How long it has until it is sent KILL.</param>
public sealed record StopRule(int Signal, TimeSpan Grace)
{
    /// <summary>TERM, and KILL after 2 s.</summary>
    public static StopRule Default { get; } = new(15, TimeSpan.FromSeconds(2));
}

/// <summary>When a program is started again after it has ended by itself.</summary>
/// <param name="Always">After an exit code of 0, too.</param>
/// <param name="Max">How many times in a row, each after less than <see cref="Settled"/>; null: without end.</param>
/// <param name="Delay">Before the first time; it doubles with each in a row, up to <see cref="LongestDelay"/>.</param>
public sealed record RestartRule(bool Always, int? Max, TimeSpan Delay)
{
    /// <summary>A program that has run for so long counts as healthy: the next restart is the first in a row again.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    /// <summary>No delay grows beyond this, unless the file itself says a longer one.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    /// <summary>The first delay if the file does not say.</summary>
    public static readonly TimeSpan DefaultDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How long to wait before the restart of this number in a row, from 0; null if there will be none.</summary>
    /// <param name="exitCode">What the program ended with, as a shell reports it.</param>
    /// <param name="inRow">How many restarts in a row there have been.</param>
    public TimeSpan? DelayBefore(int exitCode, int inRow)
    {
        if ((exitCode == 0 && !Always) || inRow >= Max)
            return null;
        var grown = Delay.TotalMilliseconds * Math.Pow(2, Math.Min(inRow, 32));
        return TimeSpan.FromMilliseconds(Math.Min(grown, Math.Max(Delay.TotalMilliseconds, LongestDelay.TotalMilliseconds)));
    }
}

/// <summary>When a node counts as ready.</summary>
/// <param name="Within">How long it may take; 30 s by default.</param>
public abstract record Ready(TimeSpan Within)
{
    /// <summary>A TCP connection to the node's first address succeeds.</summary>
    /// <param name="Port">1 to 65535.</param>
    /// <param name="Within">How long it may take.</param>
    public sealed record Tcp(int Port, TimeSpan Within) : Ready(Within);

    /// <summary>An HTTP GET to the node's first address is answered with the status.</summary>
    /// <param name="Port">1 to 65535.</param>
    /// <param name="Path">From / on, with a query if there is one.</param>
    /// <param name="Status">100 to 599; null: any of 200 to 299.</param>
    /// <param name="Within">How long it may take.</param>
    public sealed record Http(int Port, string Path, int? Status, TimeSpan Within) : Ready(Within);

    /// <summary>A line of the node's log matches a regular expression.</summary>
    /// <param name="Pattern">.NET syntax, without culture; checked when the file is read.</param>
    /// <param name="Within">How long it may take.</param>
    public sealed record Log(string Pattern, TimeSpan Within) : Ready(Within);

    /// <summary>A command in the node exits with 0.</summary>
    /// <param name="Command">Tried again every 100 ms.</param>
    /// <param name="Within">How long it may take.</param>
    public sealed record Run(Command Command, TimeSpan Within) : Ready(Within);
}
