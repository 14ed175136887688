using System.Globalization;
using System.Text.RegularExpressions;

namespace Cleave.Topology;

/// <summary>Reads <c>ready:</c>.</summary>
internal static partial class ReadyReader
{
    /// <summary>How long a node, or a line in its log, is waited for when the file does not say.</summary>
    public static readonly TimeSpan DefaultWithin = TimeSpan.FromSeconds(30);

    private const string HttpForm = "a port and a path such as \":8000/health\", or a mapping {port: 8000, path: /health, status: 200}";

    private static readonly Keys<Draft> ReadyKeys = new("a readiness check", extensible: true)
    {
        { "tcp", Shape.Port, "Ready when a connection to this port of the node's first address succeeds.",
            (reading, entry, draft) => draft.Made = reading.Port(entry.Value) is { } port ? new Ready.Tcp(port, default) : null },
        { "http", Shape.Any(new Shape.Text("a port and a path", ":8000/health", "^:?[0-9]{1,5}(/.*)?$"), new Shape.Mapping(() => HttpTable)),
            "Ready when a GET to this port and path of the node's first address is answered with a status of 200 to 299, or the one given.",
            (reading, entry, draft) => draft.Made = Http(reading, entry) },
        { "log", Shape.RegularExpression, "Ready when a line that the program prints matches.",
            (reading, entry, draft) => draft.Made = reading.Pattern(entry.Value) is { } pattern ? new Ready.Log(pattern, default) : null },
        { "run", Shape.Command, "Ready when this command exits with 0 in the node; it is tried again 100 ms after each failure.",
            (reading, entry, draft) => draft.Made = Run(reading, entry.Value) },
        { "within", Shape.Time, "How long it may take: `30s` by default.", (reading, entry, draft) => draft.Within = reading.Time(entry.Value) ?? DefaultWithin },
    };

    private static readonly Keys<HttpDraft> HttpKeys = new("an http check", extensible: false)
    {
        { "port", Shape.Port, "The port.", (reading, entry, draft) => draft.Port = reading.Port(entry.Value), true },
        { "path", new Shape.Text("a path from / on, with a query if there is one", "/health", "^/.*$"), "What to ask for: `/` by default.",
            (reading, entry, draft) => draft.Path = HttpPath(reading, entry.Value) },
        { "status", new Shape.Number(100, 599), "The status that means ready: any of 200 to 299 by default.",
            (reading, entry, draft) => draft.Status = reading.Number(entry.Value, 100, 599, "an HTTP status, 100 to 599") },
    };

    private static readonly string[] Kinds = ["tcp", "http", "log", "run"];

    public static KeyTable Table => ReadyKeys;

    private static KeyTable HttpTable => HttpKeys;

    public static Ready? Read(Reading reading, MapEntry entry)
    {
        var draft = new Draft();
        if (ReadyKeys.Read(reading, entry.Value, entry.Key.At, draft) is not { } present)
            return null;
        var kinds = Kinds.Where(present.Contains).ToList();
        if (kinds.Count == 0)
            reading.Mistakes.Add(entry.Key.At, $"'ready' says not what to wait for: expected {Quote.Choices([.. Kinds.Select(Quote.Text)])}");
        else if (kinds.Count > 1)
            reading.Mistakes.Add(entry.Key.At, $"'ready' has both '{kinds[0]}' and '{kinds[1]}': expected one of them");
        return draft.Made is { } made ? made with { Within = draft.Within } : null;
    }

    private static Ready.Run? Run(Reading reading, YamlNode value)
    {
        SavedValues.RefuseIn(reading, value);
        return reading.Command(value) is { } command ? new Ready.Run(command, default) : null;
    }

    private static Ready.Http? Http(Reading reading, MapEntry entry)
    {
        if (entry.Value is MapNode)
        {
            var draft = new HttpDraft();
            HttpKeys.Read(reading, entry.Value, entry.Key.At, draft);
            return draft is { Port: { } port, Path: { } path } ? new(port, path, draft.Status, default) : null;
        }

        if (entry.Value is TextNode { IsEmpty: false } text && ShortForm().Match(text.Value) is { Success: true } match
            && int.TryParse(match.Groups["port"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535)
            return new(number, match.Groups["path"].Success ? match.Groups["path"].Value : "/", null, default);
        reading.Wrong(entry.Value, HttpForm);
        return null;
    }

    private static string? HttpPath(Reading reading, YamlNode value)
    {
        const string Expected = "a path from / on, without spaces";
        if (reading.Text(value, Expected) is not { } path)
            return null;
        if (path.StartsWith('/') && !path.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            return path;
        reading.Wrong(value, Expected, path.StartsWith('/') ? null : "/" + path);
        return null;
    }

    [GeneratedRegex(@"^:?(?<port>[0-9]{1,5})(?<path>/\S*)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortForm();

    private sealed class Draft
    {
        public Ready? Made { get; set; }

        public TimeSpan Within { get; set; } = DefaultWithin;
    }

    private sealed class HttpDraft
    {
        public int? Port { get; set; }

        public string? Path { get; set; } = "/";

        public int? Status { get; set; }
    }
}
