using System.Globalization;
using System.Text.Json;

namespace Cleave.Bench;

/// <summary>Makes the plots of docs/figures from what <c>--json</c> has written.</summary>
internal static class Plots
{
    /// <summary>Writes a plot for each of the subjects that the file has.</summary>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Write(string json, string folder)
    {
        var written = new List<string>();
        Directory.CreateDirectory(folder);
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        foreach (JsonElement part in report.RootElement.EnumerateArray())
        {
            if (part.TryGetProperty("samples", out JsonElement samples))
            {
                Add("create", "create", "Making a lab's network", "labc");
                Add("freed", "freed", "From the word to exit until all is freed", "labc");
                Add("up", "up", "A whole lab, from the command's start until all is ready", "rooms");
                Add("down", "down", "Its end", "rooms");
            }

            // By a method that only this table has, since two tables know "freed".
            void Add(string file, string what, string title, string telling)
            {
                if (Lines(samples, what) is { Count: > 0 } lines && lines.Any(l => l.Name == telling))
                {
                    string path = Path.Combine(folder, file + ".svg");
                    File.WriteAllText(path, new LogPlot(title, "nodes", "ms, median", lines).ToSvg());
                    written.Add(path);
                }
            }
        }

        return written;
    }

    /// <summary>Samples are called "METHOD NODES WHAT".</summary>
    private static List<(string Name, IReadOnlyList<(double X, double Y)> Points)> Lines(JsonElement samples, string what) =>
    [
        .. samples.EnumerateObject()
            .Select(s => (Words: s.Name.Split(' '), s.Value))
            .Where(s => s.Words.Length == 3 && s.Words[2] == what)
            .GroupBy(s => s.Words[0])
            .Select(g => (g.Key, (IReadOnlyList<(double X, double Y)>)
            [
                .. g.Select(s => (X: double.Parse(s.Words[1], CultureInfo.InvariantCulture), Y: s.Value.EnumerateArray().Select(v => v.GetDouble()).Median())).OrderBy(p => p.X),
            ])),
    ];
}
