using System.Globalization;
using System.Text;

namespace Cleave.Topology;

/// <summary>A file's text: valid UTF-8, only characters that YAML allows, and not too long.</summary>
internal sealed class SourceText
{
    /// <summary>The longest lab file, in bytes.</summary>
    public const int Limit = 1 << 20;

    private readonly string[] _lines;

    private SourceText(string text)
    {
        Text = text;
        _lines = text.ReplaceLineEndings("\n").Split('\n');
    }

    /// <summary>Without a byte order mark.</summary>
    public string Text { get; }

    public int LineCount => _lines.Length;

    /// <summary>Decodes the bytes; null and one mistake if they are no text.</summary>
    public static SourceText? Decode(ReadOnlySpan<byte> bytes, Mistakes mistakes)
    {
        if (bytes.Length > Limit)
        {
            mistakes.Add(new(1, 1), "the file is larger than 1 MiB: expected a lab file");
            return null;
        }

        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            mistakes.Add(new(1, 1), "the file is UTF-16: expected UTF-8; save it as UTF-8");
            return null;
        }

        if (bytes is [0xEF, 0xBB, 0xBF, ..])
            bytes = bytes[3..];

        var at = new Location(1, 1);
        for (var rest = bytes; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                mistakes.Add(at, $"byte 0x{rest[0]:X2} is not UTF-8: expected a text file in UTF-8");
                return null;
            }

            if (!IsAllowed(rune.Value))
            {
                mistakes.Add(at, string.Create(CultureInfo.InvariantCulture,
                    $"character U+{rune.Value:X4} may not stand in YAML: "
                    + $"expected text; inside double quotes an escape such as \"\\u{rune.Value:X4}\" may"));
                return null;
            }

            rest = rest[length..];
            var newLine = rune.Value == '\n' || (rune.Value == '\r' && (rest.IsEmpty || rest[0] != '\n'));
            at = newLine ? new(at.Line + 1, 1) : at with { Column = at.Column + rune.Utf16SequenceLength };
        }

        return new SourceText(Encoding.UTF8.GetString(bytes));
    }

    /// <summary>The place itself, or the nearest one inside the file.</summary>
    public Location Clamp(Location at)
    {
        if (at.Line < 1)
            return new(1, 1);
        if (at.Line > _lines.Length)
            at = new(_lines.Length, int.MaxValue);
        return at with { Column = Math.Clamp(at.Column, 1, _lines[at.Line - 1].Length + 1) };
    }

    public string Line(int number) => _lines[number - 1];

    // YAML's printable characters, without the line ends of old (NEL, LS, PS) that editors do not count as lines.
    private static bool IsAllowed(int c) => c switch
    {
        '\t' or '\n' or '\r' => true,
        < 0x20 or (>= 0x7F and <= 0x9F) => false,
        0x2028 or 0x2029 or 0xFEFF or 0xFFFE or 0xFFFF => false,
        _ => true,
    };
}
