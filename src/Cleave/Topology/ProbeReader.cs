using System.Collections.Immutable;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verb <c>probe</c>.</summary>
internal static class ProbeReader
{
    private static readonly TimeSpan DefaultEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeastEvery = TimeSpan.FromMilliseconds(10);
    private static readonly string[] Ways = ["icmp", "tcp", "http"];

    private static readonly Keys<Draft> ProbeKeys = new("a probe", extensible: false)
    {
        { "from", NodeStepReader.Targets, "Who asks: nodes, tags or `all`; each of them each of `to`, itself apart.",
            (_, entry, draft) => draft.From = NodeStepReader.Group(draft.Scenario, entry.Value), true },
        { "to", NodeStepReader.Targets, "Who is asked.", (_, entry, draft) => draft.To = NodeStepReader.Group(draft.Scenario, entry.Value), true },
        { "icmp", Shape.True, "By an ICMP echo, which is the default.", (reading, entry, _) => Icmp(reading, entry) },
        { "tcp", Shape.Port, "By a connection to this port.", (reading, entry, draft) => draft.Tcp = reading.Port(entry.Value) },
        { "http", Shape.Any(HttpReader.Short, new Shape.Mapping(() => HttpReader.Table)), "By an HTTP request: `:PORT/PATH`, or a mapping. A status of 400 or more is a refusal.",
            (_, entry, draft) => draft.Http = HttpReader.Read(draft.Scenario, entry) },
        { "every", Shape.Time, "From one question to the next: `100ms` by default, `10ms` at least.", (reading, entry, draft) => draft.Every = Every(reading, entry.Value) },
    };

    public static KeyTable Table => ProbeKeys;

    public static Step.Measure? Probe(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        var draft = new Draft(reading);
        if (ProbeKeys.Read(reading.File, verb.Value, verb.Key.At, draft) is not { } present || verb.Value is not MapNode map)
            return null;
        string[] ways = [.. map.Entries.Select(e => e.Key.Value).Where(Ways.Contains)];
        if (ways.Length > 1)
            reading.File.Mistakes.Add(map.Entries.First(e => e.Key.Value == ways[1]).Key.At, $"{Quote.Text(ways[1])} stands beside {Quote.Text(ways[0])} in one 'probe': expected one of them");
        if (draft is not { From: { } from, To: { } to })
            return null;
        if (from is [var one] && to is [var other] && one == other && reading.Names.All?.ContainsKey(one) == true)
            reading.File.Mistakes.Add(map.Entries.First(e => e.Key.Value == "to").Key.At, $"{Quote.Text(one)} is both ends: expected two nodes");
        Probe? by = ways.FirstOrDefault("icmp") switch
        {
            "tcp" => draft.Tcp is { } port ? new Probe.Tcp(port) : null,
            "http" => draft.Http,
            _ => new Probe.Icmp(),
        };
        return by is null || !present.IsSubsetOf(ProbeKeys.Descriptions.Select(d => d.Name)) ? null : new(step.At, step.Name, from, to, by, draft.Every ?? DefaultEvery);
    }

    private static void Icmp(Reading reading, MapEntry entry)
    {
        if (entry.Value is not TextNode { Value: "true" })
            reading.Wrong(entry.Value, "true, or no 'icmp' at all");
    }

    private static TimeSpan? Every(Reading reading, YamlNode value)
    {
        if (reading.Time(value) is not { } every)
            return null;
        if (every >= LeastEvery)
            return every;
        reading.Wrong(value, $"{Duration.Format(LeastEvery)} or more");
        return null;
    }

    private sealed class Draft(ScenarioReading scenario)
    {
        public ScenarioReading Scenario => scenario;

        public ImmutableArray<string>? From { get; set; }

        public ImmutableArray<string>? To { get; set; }

        public int? Tcp { get; set; }

        public Probe.Http? Http { get; set; }

        public TimeSpan? Every { get; set; }
    }
}
