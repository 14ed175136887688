using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cleave.Cli;

/// <summary>
/// The one way to offer <c>--json</c> and to obey it: a record on one line of standard output, errors as ever on standard error. docs/json.md
/// describes every record that is named here, and a test holds it to that.
/// </summary>
internal sealed class JsonOption : Option<bool>
{
    // Apostrophes, angle brackets and umlauts as they are: this goes to programs and terminals, not into a web page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Func<JsonTypeInfo>[] _records;

    /// <param name="records">
    /// What the verb can print; the first member of each is <c>schema</c>. Functions, since every verb's option is made at every start, and what
    /// System.Text.Json knows of a type takes milliseconds to put together.
    /// </param>
    public JsonOption(params Func<JsonTypeInfo>[] records)
        : base("--json")
    {
        Description = "Print JSON (schema 1, see docs/json.md)";
        _records = records;
    }

    /// <summary>What the verb can print.</summary>
    public IReadOnlyList<JsonTypeInfo> Records => [.. _records.Select(r => r())];

    /// <summary>Whether the user wants JSON.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(this);

    /// <summary>Prints the record as JSON if the user wants that, or as text.</summary>
    public void Print<T>(ParseResult parsed, T record, Action<T> printText)
    {
        if (IsGiven(parsed))
        {
            Print(record);
        }
        else
        {
            printText(record);
        }
    }

    /// <summary>Prints the record as JSON.</summary>
    public void Print<T>(T record) => Console.Out.WriteLine(Text(record));

    /// <summary>The record as one line.</summary>
    public string Text<T>(T record)
    {
        var type = (JsonTypeInfo<T>)Records.First(r => r.Type == typeof(T));
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            JsonSerializer.Serialize(writer, record, type);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
