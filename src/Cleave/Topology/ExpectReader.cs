using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>Reads the verbs that look and wait: <c>expect</c> and <c>wait</c>.</summary>
internal static class ExpectReader
{
    private static readonly string[] Answers = ["reachable", "unreachable", "refused"];

    private static readonly Keys<ExpectDraft> ExpectKeys = new("an expect", extensible: false)
    {
        { "from", Shape.NodeName, "Who tries to reach somebody.", (_, entry, draft) => draft.From = draft.Reading.Names.One(entry.Value), true },
        { "to", Shape.NodeName, "Whom it tries to reach.", (_, entry, draft) => draft.To = draft.Reading.Names.One(entry.Value), true },
        { "tcp", Shape.Port, "By a connection to this port; by an ICMP echo if it is left out.", (reading, entry, draft) => (draft.TcpAt, draft.Tcp) = (entry.Key.At, reading.Port(entry.Value)) },
        { "icmp", Shape.True, "By an ICMP echo, which is the default.", (reading, entry, draft) => draft.IcmpAt = Icmp(reading, entry) },
        { "is", Shape.OneOf("reachable", "unreachable", "refused"), "What is expected; `unreachable` is no answer at all, a refusal (TCP reset, ICMP error) is `refused`.", (reading, entry, draft) => draft.Is = reading.Choice(entry.Value, Answers), true },
    };

    private static readonly Keys<WaitDraft> WaitKeys = new("a wait", extensible: false)
    {
        { "node", Shape.NodeName, "Whose log.", (_, entry, draft) => draft.Node = draft.Reading.Names.One(entry.Value), true },
        { "log", Shape.RegularExpression, "A line must match that was logged since the step before this one began.", (reading, entry, draft) => draft.Log = reading.Pattern(entry.Value), true },
    };

    public static KeyTable ExpectTable => ExpectKeys;

    public static KeyTable WaitTable => WaitKeys;

    public static Step.Expect? Expect(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        if (step.Present.TryGetValue("within", out var within) && step.Present.TryGetValue("for", out var all))
            reading.File.Mistakes.Add(Later(within, all),
                "'within' and 'for' stand beside one 'expect': expected one of them; 'within' is eventually, 'for' is all the while");

        var draft = new ExpectDraft(reading);
        ExpectKeys.Read(reading.File, verb.Value, verb.Key.At, draft);
        if (draft is { TcpAt: { } tcpAt, IcmpAt: { } icmpAt })
            reading.File.Mistakes.Add(Later(tcpAt, icmpAt), "'tcp' and 'icmp' stand in one 'expect': expected one of them");
        return draft is { From: { } from, To: { } to, Is: { } answer }
            ? new(step.At, step.Name, from, to, draft.Tcp, (Reachability)Array.IndexOf(Answers, answer), step.Within, step.For)
            : null;
    }

    public static Step.WaitLog? Wait(ScenarioReading reading, MapEntry verb, StepDraft step)
    {
        var draft = new WaitDraft(reading);
        WaitKeys.Read(reading.File, verb.Value, verb.Key.At, draft);
        return draft is { Node: { } node, Log: { } log }
            ? new(step.At, step.Name, node, log, step.Within ?? ReadyReader.DefaultWithin)
            : null;
    }

    private static Location Later(Location a, Location b) => (a.Line, a.Column).CompareTo((b.Line, b.Column)) < 0 ? b : a;

    private static Location Icmp(Reading reading, MapEntry entry)
    {
        if (entry.Value is not TextNode { Value: "true" })
            reading.Wrong(entry.Value, "true, or no 'icmp' at all");
        return entry.Key.At;
    }

    private sealed class ExpectDraft(ScenarioReading reading)
    {
        public ScenarioReading Reading => reading;

        public string? From { get; set; }

        public string? To { get; set; }

        public Location? TcpAt { get; set; }

        public int? Tcp { get; set; }

        public Location? IcmpAt { get; set; }

        public string? Is { get; set; }
    }

    private sealed class WaitDraft(ScenarioReading reading)
    {
        public ScenarioReading Reading => reading;

        public string? Node { get; set; }

        public string? Log { get; set; }
    }
}
