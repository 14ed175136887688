using System.Collections.Immutable;
using Cleave.Faults;
using Cleave.Names;

namespace Cleave.Topology;

/// <summary>Reads the fault <c>dns</c>.</summary>
internal static class DnsFaultReader
{
    private const string Expected = "a name such as db, www.example.com or *.example.com";

    private static readonly Shape Name = new Shape.Text("a name, of a node or of the internet, or `*.` and a name for all below it", "www.example.com", @"^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$");

    private static readonly Keys<Draft> DnsKeys = new("failing names", extensible: false)
    {
        { "fail", Shape.Any(Name, new Shape.ListOf(Name)), "The fabric says that it has failed (SERVFAIL).", (reading, entry, draft) => draft.Fail = Names(reading, entry.Value) },
        { "drop", Shape.Any(Name, new Shape.ListOf(Name)), "It gives no answer.", (reading, entry, draft) => draft.Drop = Names(reading, entry.Value) },
    };

    /// <summary>What may stand at <c>dns</c>.</summary>
    public static Shape Shape { get; } = new Shape.Mapping(() => DnsKeys);

    public static Fault? Read(ScenarioReading reading, YamlNode value)
    {
        var draft = new Draft();
        if (DnsKeys.Read(reading.File, value, value.At, draft) is not { } present)
            return null;
        if (!present.Any())
            reading.File.Mistakes.Add(value.At, "'dns' names nothing that fails: expected 'fail', 'drop' or both");
        return draft is { Fail: { } fail, Drop: { } drop } ? new Fault.Dns(fail, drop) : null;
    }

    /// <summary>The name in lower case and without a dot at its end; null if it is none.</summary>
    public static string? Normal(string text)
    {
        var name = text.ToLowerInvariant().TrimEnd('.');
        return DnsName.IsHostName(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name) ? name : null;
    }

    private static ImmutableArray<string>? Names(Reading reading, YamlNode value)
    {
        var names = reading.Items(value is ListNode ? value : new ListNode(value.At, [value]), Expected).Select(item =>
        {
            if (reading.Text(item, Expected) is not { } text)
                return null;
            var name = Normal(text);
            if (name is null)
                reading.Wrong(item, Expected);
            return name;
        }).ToList();
        return names.Count == 0 || names.Contains(null) ? null : [.. names.OfType<string>().Distinct()];
    }

    private sealed class Draft
    {
        public ImmutableArray<string>? Fail { get; set; } = [];

        public ImmutableArray<string>? Drop { get; set; } = [];
    }
}
