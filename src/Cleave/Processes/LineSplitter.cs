using System.Buffers;
using System.Text;

namespace Cleave.Processes;

/// <summary>Cuts a stream of bytes into lines of text. A line longer than the limit is handed on in pieces, so that memory is bounded.</summary>
internal sealed class LineSplitter(Action<string> line)
{
    /// <summary>Bytes.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>Takes the next bytes; an empty span ends the stream and hands on what is left.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            Flush(always: false);
            return;
        }

        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            int room = LongestLine - _rest.WrittenCount;
            int take = Math.Min(end < 0 ? bytes.Length : end, room);
            _rest.Write(bytes[..take]);
            bytes = bytes[take..];
            if (end >= 0 && take == end)
            {
                bytes = bytes[1..];
                Flush(always: true);
            }
            else if (_rest.WrittenCount == LongestLine)
            {
                Flush(always: true);
            }
        }
    }

    private void Flush(bool always)
    {
        if (always || _rest.WrittenCount > 0)
        {
            var text = Encoding.UTF8.GetString(_rest.WrittenSpan);
            _rest.ResetWrittenCount();
            line(text.TrimEnd('\r'));
        }
    }
}
