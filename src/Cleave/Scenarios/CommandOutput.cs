using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Cleave.Processes;

namespace Cleave.Scenarios;

/// <summary>
/// What a command prints on one stream: its beginning, to be saved or matched; its end, to be shown; and how much it was. However much it is, the
/// command is not held up, and memory is bounded.
/// </summary>
/// <param name="limit">How many bytes of the beginning are kept.</param>
/// <param name="line">Told of every line as it comes, or null.</param>
internal sealed class CommandOutput(int limit, Action<string>? line)
{
    /// <summary>Most bytes that can be saved under one name: an environment variable takes 128 KiB (MAX_ARG_STRLEN, linux/binfmts.h).</summary>
    public const int MostSaved = 64 * 1024;

    /// <summary>Most characters that a scenario can save in all: a program's variables and arguments share 2 MiB, see execve(2).</summary>
    public const int MostSavedInAll = 512 * 1024;

    /// <summary>Most bytes that patterns and JSON are looked for in.</summary>
    public const int MostMatched = 1024 * 1024;

    private const int TailSize = 16 * 1024;
    private const int TailLines = 10;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LineSplitter? _lines = line is null ? null : new(line);
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _head = new();
    private readonly byte[] _tail = new byte[TailSize];
    private int _tailLength;

    /// <summary>Completes when nobody can print any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Bytes printed so far.</summary>
    public long Length { get; private set; }

    /// <summary>Takes what was printed; an empty span ends it.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _lines?.Write(bytes);
        if (bytes.IsEmpty)
        {
            _ended.TrySetResult();
            return;
        }

        lock (_lock)
        {
            Length += bytes.Length;
            _head.Write(bytes[..Math.Min(bytes.Length, limit - _head.WrittenCount)]);
            ReadOnlySpan<byte> last = bytes.Length > TailSize ? bytes[^TailSize..] : bytes;
            int kept = Math.Min(_tailLength, TailSize - last.Length);
            _tail.AsSpan(_tailLength - kept, kept).CopyTo(_tail);
            last.CopyTo(_tail.AsSpan(kept));
            _tailLength = kept + last.Length;
        }
    }

    /// <summary>The last lines that are not empty.</summary>
    public IReadOnlyList<string> LastLines()
    {
        lock (_lock)
        {
            string text = Encoding.UTF8.GetString(_tail.AsSpan(0, _tailLength)).Replace('\0', '\uFFFD');
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(TailLines).Select(l => Topology.Quote.OneLine(l.TrimEnd('\r')))];
        }
    }

    /// <summary>All of it as text.</summary>
    /// <returns>What stands in the way, in words that follow "it"; null if nothing does.</returns>
    public string? TryText(out string text)
    {
        lock (_lock)
        {
            text = "";
            if (Length > limit)
            {
                return $"printed {Length} bytes: more than {limit}, which is the limit";
            }

            ReadOnlySpan<byte> bytes = _head.WrittenSpan;
            if (bytes.IndexOf((byte)0) is var zero and >= 0)
            {
                return $"printed a NUL character (byte {zero + 1}), which no variable and no argument can hold";
            }

            char[] characters = new char[bytes.Length];
            if (Utf8.ToUtf16(bytes, characters, out int read, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
            {
                return $"printed what is not UTF-8 (byte {read + 1} is 0x{bytes[read]:x2})";
            }

            text = new string(characters, 0, written);
            return null;
        }
    }
}
