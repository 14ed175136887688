using System.Globalization;
using System.Text;
using Cleave.Control;

namespace Cleave.Registry;

/// <summary>Reads the log files of a lab, of one that has ended, too.</summary>
public static class LogFiles
{
    /// <summary>The lines of these nodes, by time.</summary>
    public static IEnumerable<LabEvent> Read(LabRecord lab, IEnumerable<string> nodes)
    {
        var queue = new PriorityQueue<IEnumerator<LabEvent>, (DateTimeOffset, int)>();
        foreach ((int index, string node) in nodes.Index())
        {
            Advance(ReadOne(LabRecord.LogFile(lab.State, node), node).GetEnumerator(), index);
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

    private static IEnumerable<LabEvent> ReadOne(string file, string node)
    {
        if (!File.Exists(file))
        {
            yield break;
        }

        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        foreach (string line in Lines(reader))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && DateTimeOffset.TryParse(
                line.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                yield return new LabEvent(time, EventKind.Log, node, line[(space + 1)..]);
            }
        }
    }
    /// <summary>Not as <see cref="TextReader.ReadLine"/>, which takes a carriage return, of a progress bar for instance, for a line's end.</summary>
    private static IEnumerable<string> Lines(StreamReader reader)
    {
        var line = new StringBuilder();
        for (int next; (next = reader.Read()) >= 0;)
        {
            if (next == '\n')
            {
                yield return line.ToString();
                line.Clear();
            }
            else
            {
                line.Append((char)next);
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }
}
