using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Cleave.Control;

/// <summary>A part of the time between the command that starts a lab and the lab's being ready.</summary>
/// <param name="Phase">What was done; the phases follow each other without gaps.</param>
/// <param name="Ms">How long it took, in milliseconds.</param>
public sealed record StartupPhase(string Phase, double Ms);

/// <summary>
/// Where the time of a start goes, across the two processes that take part: the clock of Stopwatch, CLOCK_MONOTONIC, is the same in both.
/// </summary>
internal sealed class StartupClock(ImmutableArray<StartupPhase> phases, long last)
{
    private readonly Lock _lock = new();
    private ImmutableArray<StartupPhase> _phases = phases;
    private long _last = last;

    /// <summary>All phases that have ended, in order.</summary>
    public ImmutableArray<StartupPhase> Phases
    {
        get
        {
            lock (_lock)
            {
                return _phases;
            }
        }
    }

    /// <summary>When the last phase ended, as Stopwatch counts.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>A clock that begins with this process, to the 10 ms of proc_pid_stat(5).</summary>
    public static StartupClock OfThisProcess()
    {
        long now = Stopwatch.GetTimestamp();
        string stat = File.ReadAllText("/proc/self/stat");
        double began = double.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture) / 100; // in USER_HZ
        double up = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        return new StartupClock([], now - (long)(Math.Max(0, up - began) * Stopwatch.Frequency));
    }

    /// <summary>A phase has ended, and the next begins.</summary>
    public void Ended(string phase)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            _phases = _phases.Add(new StartupPhase(phase, Math.Round(Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds, 3)));
            _last = now;
        }
    }
}
