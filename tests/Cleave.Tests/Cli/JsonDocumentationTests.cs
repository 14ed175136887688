using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cleave.Cli;
using Cleave.Control;

namespace Cleave.Tests.Cli;

/// <summary>docs/json.md and what <c>--json</c> prints say the same.</summary>
public class JsonDocumentationTests
{
    // Their output is not data: a program's bytes, a file, one sentence.
    private static readonly string[] WithoutJson = ["exec", "shell", "net-exec", "graph", "init", "schema", "create", "destroy", "up", "run", "shell", "test", "down", "completion", "peer"];

    private static readonly string[] Page = File.ReadAllLines(Repository.PathOf("docs", "json.md"));

    private static IEnumerable<(Command Verb, JsonOption Json)> Verbs =>
        from verb in Doing(Commands.Create())
        from json in verb.Options.OfType<JsonOption>()
        select (verb, json);

    /// <summary>The verbs that do something: those of <c>cleave gateway</c> in its place.</summary>
    private static IEnumerable<Command> Doing(Command root) => root.Subcommands.SelectMany(v => v.Subcommands.Count == 0 ? [v] : v.Subcommands.AsEnumerable());

    [Fact]
    public void Every_verb_whose_output_is_data_takes_json_in_the_one_way()
    {
        Command[] verbs = [.. Doing(Commands.Create())];
        Assert.Equal(WithoutJson, verbs.Where(v => !v.Options.OfType<JsonOption>().Any()).Select(v => v.Name));
        Assert.Equal(Verbs.Select(v => v.Verb.Name), verbs.Where(v => v.Options.Any(o => o.Name == "--json")).Select(v => v.Name));
    }

    [Fact]
    public void Every_record_that_a_verb_prints_begins_with_the_schema() =>
        Assert.All(Verbs.SelectMany(v => v.Json.Records), record =>
        {
            JsonPropertyInfo first = record.Properties.OrderBy(p => p.Order).First();
            Assert.Equal(("schema", typeof(int)), (first.Name, first.PropertyType));
        });

    [Fact]
    public void Every_record_has_its_table_and_every_table_its_record()
    {
        SortedDictionary<string, JsonTypeInfo> records = Reachable();
        Assert.Equal(records.Keys, Page.Where(l => l.StartsWith("### ", StringComparison.Ordinal)).Select(l => l[4..]));
        Assert.All(records, r => Assert.Equal(
            r.Value.Properties.OrderBy(p => p.Order).Select(p => $"| {p.Name} | {Word(p)} |"),
            Rows($"### {r.Key}").Skip(2).Select(row => string.Join('|', row.Split('|')[..3]) + "|")));
    }

    [Fact]
    public void The_table_of_verbs_names_each_with_what_it_prints()
    {
        var documented =
            from row in Rows("| verb | prints |", inclusive: true).Skip(2)
            let cells = row.Split('|')
            from verb in cells[1].Split(',')
            from record in Reachable().Keys
            where cells[2].Split([' ', ',', ':', ';']).Contains(record)
            select $"{(verb.Trim(' ', '`') is "gateway status" ? "status" : verb.Trim(' ', '`').Split(' ')[0])} {record}";

        Assert.Equal(
            Verbs.SelectMany(v => v.Json.Records.Select(r => $"{v.Verb.Name} {r.Type.Name}")).Order(StringComparer.Ordinal),
            documented.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Json_is_one_readable_line()
    {
        var json = new JsonOption(() => ControlJson.Default.LabEvent);
        var happened = new LabEvent(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero), EventKind.Log, "a", "it's <ü>\r\n\e");
        Assert.Equal(
            """{"schema":1,"time":"2026-01-02T12:00:00+00:00","kind":"log","node":"a","text":"it's <ü>\r\n\u001B"}""", json.Text(happened));
    }

    /// <summary>The records that verbs print, and those within them, by name.</summary>
    private static SortedDictionary<string, JsonTypeInfo> Reachable()
    {
        var found = new SortedDictionary<string, JsonTypeInfo>(StringComparer.Ordinal);
        var open = new Queue<JsonTypeInfo>(Verbs.SelectMany(v => v.Json.Records));
        while (open.TryDequeue(out JsonTypeInfo? type))
        {
            if (type.Kind == JsonTypeInfoKind.Object)
            {
                if (found.TryAdd(type.Type.Name, type))
                {
                    type.Properties.ToList().ForEach(p => open.Enqueue(type.Options.GetTypeInfo(p.PropertyType)));
                }
            }
            else if (type.ElementType is { } element)
            {
                open.Enqueue(type.Options.GetTypeInfo(element));
            }
        }

        return found;
    }

    private static string Word(JsonPropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        bool optional = type != property.PropertyType || (!type.IsValueType && property.IsGetNullable);
        return Word(property.Options.GetTypeInfo(type)) + (optional ? " or absent" : "");
    }

    private static string Word(JsonTypeInfo type) => type switch
    {
        { Kind: JsonTypeInfoKind.Enumerable } => $"list of {Word(type.Options.GetTypeInfo(type.ElementType!))}",
        { Kind: JsonTypeInfoKind.Dictionary } => $"map to {Word(type.Options.GetTypeInfo(type.ElementType!))}",
        { Kind: JsonTypeInfoKind.Object } => type.Type.Name,
        { Type.IsEnum: true } => Words(type),
        _ when type.Type == typeof(bool) => "true or false",
        _ when type.Type == typeof(int) || type.Type == typeof(long) || type.Type == typeof(double) => "number",
        _ when type.Type == typeof(string) => "text",
        _ when type.Type == typeof(DateTimeOffset) => "time",
        _ => throw new InvalidOperationException($"docs/json.md has no word for {type.Type}"),
    };

    private static string Words(JsonTypeInfo type)
    {
        string[] words = [.. Enum.GetValuesAsUnderlyingType(type.Type).Cast<object>()
            .Select(v => $"`{JsonSerializer.Serialize(Enum.ToObject(type.Type, v), type).Trim('"')}`")];
        return $"{string.Join(", ", words[..^1])} or {words[^1]}";
    }

    /// <summary>The rows of the table after a line.</summary>
    private static IEnumerable<string> Rows(string after, bool inclusive = false) =>
        Page.SkipWhile(l => l != after).Skip(inclusive ? 0 : 1).SkipWhile(l => l.Length == 0).TakeWhile(l => l.StartsWith('|'));
}
