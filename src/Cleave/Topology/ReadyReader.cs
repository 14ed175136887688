namespace Cleave.Topology;

/// <summary>Reads <c>ready:</c>.</summary>
internal static class ReadyReader
{
    /// <summary>How long a node, or a line in its log, is waited for when the file does not say.</summary>
    public static readonly TimeSpan DefaultWithin = TimeSpan.FromSeconds(30);

    private static readonly Keys<Draft> ReadyKeys = new("a readiness check", extensible: true)
    {
        { "tcp", Shape.Port, "Ready when a connection to this port of the node's first address succeeds.", (reading, entry, draft) => draft.Port = reading.Port(entry.Value) },
        { "log", Shape.RegularExpression, "Ready when a line that the program prints matches.", (reading, entry, draft) => draft.Pattern = reading.Pattern(entry.Value) },
        { "within", Shape.Time, "How long it may take: `30s` by default.", (reading, entry, draft) => draft.Within = reading.Time(entry.Value) ?? DefaultWithin },
    };

    public static KeyTable Table => ReadyKeys;

    public static Ready? Read(Reading reading, MapEntry entry)
    {
        var draft = new Draft();
        if (ReadyKeys.Read(reading, entry.Value, entry.Key.At, draft) is not { } present)
            return null;
        if (present.Contains("tcp") == present.Contains("log"))
            reading.Mistakes.Add(entry.Key.At, present.Contains("tcp")
                ? "'ready' has both 'tcp' and 'log': expected one of them"
                : "'ready' says not what to wait for: expected 'tcp' or 'log'");
        return draft.Port is { } port ? new Ready.Tcp(port, draft.Within)
            : draft.Pattern is { } pattern ? new Ready.Log(pattern, draft.Within)
            : null;
    }

    private sealed class Draft
    {
        public int? Port { get; set; }

        public string? Pattern { get; set; }

        public TimeSpan Within { get; set; } = DefaultWithin;
    }
}
