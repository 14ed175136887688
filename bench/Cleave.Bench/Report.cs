using System.Text.Json;

namespace Cleave.Bench;

/// <summary>Tables, targets and remarks, on a terminal at once and in a file at the end.</summary>
internal sealed class Report(TextWriter output, bool isMarkdown)
{
    private readonly List<object> _parts = [];

    /// <summary>What it was measured on, and how busy that was.</summary>
    public void Machine() => Note(
        $"{Environment.ProcessorCount} processors, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}, " +
        $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start");

    /// <summary>A heading.</summary>
    public void Section(string title)
    {
        output.WriteLine($"\n== {title}");
        _parts.Add(new { section = title });
    }

    /// <summary>A remark.</summary>
    public void Note(string text)
    {
        output.WriteLine(text);
        _parts.Add(new { note = text });
    }

    /// <summary>A table; a cell is text, a number or null.</summary>
    /// <param name="columns">Headings, with units.</param>
    /// <param name="rows">As many cells each.</param>
    /// <param name="samples">The single measurements behind it, for the file only.</param>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, IReadOnlyDictionary<string, IReadOnlyList<double>> samples)
    {
        string[][] lines = [[.. columns], .. rows.Select(r => r.Select(Text).ToArray())];
        int[] widths = [.. Enumerable.Range(0, columns.Count).Select(c => lines.Max(l => l[c].Length))];
        output.WriteLine();
        foreach (string[] line in lines)
        {
            if (isMarkdown)
            {
                output.WriteLine($"| {string.Join(" | ", line)} |");
                if (line == lines[0])
                {
                    output.WriteLine($"|{string.Concat(rows[0].Select(c => c is string ? " --- |" : " ---: |"))}");
                }

                continue;
            }

            // Text to the left, numbers to the right.
            IEnumerable<string> cells = line.Select((cell, c) => rows[0][c] is string ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }

        output.WriteLine();

        // Headings like "to labc" say of which column by their place alone.
        string[] names = [.. columns.Select((c, i) => columns.Count(o => o == c) > 1 ? $"{columns[i - 1]} {c}" : c)];
        _parts.Add(new { rows = rows.Select(r => names.Zip(r).ToDictionary(p => p.First, p => p.Second)), samples });
    }

    /// <summary>A figure the project has promised to stay below.</summary>
    public void Target(string what, double value, double limit)
    {
        bool met = value < limit;
        output.WriteLine($"{(met ? "met    " : "MISSED ")} {what}: {Text(value)}, target below {limit}");
        _parts.Add(new { target = what, value, limit, met });
    }

    public void WriteJson(string file) => File.WriteAllText(file, JsonSerializer.Serialize(_parts, JsonOptions));

    private static JsonSerializerOptions JsonOptions { get; } = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static string Text(object? cell) => cell switch
    {
        null => "-",
        double number when double.IsNaN(number) => "-",
        double number => number.ToString(Math.Abs(number) switch { < 1 => "0.000", < 10 => "0.00", < 100 => "0.0", _ => "0" }),
        _ => cell.ToString()!,
    };
}
