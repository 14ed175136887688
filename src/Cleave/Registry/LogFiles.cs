using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Cleave.Control;

namespace Cleave.Registry;

/// <summary>Reads the log files of a lab, of one that has ended, too.</summary>
public static class LogFiles
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The lines of these nodes, by time.</summary>
    public static IEnumerable<LabEvent> Read(LabRecord lab, IEnumerable<string> nodes, LogSelection selection) =>
        selection.Of(Read(lab, nodes));

    /// <inheritdoc cref="Read(LabRecord, IEnumerable{string}, LogSelection)"/>
    public static IEnumerable<LabEvent> Read(LabRecord lab, IEnumerable<string> nodes)
    {
        LogFile[] files = [.. nodes.Select(n => new LogFile(lab, n))];
        try
        {
            foreach (LabEvent line in Merge(files))
            {
                yield return line;
            }
        }
        finally
        {
            Array.ForEach(files, f => f.Dispose());
        }
    }

    /// <summary>The lines of these nodes as they are written, each once; what is there at a time is ordered by time.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="nodes">Names.</param>
    /// <param name="selection">Which of them.</param>
    /// <param name="complete">Completes when nothing will be written any more.</param>
    /// <param name="cancel">Ends the lines.</param>
    public static async IAsyncEnumerable<LabEvent> FollowAsync(
        LabRecord lab, IEnumerable<string> nodes, LogSelection selection, Task complete, [EnumeratorCancellation] CancellationToken cancel)
    {
        LogFile[] files = [.. nodes.Select(n => new LogFile(lab, n))];
        try
        {
            for (bool first = true, last = false; !last; first = false)
            {
                last = complete.IsCompleted;
                foreach (LabEvent line in first ? selection.Of(Merge(files)) : Merge(files).Where(selection.Has))
                {
                    yield return line;
                }

                cancel.ThrowIfCancellationRequested();
                await Task.WhenAny(complete, Task.Delay(Pause, cancel));
            }

            await complete;
        }
        finally
        {
            Array.ForEach(files, f => f.Dispose());
        }
    }

    private static IEnumerable<LabEvent> Merge(IEnumerable<LogFile> files)
    {
        var queue = new PriorityQueue<IEnumerator<LabEvent>, (DateTimeOffset, int)>();
        foreach ((int index, LogFile file) in files.Index())
        {
            Advance(file.ReadOn().GetEnumerator(), index);
        }

        while (queue.TryDequeue(out IEnumerator<LabEvent>? lines, out (DateTimeOffset, int Index) key))
        {
            yield return lines.Current;
            Advance(lines, key.Index);
        }

        void Advance(IEnumerator<LabEvent> lines, int index)
        {
            if (lines.MoveNext())
            {
                queue.Enqueue(lines, (lines.Current.Time, index));
            }
            else
            {
                lines.Dispose();
            }
        }
    }

    /// <summary>A log file, and how far it has been read.</summary>
    private sealed class LogFile(LabRecord lab, string node) : IDisposable
    {
        private readonly string _path = LabRecord.LogFile(lab.State, node);
        private readonly StringBuilder _line = new();
        private StreamReader? _reader;

        /// <summary>What has been written since the last time; a line that is being written counts when it is whole.</summary>
        public IEnumerable<LabEvent> ReadOn()
        {
            if (_reader is null && !File.Exists(_path))
            {
                yield break;
            }

            _reader ??= new StreamReader(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

            // Not ReadLine, which takes a carriage return, of a progress bar for instance, for a line's end.
            for (int next; (next = _reader.Read()) >= 0;)
            {
                if (next != '\n')
                {
                    _line.Append((char)next);
                    continue;
                }

                if (Parse(_line.ToString()) is { } line)
                {
                    yield return line;
                }

                _line.Clear();
            }
        }

        public void Dispose() => _reader?.Dispose();

        /// <summary>Null for a line that a full disk has damaged.</summary>
        private LabEvent? Parse(string line)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            return space > 0 && DateTimeOffset.TryParse(
                line.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                ? new LabEvent(time, EventKind.Log, node, line[(space + 1)..])
                : null;
        }
    }
}
