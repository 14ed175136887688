using System.Runtime.InteropServices;
using Cleave.Control;
using Cleave.Processes;
using Cleave.Registry;
using Cleave.Runs;

namespace Cleave.Host;

/// <summary>What a node's program prints: to its log file with times, to the listeners, and to whoever waits for a line.</summary>
internal sealed class NodeLog : IDisposable
{
    private const int Tail = 10;
    private const int Searched = 10_000;
    private const int SearchedCharacters = 1 << 20; // lines may be long

    private readonly string _node;
    private readonly EventHub _hub;
    private readonly SecretMask _mask;
    private readonly LogAppender _file; // under the next
    private readonly Lock _writing = new();
    private readonly Lock _lock = new();
    private readonly Queue<(long Number, string Text)> _recent = new();
    private readonly List<Waiter> _waiters = [];
    private readonly List<LogWatch> _watches = [];
    private long _count;
    private long _characters; // of the recent lines
    private bool _diskFailed; // this and the next: under _writing
    private bool _closed;

    /// <summary>The log of a node.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="lab">Where its file lies.</param>
    /// <param name="hub">The listeners.</param>
    /// <param name="clock">What the times are from.</param>
    /// <param name="kept">How many bytes of files are kept, the newest.</param>
    /// <param name="mask">What the file must not have; steps look for what the program has printed.</param>
    public NodeLog(string node, LabRecord lab, EventHub hub, TimeProvider clock, long kept = Topology.Limits.DefaultLog, SecretMask? mask = null)
    {
        (_node, _hub, _mask) = (node, hub, mask ?? SecretMask.None);
        _file = new LogAppender(LabRecord.LogFile(lab.State, node), clock, kept);
    }

    /// <summary>How many lines there have been: a place to wait from.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>What takes the output of one program; an empty span ends it. Each program needs its own: lines come in pieces.</summary>
    public PipeReader.Sink Open()
    {
        var lines = new LineSplitter(Line);
        return bytes =>
        {
            lines.Write(bytes);
            lock (_writing)
            {
                if (!_closed)
                {
                    Flush();
                }
            }
        };
    }

    /// <summary>Completes with the first line from a place on that passes the test.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> test, long from, CancellationToken cancel)
    {
        var waiter = new Waiter(test);
        lock (_lock)
        {
            foreach ((long number, string text) in _recent)
            {
                if (number >= from && test(text))
                {
                    return text;
                }
            }

            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(cancel);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Begins to remember whether lines pass a test, those that are still kept included.</summary>
    public LogWatch Watch(Func<string, bool> test)
    {
        var watch = new LogWatch(test);
        lock (_lock)
        {
            foreach ((long number, string text) in _recent)
            {
                watch.See(number, text);
            }

            _watches.Add(watch);
        }

        return watch;
    }

    /// <summary>Ends what <see cref="Watch"/> began.</summary>
    public void Unwatch(LogWatch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
        }
    }

    /// <summary>The last lines, for a message about a failure.</summary>
    public IReadOnlyList<string> LastLines()
    {
        lock (_lock)
        {
            return [.. _recent.TakeLast(Tail).Select(l => l.Text)];
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _closed = true; // what is still printed while the lab is closed must not stop that
            _file.Dispose();
        }
    }

    /// <summary>A full disk must stop neither the program nor the lab: what it prints still reaches the listeners.</summary>
    private void Flush()
    {
        long missing = _file.Missing;
        int errno = _file.Flush();
        if (errno != 0 && !_diskFailed)
        {
            _hub.Publish(
                EventKind.Lab,
                _node,
                $"its log file cannot be written: {Marshal.GetPInvokeErrorMessage(errno)}; it goes on, with the number of lines missing, when it can be");
        }
        else if (errno == 0 && _diskFailed)
        {
            _hub.Publish(EventKind.Lab, _node, $"its log file is written again; {missing} lines are missing in it");
        }

        _diskFailed = errno != 0;
    }

    private void Line(string text)
    {
        lock (_writing)
        {
            if (!_closed)
            {
                _file.Add(_mask.Apply(text));
            }
        }

        _hub.Publish(EventKind.Log, _node, text);
        lock (_lock)
        {
            _recent.Enqueue((_count++, text));
            _characters += text.Length;
            while (_recent.Count > Searched || (_characters > SearchedCharacters && _recent.Count > Tail))
            {
                _characters -= _recent.Dequeue().Text.Length;
            }

            _watches.ForEach(w => w.See(_count - 1, text));
            foreach (Waiter waiter in _waiters.Where(w => w.Test(text)).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.Found.TrySetResult(text);
            }
        }
    }

    private sealed record Waiter(Func<string, bool> Test)
    {
        public TaskCompletionSource<string> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
