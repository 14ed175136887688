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

    private readonly string _node;
    private readonly EventHub _hub;
    private readonly TimeProvider _clock;
    private readonly StreamWriter _file;
    private readonly LineSplitter _lines;
    private readonly Lock _lock = new();
    private readonly List<(long Number, string Text)> _recent = [];
    private readonly List<Waiter> _waiters = [];
    private long _count;
    private bool _diskFailed;

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
        try
        {
            _file.Flush();
        }
        catch (IOException e)
        {
            Failed(e);
        }
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
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // The disk was full before, and that has been said.
        }
    }

    private void Line(string text)
    {
        try
        {
            _file.Write(_clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z' ", CultureInfo.InvariantCulture));
            _file.Write(text);
            _file.Write('\n');
        }
        catch (IOException e)
        {
            Failed(e);
        }

        _hub.Publish(EventKind.Log, _node, text);
        lock (_lock)
        {
            _recent.Add((_count++, text));
            if (_recent.Count > 2 * Searched)
            {
                _recent.RemoveRange(0, Searched);
            }

            foreach (Waiter waiter in _waiters.Where(w => w.Test(text)).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.Found.TrySetResult(text);
            }
        }
    }

    /// <summary>A full disk must not stop the program: what it prints still reaches the listeners.</summary>
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
