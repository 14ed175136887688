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
        if (bytes.IsEmpty && _rest.WrittenCount > 0)
        {
            EndLine();
        }

        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            if (end == 0)
            {
                bytes = bytes[1..];
                EndLine();
                continue;
            }

            if (_rest.WrittenCount == LongestLine)
            {
                EndPiece();
            }

            int take = Math.Min(end < 0 ? bytes.Length : end, LongestLine - _rest.WrittenCount);
            _rest.Write(bytes[..take]);
            bytes = bytes[take..];
        }
    }

    private void EndLine()
    {
        string text = Encoding.UTF8.GetString(_rest.WrittenSpan);
        _rest.ResetWrittenCount();
        line(text.TrimEnd('\r'));
    }

    /// <summary>Hands on all but the beginning of a character that the limit has cut in two.</summary>
    private void EndPiece()
    {
        ReadOnlySpan<byte> bytes = _rest.WrittenSpan;
        bool isWhole = Rune.DecodeLastFromUtf8(bytes, out _, out int length) != OperationStatus.NeedMoreData;
        byte[] begun = isWhole ? [] : bytes[^length..].ToArray();
        string text = Encoding.UTF8.GetString(bytes[..^begun.Length]);
        _rest.ResetWrittenCount();
        _rest.Write(begun);
        line(text);
    }
}
