using System.Collections.Immutable;
using Cleave.Control;
using Cleave.Topology;

namespace Cleave.Runs;

/// <summary>
/// Puts <c>***</c> in the place of values that the file names as secret, wherever they stand in what Cleave writes and shows. A text that a program
/// has changed, by encoding it for instance, is another text.
/// </summary>
internal sealed class SecretMask
{
    /// <summary>Shorter ones would be found everywhere, and tell that they are there by what is missing.</summary>
    public const int Shortest = 4;

    private const string Mask = "***";
    private const int ShortestLine = 8;

    private readonly ImmutableArray<string> _values;

    private SecretMask(IEnumerable<string> values) => _values = [.. values.Distinct(StringComparer.Ordinal).OrderByDescending(v => v.Length)];

    /// <summary>Nothing is secret.</summary>
    public static SecretMask None { get; } = new([]);

    /// <summary>The values of the variables that are named as secret, in any node and in the user's own environment.</summary>
    public static SecretMask Of(LabTopology topology, IReadOnlyDictionary<string, string> environment) => topology.Secrets.IsEmpty ? None : new(
        from name in topology.Secrets
        from value in Values(topology, environment, name)
        from text in (string[])[value, .. value.Contains('\n', StringComparison.Ordinal) ? value.Split('\n').Where(l => l.Length >= ShortestLine) : []]
        where text.Length >= Shortest
        select text);

    /// <summary>The values of a variable, in any node and in the user's own environment.</summary>
    public static IEnumerable<string> Values(LabTopology topology, IReadOnlyDictionary<string, string> environment, string name) =>
    [
        .. topology.Nodes.SelectMany(n => n.Env).Where(v => v.Key == name).Select(v => v.Value),
        .. environment.TryGetValue(name, out string? own) ? [own] : (string[])[],
    ];

    /// <summary>The text without secrets.</summary>
    public string Apply(string text)
    {
        foreach (string value in _values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>The event without secrets.</summary>
    public LabEvent Apply(LabEvent happened) => _values.IsEmpty ? happened : happened with
    {
        Text = Apply(happened.Text),
        Step = happened.Step is { } step ? step with { Name = step.Name is null ? null : Apply(step.Name) } : null,
        Check = happened.Check is { } check ? check with { Expected = Apply(check.Expected), Seen = check.Seen is null ? null : Apply(check.Seen) } : null,
        Saved = happened.Saved is { } saved ? saved with { Value = Apply(saved.Value) } : null,
        Probe = happened.Probe is { } probe ? probe with { Probe = Apply(probe.Probe) } : null,
        Result = happened.Result is { } result ? Apply(result) : null,
    };

    /// <summary>The result without secrets.</summary>
    public ScenarioResult Apply(ScenarioResult result) => _values.IsEmpty ? result : result with
    {
        Failure = result.Failure is null ? null : Apply(result.Failure),
        Saved = result.Saved.ToImmutableSortedDictionary(s => s.Key, s => Apply(s.Value), StringComparer.Ordinal),
    };
}
