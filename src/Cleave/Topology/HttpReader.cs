using System.Collections.Immutable;
using System.Globalization;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads an HTTP request: <c>:8000/path</c>, or a mapping.</summary>
internal static class HttpReader
{
    private const string Expected = ":PORT/PATH such as :8000/health, or a mapping with port, path, method, headers and send";
    private const string TokenMarks = "!#$%&'*+-.^_`|~"; // RFC 9110, 5.6.2

    /// <summary>The short form.</summary>
    public static readonly Shape Short = new Shape.Text("a port and a path", ":8000/health", @"^:[0-9]+(/.*)?$");

    private static readonly Keys<Draft> HttpKeys = new("an http request", extensible: false)
    {
        { "port", Shape.Port, "The port: `80` by default.", (reading, entry, draft) => draft.Port = reading.Port(entry.Value) ?? 80 },
        { "path", new Shape.Text("a path", "/health", "^/"), "The path and the query: `/` by default.", (_, entry, draft) => draft.Path = Path(draft.Scenario, entry.Value) ?? "/" },
        { "method", new Shape.Text("a method", "POST"), "The method: `GET` by default.", (reading, entry, draft) => draft.Method = Method(reading, entry.Value) },
        { "headers", new Shape.MapOf("a header's name", Shape.AnyText), "Header fields besides Host.", (_, entry, draft) => draft.Headers = Headers(draft.Scenario, entry.Value) },
        { "send", Shape.AnyText, "The body of the request: none by default.", (_, entry, draft) => draft.Send = Text(draft.Scenario, entry.Value) },
    };

    public static KeyTable Table => HttpKeys;

    public static Probe.Http? Read(ScenarioReading scenario, MapEntry entry)
    {
        var draft = new Draft(scenario);
        if (entry.Value is TextNode { IsEmpty: false } text)
            return Shorthand(scenario, text);
        if (entry.Value is not MapNode)
        {
            scenario.File.Wrong(entry.Value, Expected);
            return null;
        }

        _ = HttpKeys.Read(scenario.File, entry.Value, entry.Key.At, draft);
        return new(draft.Port, draft.Path, draft.Method, draft.Headers, draft.Send, Answer: null);
    }

    private static Probe.Http? Shorthand(ScenarioReading scenario, TextNode text)
    {
        SavedValues.Check(scenario.File, text, scenario.Saved);
        var slash = text.Value.IndexOf('/', StringComparison.Ordinal);
        var port = slash < 0 ? text.Value : text.Value[..slash];
        if (port.StartsWith(':') && int.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535
            && IsPath(slash < 0 ? "/" : text.Value[slash..]))
            return new(number, slash < 0 ? "/" : text.Value[slash..], "GET", [], Send: null, Answer: null);
        scenario.File.Wrong(text, Expected);
        return null;
    }

    private static string? Path(ScenarioReading scenario, YamlNode value)
    {
        if (Text(scenario, value) is not { } path)
            return null;
        if (IsPath(path))
            return path;
        scenario.File.Wrong(value, "a path that starts with '/', without spaces");
        return null;
    }

    private static bool IsPath(string path) => path.StartsWith('/') && !path.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    private static string Method(Reading reading, YamlNode value)
    {
        const string Methods = "a method in capitals such as GET, POST or PUT";
        if (reading.Text(value, Methods) is not { } method)
            return "GET";
        if (!method.All(c => char.IsAsciiLetterUpper(c) || c == '-'))
            reading.Wrong(value, Methods, method.All(char.IsAsciiLetter) ? method.ToUpperInvariant() : null);
        return method;
    }

    private static ImmutableArray<KeyValuePair<string, string>> Headers(ScenarioReading scenario, YamlNode value)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (key, text) in scenario.File.Named(value, "a mapping from names to text, such as {Accept: text/plain}"))
        {
            if (key.Value.Length == 0 || !key.Value.All(c => char.IsAsciiLetterOrDigit(c) || TokenMarks.Contains(c, StringComparison.Ordinal)))
                scenario.File.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a header: expected letters, digits and '-'");
            if (Text(scenario, text) is not { } content)
                continue;
            if (content.Any(c => c is '\r' or '\n'))
                scenario.File.Wrong(text, "one line of text");
            headers.Add(new(key.Value, content));
        }

        return headers.ToImmutable();
    }

    private static string? Text(ScenarioReading scenario, YamlNode value)
    {
        SavedValues.Check(scenario.File, value, scenario.Saved);
        return scenario.File.AnyText(value, "text");
    }

    private sealed class Draft(ScenarioReading scenario)
    {
        public ScenarioReading Scenario => scenario;

        public int Port { get; set; } = 80;

        public string Path { get; set; } = "/";

        public string Method { get; set; } = "GET";

        public ImmutableArray<KeyValuePair<string, string>> Headers { get; set; } = [];

        public string? Send { get; set; }
    }
}
