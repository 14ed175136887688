using System.Globalization;
using System.Text;
using Cleave.Control;
using Cleave.Processes;
using Cleave.Registry;

namespace Cleave.Host;

/// <summary>What a node's program prints: to its log file with times, to the listeners, and to whoever waits for a line.</summary>
internal sealed class NodeLog : IDisposable
{
    private const int Tail = 10;
    private const int Searched = 10_000;
    private const int SearchedCharacters = 1 << 20; // lines may be long

    private readonly string _node;
    private readonly EventHub _hub;
    private readonly TimeProvider _clock;
    private readonly StreamWriter _file;
    private readonly Lock _writing = new();
    private readonly LineSplitter _lines;
    private readonly Lock _lock = new();
    private readonly Queue<(long Number, string Text)> _recent = new();
    private readonly List<Waiter> _waiters = [];
    private readonly List<LogWatch> _watches = [];
    private long _count;
    private long _characters; // of the recent lines
    private bool _diskFailed;
    private bool _closed; // under _writing

    public NodeLog(string node, LabRecord lab, EventHub hub, TimeProvider clock)
    {
        (_node, _hub, _clock) = (node, hub, clock);
        _file = new StreamWriter(
            new FileStream(LabRecord.LogFile(lab.State, node), FileMode.Append, FileAccess.Write, FileShare.ReadWrite),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        _lines = new LineSplitter(Line);
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

    /// <summary>Takes what the program printed; an empty span ends it.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _lines.Write(bytes);
        ToFile(static (file, _) => file.Flush(), "");
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
        ToFile(static (file, _) => file.Dispose(), "");
        lock (_writing)
        {
            _closed = true;
        }
    }

    /// <summary>A full disk must not stop the program, and what still prints while the lab is closed must not stop that.</summary>
    private void ToFile(Action<StreamWriter, string> act, string text)
    {
        try
        {
            lock (_writing)
            {
                if (!_closed)
                {
                    act(_file, text);
                }
            }
        }
        catch (IOException e)
        {
            Failed(e);
        }
    }

    private void Line(string text)
    {
        string time = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z' ", CultureInfo.InvariantCulture);
        ToFile(static (file, line) => file.Write(line), $"{time}{text}\n");
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

    /// <summary>What it prints still reaches the listeners.</summary>
    private void Failed(IOException e)
    {
        if (!_diskFailed)
        {
            _diskFailed = true;
            _hub.Publish(EventKind.Lab, _node, $"its log file cannot be written any more: {e.Message}");
        }
    }

    private sealed record Waiter(Func<string, bool> Test)
    {
        public TaskCompletionSource<string> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
