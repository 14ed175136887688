using System.Collections.Immutable;
using System.Text;

namespace Cleave.Topology;

/// <summary>Reads <c>env-file:</c>, and the files that it names. A mistake in one of them has its own file, line and column.</summary>
internal static class EnvFileReader
{
    private const string Expected = "a path, relative to the lab file's folder, or a list of paths";

    public static Shape Shape { get; } = FileShape();

    /// <summary>The variables of all files, later ones after earlier ones.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Read(Reading reading, YamlNode value)
    {
        IReadOnlyList<YamlNode> items = value is ListNode ? reading.Items(value, Expected) : [value];
        return [.. items.SelectMany(i => ReadFile(reading, i))];
    }

    /// <summary>What an environment is in the end: of each name the last value, in the place of the first.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Merge(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var merged = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in variables)
            merged[name] = text;
        return [.. merged];
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadFile(Reading reading, YamlNode value)
    {
        if (reading.RelativePath(value, Expected) is not { } path)
            return [];
        var (bytes, problem) = reading.Around.Read(path.Absolute);
        if (bytes is null)
        {
            reading.Mistakes.Add(value.At, $"{Quote.Text(path.Given)}: {problem}: expected a file with lines NAME=VALUE", reading.NearestPath(path));
            return [];
        }

        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            var before = bytes.AsSpan(0, e.Index);
            var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            reading.Mistakes.AddIn(path.Shown, new(before.Count((byte)'\n') + 1, column), $"byte 0x{bytes[e.Index]:X2} is not UTF-8: expected a text file in UTF-8");
            return [];
        }

        return new EnvFileText(text, reading.Environment, (at, message, suggestion) => reading.Mistakes.AddIn(path.Shown, at, message, suggestion)).Read();
    }

    private static Shape FileShape()
    {
        var file = new Shape.Text("a path, absolute or from the lab file's folder", "web.env");
        return Shape.Any(file, new Shape.ListOf(file));
    }
}
