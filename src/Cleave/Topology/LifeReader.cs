using System.Collections.Immutable;
using Cleave.Linux;

namespace Cleave.Topology;

/// <summary>Reads what a node says about the life of its program: when it starts, how it is stopped, whether it is started again.</summary>
internal static class LifeReader
{
    private const string SignalForm = "a signal by its name, such as TERM, INT, QUIT or USR1, or by its number, 1 to 64";

    private static readonly string[] Whens = ["no", "on-failure", "always"];

    private static readonly Keys<StopDraft> StopKeys = new("a way to stop", extensible: false)
    {
        { "signal", Shape.Any(Shape.OneOf([.. Signals.Names]), new Shape.Number(1, 64)), "What asks the program to end: `TERM` by default.",
            (reading, entry, draft) => draft.Signal = Signal(reading, entry.Value) ?? draft.Signal },
        { "grace", Shape.Time, "How long it has until it is sent KILL: `2s` by default.",
            (reading, entry, draft) => draft.Grace = reading.Time(entry.Value) ?? draft.Grace },
    };

    private static readonly Keys<RestartDraft> RestartKeys = new("a restart rule", extensible: false)
    {
        { "when", Shape.OneOf([.. Whens]), "`on-failure`: after an exit code other than 0 or a signal; `always`: after any end; `no`: never.",
            (reading, entry, draft) => draft.When = reading.Choice(entry.Value, Whens), true },
        { "max", new Shape.Number(1, 1_000_000), "How many times in a row, each after less than 10 s; without end by default.",
            (reading, entry, draft) => draft.Max = reading.Number(entry.Value, 1, 1_000_000, "how many times, 1 to 1000000") },
        { "delay", Shape.Time, "Before the first restart: `100ms` by default. It doubles with each in a row, up to 10 s.",
            (reading, entry, draft) => draft.Delay = reading.Time(entry.Value) ?? draft.Delay },
    };

    public static KeyTable StopTable => StopKeys;

    public static KeyTable RestartTable => RestartKeys;

    public static Shape RestartShape { get; } = Shape.Any(Shape.OneOf([.. Whens]), new Shape.Mapping(() => RestartTable));

    /// <summary>The number of a signal; null if it is none, which is reported.</summary>
    public static int? Signal(Reading reading, YamlNode value)
    {
        if (value is not TextNode { IsEmpty: false } text)
            reading.Wrong(value, SignalForm);
        else if (Signals.Parse(text.Value) is { } signal)
            return signal;
        else
            reading.Mistakes.AddUnknown(value.At, $"{Quote.Text(text.Value)} is no signal: expected {SignalForm}", text.Value, [.. Signals.Names]);
        return null;
    }

    public static StopRule? Stop(Reading reading, MapEntry entry)
    {
        var draft = new StopDraft();
        return StopKeys.Read(reading, entry.Value, entry.Key.At, draft) is null ? null : new(draft.Signal, draft.Grace);
    }

    public static RestartRule? Restart(Reading reading, MapEntry entry)
    {
        var draft = new RestartDraft();
        if (entry.Value is MapNode)
            RestartKeys.Read(reading, entry.Value, entry.Key.At, draft);
        else
            draft.When = reading.Choice(entry.Value, Whens);
        return draft.When is null or "no" ? null : new(draft.When == "always", draft.Max, draft.Delay);
    }

    /// <summary>True for <c>manual</c>.</summary>
    public static bool IsManual(Reading reading, YamlNode value) => reading.Choice(value, ["with-lab", "manual"]) == "manual";

    public static ImmutableArray<Command> Setup(Reading reading, YamlNode value)
    {
        const string Expected = "a list of commands, such as [\"ip route add 10.0.0.0/8 via 172.23.0.9\"]";
        var items = reading.Items(value, Expected);
        foreach (var item in items)
            SavedValues.RefuseIn(reading, item);
        return [.. items.Select(reading.Command).OfType<Command>()];
    }

    private sealed class StopDraft
    {
        public int Signal { get; set; } = StopRule.Default.Signal;

        public TimeSpan Grace { get; set; } = StopRule.Default.Grace;
    }

    private sealed class RestartDraft
    {
        public string? When { get; set; }

        public int? Max { get; set; }

        public TimeSpan Delay { get; set; } = RestartRule.DefaultDelay;
    }
}
