using System.Collections.Immutable;
using Cleave.Scenarios;

namespace Cleave.Topology;

/// <summary>One scenario being read: which names can stand in its steps.</summary>
/// <param name="File">The file.</param>
/// <param name="Names">Nodes and saved values.</param>
/// <param name="Saved">The names of saved values.</param>
/// <param name="Networks">The networks' names; null if they could not be read.</param>
internal sealed record ScenarioReading(
    Reading File, NodeNames Names, IReadOnlyCollection<string> Saved, IReadOnlyCollection<string>? Networks)
{
    /// <summary>The name of a network; null if it is none, which is reported.</summary>
    public string? Network(YamlNode node)
    {
        if (File.Text(node, "a network's name") is not { } name)
            return null;
        if (Networks is null || Networks.Contains(name))
            return name;
        File.Mistakes.AddUnknown(node.At, $"{Quote.Text(name)} is no network: expected {Quote.Choices(Networks)}", name, Networks);
        return null;
    }
}

/// <summary>Reads <c>scenarios:</c>.</summary>
internal static class ScenarioReader
{
    /// <summary>The scenarios in the file's order.</summary>
    /// <param name="reading">The file.</param>
    /// <param name="scenarios">What stands after <c>scenarios:</c>.</param>
    /// <param name="nodes">Null if they could not be read.</param>
    /// <param name="networks">Null if they could not be read.</param>
    public static ImmutableArray<Scenario> Read(
        Reading reading, YamlNode scenarios, IReadOnlyList<NodeDraft>? nodes, IReadOnlyList<NetworkDraft>? networks)
    {
        var byName = nodes?.ToDictionary(n => n.Name);
        IReadOnlyCollection<string>? networkNames = networks is null ? null : [.. networks.Select(n => n.Name)];
        var read = ImmutableArray.CreateBuilder<Scenario>();
        foreach (var (key, value) in reading.Named(scenarios, "a mapping from names to lists of steps"))
        {
            if (key.Value.Length == 0 || !key.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} is no name for a scenario: expected letters, digits, '-' and '_'");
            var saved = SavedValues.Collect(value);
            var scenario = new ScenarioReading(reading, new NodeNames(reading, byName, saved), saved, networkNames);
            read.Add(new(key.Value, key.At, StepReader.Steps(scenario, value)));
        }

        return read.ToImmutable();
    }
}
