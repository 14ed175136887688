using System.Runtime.InteropServices;

namespace Cleave.Cli;

/// <summary>
/// Ctrl-C, TERM and HUP: the first asks the lab, or programs in it, to end, the second kills them. Before there is a lab, the first gives up starting it.
/// </summary>
internal sealed class UserSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _first = new();
    private readonly Lock _lock = new();
    private readonly List<(Action Ask, Action Kill)> _watched = [];
    private int _count;

    public UserSignals() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(s => PosixSignalRegistration.Create(s, context =>
        {
            context.Cancel = true;
            Interlocked.Increment(ref _count);
            _first.Cancel();
            Act();
        })),
    ];

    /// <summary>True once one has come.</summary>
    public bool Received => Volatile.Read(ref _count) > 0;

    /// <summary>Cancelled by the first.</summary>
    public CancellationToken First => _first.Token;

    /// <summary>Names a lab that they end from now on, until what is returned is disposed of; those that came before count.</summary>
    public IDisposable Watch(Lab lab)
    {
        (Action Ask, Action Kill) watched = (() => _ = EndAsync(lab), lab.Kill);
        lock (_lock)
        {
            _watched.Add(watched);
        }

        Act([watched]);
        return new Ending(() =>
        {
            lock (_lock)
            {
                _watched.Remove(watched);
            }
        });
    }

    /// <summary>Says what they do from now on, and nothing else; those that came before count.</summary>
    /// <param name="ask">The first.</param>
    /// <param name="kill">Every other.</param>
    public void Watch(Action ask, Action kill)
    {
        lock (_lock)
        {
            _watched.Clear();
            _watched.Add((ask, kill));
        }

        Act();
    }

    // Not the source of the token: a handler may be running.
    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    private void Act()
    {
        (Action Ask, Action Kill)[] watched;
        lock (_lock)
        {
            watched = [.. _watched];
        }

        Act(watched);
    }

    private void Act((Action Ask, Action Kill)[] watched)
    {
        int count = Volatile.Read(ref _count);
        foreach ((Action ask, Action kill) in count == 0 ? [] : watched)
        {
            (count == 1 ? ask : kill)();
        }
    }

    private static async Task EndAsync(Lab lab)
    {
        try
        {
            await lab.Client.DownAsync(CancellationToken.None);
        }
        catch (CleaveException)
        {
            lab.Kill(); // it does not even answer
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // It has ended meanwhile.
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
