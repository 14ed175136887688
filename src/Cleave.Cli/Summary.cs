using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cleave.Control;
using Cleave.Runs;

namespace Cleave.Cli;

/// <summary>What <c>cleave test</c> prints at its end: a verdict a scenario, and saved values side by side.</summary>
internal static class Summary
{
    // More stand in the runs' results, and with --json.
    private const int MostColumns = 12;
    private const int MostTold = 3;

    /// <summary>Prints the results.</summary>
    /// <param name="results">In the order in which they were to run.</param>
    /// <param name="output">Where to.</param>
    /// <param name="repeats">Whether scenarios ran more than once: those that passed are left to the table, and of what did not pass the same way a few are told.</param>
    public static void Print(IReadOnlyList<ScenarioResult> results, TextWriter output, bool repeats = false)
    {
        output.WriteLine();
        PrintValues(results, output);
        var told = new Dictionary<(string, Verdict), int>();
        foreach (ScenarioResult result in results)
        {
            if (repeats && (result.Verdict == Verdict.Passed || (told[(result.Scenario, result.Verdict)] = told.GetValueOrDefault((result.Scenario, result.Verdict)) + 1) > MostTold))
            {
                continue;
            }

            string seconds = result.Seconds.ToString("0.0", CultureInfo.InvariantCulture);
            output.WriteLine($"{result.Verdict.ToString().ToUpperInvariant(),-7} {result.Scenario} ({seconds} s)");
            if (result.Failure is { } failure)
            {
                output.WriteLine(string.Join('\n', failure.Split('\n').Select(l => "        " + l)));
            }

            if (result.Run is { } run)
            {
                output.WriteLine($"        {Path.GetRelativePath(Environment.CurrentDirectory, run)}{(result.Seed is { } seed ? $", seed {seed}" : "")}");
            }
        }
    }

    /// <summary>How often each scenario did not pass, and between which shares that is by chance (95 %).</summary>
    public static void PrintRates(ImmutableArray<FlakeRate> rates, TextWriter output)
    {
        if (rates.IsEmpty)
        {
            return;
        }

        output.WriteLine();
        Table.Print(
            ["SCENARIO", "RUNS", "PASSED", "DID NOT PASS", "SHARE", "95 % SURE"],
            rates.Select(r => (string[])[r.Scenario, $"{r.Runs}", $"{r.Passed}", $"{r.Runs - r.Passed}", Percent(r.Rate), $"{Percent(r.Low)} to {Percent(r.High)}"]),
            output);
    }

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

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
        if (names.Length == 0 || results.Count > MostColumns)
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
