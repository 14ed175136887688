using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cleave.Control;
using Cleave.Faults;
using Cleave.Runs;
using Cleave.Topology;

namespace Cleave.Scenarios;

/// <content>Saved values, and the names of nodes that may be among them.</content>
internal sealed partial class ScenarioRunner
{
    /// <summary>Keeps what a command printed, if it can be handed to programs.</summary>
    private void Save(Step.Run step, CommandOutcome outcome, ImmutableArray<int> nodes)
    {
        if (step.Save is not { } name)
        {
            return;
        }

        if (outcome.Output.TryText(out string text) is { } trouble)
        {
            throw Failed(step, $"`{step.Command}` cannot be saved as {name}: it {trouble}", Now(), nodes);
        }

        text = text.TrimEnd('\n');
        int others = _saved.Where(s => s.Key != name).Sum(s => s.Value.Length);
        if (others + text.Length > CommandOutput.MostSavedInAll)
        {
            throw Failed(
                step,
                $"`{step.Command}` cannot be saved as {name}: with its {text.Length} characters all saved values have more than {CommandOutput.MostSavedInAll}, which is the limit",
                Now(),
                nodes);
        }

        _saved[name] = text;
        _lab.Hub.Publish(new LabEvent(default, EventKind.Check, null, $"saved {name}") { Saved = new SavedMark(name, text) });
    }

    private string Saved(string name) => _saved.TryGetValue(name, out string? value)
        ? value
        : throw new CleaveException($"${{save.{name}}} is used before a step has saved it");

    /// <summary>The text with its saved values in place.</summary>
    private string Resolve(string text) => SavedText.Resolve(text, Saved);

    private Command Resolve(Command command) => command switch
    {
        Command.Shell shell => new Command.Shell(SavedText.ResolveShell(shell.Line, Saved)),
        Command.Argv argv => new Command.Argv([.. argv.Arguments.Select(Resolve)]),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>In a pattern a saved value stands for itself: no character of it is special.</summary>
    [return: NotNullIfNotNull(nameof(pattern))]
    private string? ResolvePattern(string? pattern) =>
        pattern is null ? null : SavedText.Resolve(pattern, name => Regex.Escape(Saved(name)));

    private string? ResolveJson(string? json)
    {
        if (json is null || !json.Contains("${save.", StringComparison.Ordinal))
        {
            return json;
        }

        return Replace(JsonNode.Parse(json))?.ToJsonString() ?? "null";

        JsonNode? Replace(JsonNode? node) => node switch
        {
            JsonObject o => new JsonObject(o.Select(m => KeyValuePair.Create(m.Key, Replace(m.Value)))),
            JsonArray a => new JsonArray([.. a.Select(Replace)]),
            JsonValue v when v.GetValueKind() == JsonValueKind.String => JsonValue.Create(Resolve(v.GetValue<string>())),
            _ => node?.DeepClone(),
        };
    }

    private Probe Resolve(Probe probe) => probe switch
    {
        Probe.Udp udp => udp with { Send = Resolve(udp.Send) },
        Probe.Http http => http with
        {
            Path = SavedText.Resolve(http.Path, name => Uri.EscapeDataString(Saved(name))),
            Headers = [.. http.Headers.Select(h => KeyValuePair.Create(h.Key, SavedText.Resolve(h.Value, OneLine)))],
            Send = http.Send is null ? null : Resolve(http.Send),
            Answer = http.Answer is { } answer
                ? answer with { Body = ResolvePattern(answer.Body), Json = ResolveJson(answer.Json) }
                : null,
        },
        _ => probe,
    };

    private string OneLine(string name) => Saved(name) is var value && value.AsSpan().ContainsAny('\r', '\n')
        ? throw new CleaveException($"${{save.{name}}} has several lines: a header takes one")
        : value;

    private Fault Resolve(Fault fault) => fault switch
    {
        Fault.Loss f => Resolve(f),
        Fault.Mend f => f with { From = Names(f.From), To = Names(f.To), Except = Names(f.Except) },
        _ => fault,
    };

    private Fault.Loss Resolve(Fault.Loss fault) => fault switch
    {
        Fault.Isolate f => f with { Nodes = Names(f.Nodes), Except = Names(f.Except) },
        Fault.Split f => f with { Clusters = [.. f.Clusters.Select(Names)], Except = Names(f.Except) },
        Fault.Disjoint f => f with { Clusters = [.. f.Clusters.Select(Names)], Except = Names(f.Except) },
        Fault.Partial f => f with { Groups = [.. f.Groups.Select(Names)], Except = Names(f.Except) },
        Fault.Bridge f => f with { Via = f.Via is null ? null : OnePlace(f.Via), Nodes = Names(f.Nodes), Except = Names(f.Except) },
        Fault.Ordered f => f with { Nodes = Names(f.Nodes), Except = Names(f.Except) },
        Fault.Dns => fault,
        Fault.Cut f => f with { From = Names(f.From), To = Names(f.To), Except = Names(f.Except) },
        _ => throw new InvalidOperationException($"nobody resolves {fault.GetType().Name}"),
    };

    /// <summary>Names of nodes; a saved value may be several, with spaces, commas or line ends between.</summary>
    private ImmutableArray<string> Names(ImmutableArray<string> names) =>
        [.. names.SelectMany(n => n.StartsWith('$') ? Split(n) : [n])];

    private string[] Split(string reference)
    {
        string value = Resolve(reference);
        string[] names = value.Split([' ', ',', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            throw new CleaveException($"{reference} is empty: expected the name of a node");
        }

        foreach (string name in names)
        {
            if (_lab.Topology.FindNode(name) is null)
            {
                throw new CleaveException($"{reference} is {Quote.Text(value)}, and {Quote.Text(name)} is no node: expected {Quote.Choices([.. _lab.Topology.Nodes.Select(n => n.Name)])}");
            }
        }

        return names;
    }

    /// <summary>One node, or the fabric.</summary>
    private string OnePlace(string name) => !name.StartsWith('$') ? name
        : Split(name) is [var only] ? only
        : throw new CleaveException($"{name} is {Quote.Text(Resolve(name))}: expected one node");

    /// <summary>The numbers of nodes, in the file's order.</summary>
    private ImmutableArray<int> Nodes(ImmutableArray<string> names) => NodeTargets.Of(_lab.Topology, names);

    private ImmutableArray<int> Nodes(Step step, ImmutableArray<string> names) => Try(step, () => Nodes(Names(names)));

    private string Name(int node) => _lab.Topology.Nodes[node].Name;

    private Dictionary<string, string> SavedVariables() =>
        _saved.ToDictionary(s => SavedText.Variable(s.Key), s => s.Value, StringComparer.Ordinal);
}
