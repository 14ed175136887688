using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cleave.Control;

namespace Cleave.Runs;

/// <summary>The events of a run as its file has them.</summary>
/// <param name="Events">In order.</param>
/// <param name="Damaged">How many lines could not be read: a full disk leaves such, or a newer Cleave has written them.</param>
/// <param name="IsTorn">Whether the last line was cut off in its middle.</param>
public sealed record EventStream(ImmutableArray<LabEvent> Events, int Damaged, bool IsTorn);

/// <summary>Reads the events of a run, of one that was cut off at any byte, too.</summary>
public static class EventReader
{
    /// <summary>Reads the file; a missing one is empty.</summary>
    public static EventStream Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream((int)Math.Min(file.Length, int.MaxValue / 2));
            file.CopyTo(bytes);
            return Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new([], 0, false);
        }
    }

    /// <summary>The first event, which says what is run; null if it cannot be read.</summary>
    internal static LabEvent? ReadFirst(string path)
    {
        try
        {
            using var file = new StreamReader(path);
            return file.ReadLine() is { } line ? TryParse(Encoding.UTF8.GetBytes(line)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the text.</summary>
    public static EventStream Parse(ReadOnlySpan<byte> text)
    {
        var events = ImmutableArray.CreateBuilder<LabEvent>();
        int damaged = 0;
        while (text.IndexOf((byte)'\n') is var end and >= 0)
        {
            if (TryParse(text[..end]) is { } happened)
            {
                events.Add(happened);
            }
            else
            {
                damaged++;
            }

            text = text[(end + 1)..];
        }

        return new(events.ToImmutable(), damaged, !text.IsEmpty);
    }

    private static LabEvent? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ControlJson.Default.LabEvent);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }
    }
}
