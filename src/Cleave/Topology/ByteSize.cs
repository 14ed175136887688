using System.Globalization;

namespace Cleave.Topology;

/// <summary>Sizes as the file has them: a whole number and K, M or G, powers of 1024 bytes, as docker and systemd take them.</summary>
internal static class ByteSize
{
    public const string Expected = "a size such as 64M: a whole number and K, M or G, which are powers of 1024 bytes";

    public static Shape Shape { get; } = new Shape.Text("a size in K, M or G (powers of 1024 bytes)", "64M", "^[1-9][0-9]*[kKmMgG]$");

    /// <summary>Reads one of at least so many bytes; null if it is none, which is reported.</summary>
    public static long? Read(Reading reading, YamlNode value, long least)
    {
        if (reading.Text(value, Expected) is not { } text)
            return null;
        if (Parse(text) is { } size)
        {
            if (size >= least && size < Limit)
                return size;
            reading.Mistakes.Add(value.At, size < least
                ? $"{Quote.Text(text)} is too small: expected {Format(least)} or more"
                : $"{Quote.Text(text)} is too large: expected less than {Format(Limit)}");
            return null;
        }

        reading.Mistakes.Add(value.At, $"{Quote.Text(text)} is no size: expected {Expected}", Mend(text));
        return null;
    }

    /// <summary>As the file would have it; bytes that make no whole K are rounded down.</summary>
    public static string Format(long bytes) =>
        bytes % (1L << 30) == 0 ? $"{bytes >> 30}G" : bytes % (1L << 20) == 0 ? $"{bytes >> 20}M" : $"{bytes >> 10}K";

    private const long Limit = 1L << 50;

    /// <summary>Bytes; null if it is no size.</summary>
    internal static long? Parse(string text)
    {
        var shift = text[^1] switch { 'k' or 'K' => 10, 'm' or 'M' => 20, 'g' or 'G' => 30, _ => 0 };
        if (shift == 0 || text.Length == 1 || !text[..^1].All(char.IsAsciiDigit))
            return null;
        return long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Limit >> shift
            ? number << shift
            : Limit;
    }

    /// <summary>64MB, 64MiB and 64 M are 64M.</summary>
    private static string? Mend(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var unit = text[digits..].Trim().ToUpperInvariant();
        return digits > 0 && unit is ['K' or 'M' or 'G'] or ['K' or 'M' or 'G', 'B'] or ['K' or 'M' or 'G', 'I', 'B'] ? $"{text[..digits]}{unit[0]}" : null;
    }
}
