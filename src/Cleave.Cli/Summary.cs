using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary>What <c>cleave test</c> prints at its end: a verdict a scenario, and saved values side by side.</summary>
internal static class Summary
{
    public static void Print(IReadOnlyList<ScenarioResult> results, TextWriter output)
    {
        output.WriteLine();
        PrintValues(results, output);
        foreach (ScenarioResult result in results)
        {
            string seconds = result.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
            output.WriteLine($"{result.Verdict.ToString().ToUpperInvariant(),-7} {result.Scenario} ({seconds} s)");
            if (result.Failure is { } failure)
            {
                output.WriteLine(string.Join('\n', failure.Split('\n').Select(l => "        " + l)));
            }

            if (result.Run is { } run)
            {
                output.WriteLine($"        {Path.GetRelativePath(Environment.CurrentDirectory, run)}");
            }
        }
    }

    /// <summary>Names the scenarios that were left out.</summary>
    public static void PrintNotRun(IEnumerable<string> scenarios, TextWriter output)
    {
        foreach (string scenario in scenarios)
        {
            output.WriteLine($"NOT RUN {scenario}");
        }
    }

    /// <summary>Says how to enter labs that are kept, and how to end them.</summary>
    /// <param name="results">Those with a lab.</param>
    /// <param name="first">The node to enter if none is known to be concerned.</param>
    /// <param name="output">Where to.</param>
    public static void PrintKept(IEnumerable<ScenarioResult> results, string first, TextWriter output)
    {
        foreach (ScenarioResult result in results)
        {
            if (result.Lab is not { } lab)
            {
                continue;
            }

            output.WriteLine();
            output.WriteLine($"the lab of {result.Scenario} is kept, healed, its programs running on:");
            output.WriteLine($"    cleave shell --lab {lab} {result.Nodes?[0] ?? first}");
            output.WriteLine($"    cleave logs --lab {lab}");
            output.WriteLine($"    cleave down --lab {lab}");
        }
    }

    private static void PrintValues(IReadOnlyList<ScenarioResult> results, TextWriter output)
    {
        ImmutableArray<ImmutableDictionary<string, string>> columns = [.. results.Select(r => Flatten(r.Saved))];
        string[] names = [.. results.SelectMany(r => OrderedNames(r.Saved)).Distinct(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            return;
        }

        Table.Print(
            ["", .. results.Select(r => r.Scenario)],
            names.Select(n => (string[])[n, .. columns.Select(c => c.GetValueOrDefault(n, "-"))]),
            output);
        output.WriteLine();
    }

    private static IEnumerable<string> OrderedNames(IEnumerable<KeyValuePair<string, string>> saved) =>
        saved.SelectMany(s => Rows(s.Key, s.Value)).Select(r => r.Key);

    private static ImmutableDictionary<string, string> Flatten(IEnumerable<KeyValuePair<string, string>> saved) =>
        saved.SelectMany(s => Rows(s.Key, s.Value)).Aggregate(ImmutableDictionary<string, string>.Empty, (all, row) => all.SetItem(row.Key, row.Value));

    /// <summary>The members of a JSON object in its own order, the last of several with one name; of anything else the first line.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Rows(string name, string value)
    {
        if (value.StartsWith('{') && TryParse(value) is { } document)
        {
            using (document)
            {
                foreach (JsonProperty member in document.RootElement.EnumerateObject())
                {
                    yield return new($"{name}.{member.Name}", Cell(member.Value.ToString()));
                }
            }

            yield break;
        }

        yield return new(name, Cell(value));
    }

    private static string Cell(string value)
    {
        string line = value.Split('\n')[0];
        return line.Length > 60 ? line[..59] + "…" : line;
    }

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
