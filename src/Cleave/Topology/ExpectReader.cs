using System.Collections.Immutable;
using System.Globalization;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads checks: what stands at <c>expect</c>, <c>always</c> and <c>never</c>.</summary>
internal static class ExpectReader
{
    private const int MostNodes = 100_000;
    private static readonly string[] Answers = ["reachable", "unreachable", "refused"];
    private static readonly string[] Presence = ["present", "absent"];
    private static readonly string[] States = [.. Enum.GetNames<ProgramState>().Select(n => n.ToLowerInvariant())];
    private static readonly string[] Sinces = [.. Enum.GetNames<LogSince>().Select(n => n.ToLowerInvariant())];
    private static readonly Shape Count = new Shape.Number(0, MostNodes);

    /// <summary>What stands beside the key that says what kind of check it is.</summary>
    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["from"] = ["to", "icmp", "tcp", "udp", "http", "is", "send", "status", "body", "json"],
        ["run"] = ["node", "exit", "output", "json"],
        ["state"] = ["node", "exit"],
        ["log"] = ["node", "is", "since"],
    };

    private static readonly string[] KindKeys = ["from", "to", "run", "state", "log"];
    private static readonly string[] Ends = ["from", "to"];
    private static readonly string[] Ways = ["icmp", "tcp", "udp", "http"];
    private static readonly string[] OfHttp = ["status", "body", "json"];
    private static readonly string[] Counts = ["exactly", "at-least", "at-most"];

    private static readonly Keys<CheckDraft> ExpectKeys = new("an expect", extensible: false)
    {
        { "from", NodeStepReader.Targets, "Who tries to reach `to`: nodes, tags or `all`. Every ordered pair is tried, a node and itself apart.",
            (_, entry, draft) => draft.From = NodeStepReader.Group(draft.Scenario, entry.Value) },
        { "to", NodeStepReader.Targets, "Whom it tries to reach.", (_, entry, draft) => draft.To = NodeStepReader.Group(draft.Scenario, entry.Value) },
        { "is", Shape.OneOf("reachable", "unreachable", "refused", "present", "absent"),
            "What is expected of reaching: `reachable`, `unreachable` (no answer at all) or `refused` (a TCP reset, an ICMP error). "
            + "Of a line in a log: `present`, the default, or `absent`.", (_, entry, draft) => draft.Is = entry.Value },
        { "icmp", Shape.True, "By an ICMP echo, which is the default.", Icmp },
        { "tcp", Shape.Port, "By a connection to this port.", (reading, entry, draft) => draft.Tcp = reading.Port(entry.Value) },
        { "udp", Shape.Port, "By a datagram to this port; any datagram that comes back is an answer.", (reading, entry, draft) => draft.Udp = reading.Port(entry.Value) },
        { "send", Shape.AnyText, "What the datagram of `udp` carries: nothing by default.", (reading, entry, draft) => draft.Send = draft.AnyText(entry.Value) },
        { "http", Shape.Any(HttpReader.Short, new Shape.Mapping(() => HttpReader.Table)),
            "By an HTTP request: `:PORT/PATH`, or a mapping. Without `is` the answer must have a status from 200 to 299, or what `status`, `body` and `json` say.",
            (_, entry, draft) => draft.Http = HttpReader.Read(draft.Scenario, entry) },
        { "status", new Shape.Number(100, 599), "The status that an HTTP answer must have.", (reading, entry, draft) => draft.Status = reading.Number(entry.Value, 100, 599, "a status, 100 to 599") },
        { "body", Shape.RegularExpression, "What the body of an HTTP answer must match; `^` and `$` stand for the ends of a line.", (_, entry, draft) => draft.Body = draft.Pattern(entry.Value) },
        { "json", new Shape.Anything(),
            "What an HTTP answer or the output of `run` must have, read as JSON. Of an object every member given, of a list an element for each given, "
            + "in any order; more may be there. `[]` expects an empty list.", (_, entry, draft) => draft.Json = JsonReader.Read(draft.Scenario, entry.Value) },
        { "run", Shape.Command, "A command that must end with the code `exit`.", (_, entry, draft) => draft.Run = CommandReader.Read(draft.Scenario, entry.Value) },
        { "node", Shape.Any(Shape.OneOf(StepReader.Fabric), NodeStepReader.Targets), "Of which nodes it must hold: nodes, tags or `all`. For `run` the fabric is the default.",
            (_, entry, draft) => draft.Node = NodeStepReader.Group(draft.Scenario, entry.Value, StepReader.Fabric) },
        { "exit", new Shape.Number(0, 255), "The exit code: of `run`, `0` by default, or of the node's program, which must have ended.", (reading, entry, draft) => draft.Exit = reading.Number(entry.Value, 0, 255, "an exit code, 0 to 255") },
        { "output", Shape.RegularExpression, "What `run` must print; `^` and `$` stand for the ends of a line.", (_, entry, draft) => draft.Output = draft.Pattern(entry.Value) },
        { "state", Shape.OneOf([.. States]), "The state of the node's program; `running` is ready or not.", (reading, entry, draft) => draft.State = reading.Choice(entry.Value, States) },
        { "log", Shape.RegularExpression, "A line of the node's log must match, or with `is: absent` none may.", (_, entry, draft) => draft.Log = draft.Pattern(entry.Value) },
        { "since", Shape.OneOf([.. Sinces]), "Which lines count for `log`: all since the `start` of the lab, the default, or since the `step` before this one began.",
            (reading, entry, draft) => draft.Since = reading.Choice(entry.Value, Sinces) },
        { "exactly", Count, "Of so many of the nodes or pairs it must hold, and of no more.", (reading, entry, draft) => draft.Exactly = Number(reading, entry.Value) },
        { "at-least", Count, "Of so many or more.", (reading, entry, draft) => draft.AtLeast = Number(reading, entry.Value) },
        { "at-most", Count, "Of so many or fewer.", (reading, entry, draft) => draft.AtMost = Number(reading, entry.Value) },
    };

    public static KeyTable Table => ExpectKeys;

    public static Step.Expect? Expect(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        if (step.Present.TryGetValue("within", out var within) && step.Present.TryGetValue("for", out var all))
            reading.File.Mistakes.Add(Later(within, all),
                "'within' and 'for' stand beside one 'expect': expected one of them; 'within' is eventually, 'for' is all the while");
        return ReadCheck(reading, verb) is { } check ? new(step.At, step.Name, check, step.Within, step.For) : null;
    }

    /// <summary>The check at a verb; null if there is a mistake, which is reported.</summary>
    public static Check? ReadCheck(ScenarioReading reading, MapEntry verb)
    {
        var draft = new CheckDraft(reading);
        if (ExpectKeys.Read(reading.File, verb.Value, verb.Key.At, draft) is not { } present || verb.Value is not MapNode map)
            return null;

        // A key that was misspelt is among those present and has no place of its own.
        var places = map.Entries.ToDictionary(e => e.Key.Value, e => e.Key.At);
        draft.At = key => places.GetValueOrDefault(key, map.At);
        if (KindOf(reading, present, verb, draft) is not { } kind)
            return null;

        string[] allowed = [kind, .. Kinds[kind], .. Counts];
        foreach (var (key, _) in map.Entries)
            if (present.Contains(key.Value) && !allowed.Contains(key.Value))
                reading.File.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} does not go with {Quote.Text(kind)}: expected {Quote.Choices(allowed[1..])}");
        if (kind is "state" or "log" && !present.Contains("node"))
            reading.File.Mistakes.Add(verb.Key.At, $"an expect of {Quote.Text(kind)} has no 'node': expected it here");
        var count = ReadCount(reading, present, draft);
        return kind switch
        {
            "from" => Reach(reading, present, verb, draft, count),
            "run" => draft.Run is { } run ? new Check.Runs(run, draft.Node ?? [StepReader.Fabric], draft.Exit ?? 0, draft.Output, draft.Json, count) : null,
            "state" => State(draft, present, count),
            _ => Log(reading, draft, count),
        };
    }

    public static Location Later(Location a, Location b) => (a.Line, a.Column).CompareTo((b.Line, b.Column)) < 0 ? b : a;

    /// <summary>The key that says what kind of check it is; <c>from</c> stands for <c>to</c>, too, and <c>state</c> for <c>exit</c> alone.</summary>
    private static string? KindOf(ScenarioReading reading, IReadOnlySet<string> present, MapEntry verb, CheckDraft draft)
    {
        List<string> kinds = [.. KindKeys.Where(present.Contains)];
        if (kinds is ["from", "to", ..])
            kinds.RemoveAt(1);
        switch (kinds)
        {
            case [] when present.Contains("exit"):
                return "state";
            case [] when ((MapNode)verb.Value).Entries.Any(e => !present.Contains(e.Key.Value)):
                return null; // an unknown key, which is reported, may be the one that is missing
            case []:
                reading.File.Mistakes.Add(verb.Key.At, "this says not what is expected: expected 'from' and 'to', 'run', 'state' or 'log'");
                return null;
            case [var kind]:
                return kind == "to" ? "from" : kind;
            default:
                var places = kinds.ConvertAll(k => (Name: k, At: draft.At(k)));
                places.Sort((a, b) => (a.At.Line, a.At.Column).CompareTo((b.At.Line, b.At.Column)));
                reading.File.Mistakes.Add(places[1].At, $"{Quote.Text(places[1].Name)} stands beside {Quote.Text(places[0].Name)} in one check: "
                    + "expected one kind of check; make it a step of its own");
                return null;
        }
    }

    private static Check.Reach? Reach(ScenarioReading reading, IReadOnlySet<string> present, MapEntry verb, CheckDraft draft, CheckCount? count)
    {
        var mistakes = reading.File.Mistakes;
        string[] ways = [.. Ways.Where(present.Contains)];
        if (ways.Length > 1)
            mistakes.Add(Later(draft.At(ways[0]), draft.At(ways[1])),
                $"{Quote.Text(ways[0])} and {Quote.Text(ways[1])} stand in one 'expect': expected one of them");
        var way = ways.FirstOrDefault("icmp");
        foreach (var end in Ends)
            if (!present.Contains(end))
                mistakes.Add(verb.Key.At, $"an expect has no '{end}': expected it here");
        if (!ways.Contains("http") && !present.Contains("is"))
            mistakes.Add(verb.Key.At, "an expect has no 'is': expected it here");
        foreach (var key in OfHttp.Prepend("send"))
            if (present.Contains(key) && way != (key == "send" ? "udp" : "http"))
                mistakes.Add(draft.At(key), $"{Quote.Text(key)} does not go with {Quote.Text(way)}: expected it beside '{(key == "send" ? "udp" : "http")}'");
        var answer = draft.Is is null ? null : reading.File.Choice(draft.Is, Answers);
        var details = OfHttp.Where(present.Contains).ToList();
        if (way == "http" && answer is "unreachable" or "refused" && details.Count > 0)
            mistakes.Add(draft.At(details[0]), $"{Quote.Text(details[0])} stands beside 'is: {answer}': expected none, since there is no answer");

        if (draft is not { From: { } from, To: { } to } || (present.Contains("is") && answer is null) || ProbeOf(way, draft, answer, details) is not { } probe)
            return null;
        if (from is [var one] && to is [var other] && one == other && reading.Names.All?.ContainsKey(one) == true)
            mistakes.Add(draft.At("to"), $"{Quote.Text(one)} is both ends: expected two nodes");
        return new(from, to, probe, answer is null ? Reachability.Reachable : (Reachability)Array.IndexOf(Answers, answer), count);
    }

    private static Probe? ProbeOf(string way, CheckDraft draft, string? answer, List<string> details) => way switch
    {
        "tcp" => draft.Tcp is { } port ? new Probe.Tcp(port) : null,
        "udp" => draft.Udp is { } port ? new Probe.Udp(port, draft.Send ?? "") : null,
        "http" when answer is not null && details.Count == 0 => draft.Http,
        "http" => draft.Http is null ? null : draft.Http with { Answer = new(draft.Status, draft.Body, draft.Json) },
        _ => new Probe.Icmp(),
    };

    private static Check.State? State(CheckDraft draft, IReadOnlySet<string> present, CheckCount? count)
    {
        var state = draft.State ?? (present.Contains("state") ? null : "ended");
        if (state is not null && state != "ended" && present.Contains("exit"))
            draft.Scenario.File.Mistakes.Add(draft.At("exit"), $"'exit' stands beside 'state: {state}': expected 'state: ended', or no 'exit'");
        return state is not null && draft.Node is { } nodes && !IsFabric(draft, nodes)
            ? new(nodes, (ProgramState)Array.IndexOf(States, state), draft.Exit, count)
            : null;
    }

    private static Check.Log? Log(ScenarioReading reading, CheckDraft draft, CheckCount? count)
    {
        var presence = draft.Is is null ? "present" : reading.File.Choice(draft.Is, Presence);
        return draft is { Node: { } nodes, Log: { } log } && !IsFabric(draft, nodes)
            ? new(nodes, log, presence == "absent", draft.Since is null ? LogSince.Start : (LogSince)Array.IndexOf(Sinces, draft.Since), count)
            : null;
    }

    private static bool IsFabric(CheckDraft draft, ImmutableArray<string> nodes)
    {
        if (nodes is not [StepReader.Fabric])
            return false;
        draft.Scenario.File.Mistakes.Add(draft.At("node"), "'fabric' has no program and no log: expected nodes, tags or all");
        return true;
    }

    private static CheckCount? ReadCount(ScenarioReading reading, IReadOnlySet<string> present, CheckDraft draft)
    {
        if (present.Contains("exactly") && Counts[1..].FirstOrDefault(present.Contains) is { } other)
            reading.File.Mistakes.Add(Later(draft.At("exactly"), draft.At(other)), $"'exactly' and '{other}' stand in one 'expect': expected one of them");
        if (draft is { AtLeast: { } least, AtMost: { } most } && least > most)
            reading.File.Mistakes.Add(draft.At("at-most"), $"'at-most: {most}' is less than 'at-least: {least}': expected as many or more");
        else if (Judged(draft) is var (many, what) && (draft.Exactly ?? draft.AtLeast) > many)
            reading.File.Mistakes.Add(draft.At(draft.Exactly is null ? "at-least" : "exactly"),
                $"'{(draft.Exactly is null ? $"at-least: {draft.AtLeast}" : $"exactly: {draft.Exactly}")}' stands here, and it is about {many} {what}: expected 0 to {many}");
        return draft.Exactly is { } exactly ? new(exactly, exactly)
            : draft.AtLeast is null && draft.AtMost is null ? null
            : new(draft.AtLeast ?? 0, draft.AtMost);
    }

    /// <summary>Of how many nodes or pairs it is to hold, where the file tells.</summary>
    private static (int Many, string What)? Judged(CheckDraft draft)
    {
        if (draft is { From: { } from, To: { } to })
            return NodeStepReader.Meant(draft.Scenario, from) is { } senders && NodeStepReader.Meant(draft.Scenario, to) is { } receivers
                ? Words((senders.Count * receivers.Count) - senders.Count(receivers.Contains), "pair")
                : null;
        if (draft.Node is [StepReader.Fabric] || (draft.Node is null && draft.Run is not null))
            return Words(1, "place");
        return draft.Node is { } nodes && NodeStepReader.Meant(draft.Scenario, nodes) is { } meant ? Words(meant.Count, "node") : null;

        static (int, string) Words(int many, string what) => (many, many == 1 ? what : what + "s");
    }

    private static int? Number(Reading reading, YamlNode value) =>
        reading.Number(value, 0, MostNodes, string.Create(CultureInfo.InvariantCulture, $"how many, 0 to {MostNodes}"));

    private static void Icmp(Reading reading, MapEntry entry, CheckDraft draft)
    {
        if (entry.Value is not TextNode { Value: "true" })
            reading.Wrong(entry.Value, "true, or no 'icmp' at all");
    }

    private sealed class CheckDraft(ScenarioReading scenario)
    {
        public ScenarioReading Scenario => scenario;

        /// <summary>Where a key stands.</summary>
        public Func<string, Location> At { get; set; } = _ => default;

        public ImmutableArray<string>? From { get; set; }

        public ImmutableArray<string>? To { get; set; }

        public YamlNode? Is { get; set; }

        public int? Tcp { get; set; }

        public int? Udp { get; set; }

        public string? Send { get; set; }

        public Probe.Http? Http { get; set; }

        public int? Status { get; set; }

        public string? Body { get; set; }

        public string? Json { get; set; }

        public Command? Run { get; set; }

        public ImmutableArray<string>? Node { get; set; }

        public int? Exit { get; set; }

        public string? Output { get; set; }

        public string? State { get; set; }

        public string? Log { get; set; }

        public string? Since { get; set; }

        public int? Exactly { get; set; }

        public int? AtLeast { get; set; }

        public int? AtMost { get; set; }

        public string? AnyText(YamlNode value)
        {
            SavedValues.Check(scenario.File, value, scenario.Saved);
            return scenario.File.AnyText(value, "text");
        }

        public string? Pattern(YamlNode value)
        {
            SavedValues.Check(scenario.File, value, scenario.Saved);
            return scenario.File.Pattern(value);
        }
    }
}
