using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Cleave.Control;
using Cleave.Linux;

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

    /// <summary>
    /// The log of a node, and how far it has been read: the older file, then the newer one, which becomes the older one when enough is in it.
    /// </summary>
    private sealed class LogFile(LabRecord lab, string node) : IDisposable
    {
        private readonly string _path = LabRecord.LogFile(lab.State, node);
        private readonly StringBuilder _line = new();
        private FileStream? _file;
        private StreamReader? _reader;
        private bool _atBegin; // of a file
        private long? _seen; // lines, from the node's first; null until something is read
        private long _lost;

        /// <summary>What has been written since the last time; a line that is being written counts when it is whole.</summary>
        public IEnumerable<LabEvent> ReadOn()
        {
            while (true)
            {
                foreach (LabEvent line in ReadRest())
                {
                    yield return line;
                }

                if (Next() is not { } next)
                {
                    yield break;
                }

                // It is full now, but may not have been when it was read.
                foreach (LabEvent line in ReadRest())
                {
                    yield return line;
                }

                Open(next);
            }
        }

        public void Dispose() => _reader?.Dispose();

        private IEnumerable<LabEvent> ReadRest()
        {
            // Not ReadLine, which takes a carriage return, of a progress bar for instance, for a line's end.
            for (int next; _reader is not null && (next = _reader.Read()) >= 0;)
            {
                if (next != '\n')
                {
                    _line.Append((char)next);
                    continue;
                }

                string line = _line.ToString();
                _line.Clear();
                if (Count(line) && Parse(line) is { } happened)
                {
                    if (_lost > 0)
                    {
                        yield return happened with { Text = $"[cleave: {_lost} {(_lost == 1 ? "line is" : "lines are")} missing here; they were printed faster than they could be read]" };
                        _lost = 0;
                    }

                    yield return happened;
                }
            }
        }

        /// <summary>The file after the one that is being read; null if that is the newest.</summary>
        private FileStream? Next()
        {
            if (_file is not null && FileOwner.Of(_path)?.Inode == FileOwner.Of(_file.SafeFileHandle).Inode)
            {
                return null;
            }

            // In this order: the newer one may become the older one meanwhile, and then it is opened twice, but none is left out.
            FileStream? newer = TryOpen(_path);
            FileStream? older = TryOpen(LabRecord.Older(_path));
            FileStream? next = IsOpen(newer) ? null : IsOpen(older) ? newer : older ?? newer;
            foreach (FileStream? other in (FileStream?[])[newer, older])
            {
                if (other != next)
                {
                    other?.Dispose();
                }
            }

            return next;
        }

        private bool IsOpen(FileStream? file) =>
            file is not null && _file is not null && FileOwner.Of(file.SafeFileHandle).Inode == FileOwner.Of(_file.SafeFileHandle).Inode;

        private void Open(FileStream next)
        {
            _reader?.Dispose();
            _line.Clear();
            (_file, _reader, _atBegin) = (next, new StreamReader(next), true);
        }

        private static FileStream? TryOpen(string path)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null; // nothing is printed yet, or it is just being put aside
            }
        }

        /// <summary>False for a file's first line if it is none of the log's.</summary>
        private bool Count(string line)
        {
            long? before = _atBegin ? LogHead.Parse(line) : null;
            _atBegin = false;
            if (before is null)
            {
                _seen = (_seen ?? 0) + 1;
                return true;
            }

            _lost = Math.Max(0, before.Value - (_seen ?? before.Value));
            _seen = before;
            return false;
        }

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
