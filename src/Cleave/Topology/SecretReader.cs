using System.Collections.Immutable;
using Cleave.Runs;

namespace Cleave.Topology;

/// <summary>Reads <c>secrets:</c>, the names of variables whose values are masked.</summary>
internal static class SecretReader
{
    private const string Expected = "the name of a variable, or a list of names";

    public static Shape Shape { get; } = OfNames();

    public static ImmutableArray<(string Name, Location At)> Read(Reading reading, YamlNode value)
    {
        IReadOnlyList<YamlNode> items = value is ListNode ? reading.Items(value, Expected) : [value];
        return [.. items.Select(i => (Name: reading.Text(i, Expected), i.At)).Where(i => i.Name is not null).Select(i => (i.Name!, i.At))];
    }

    /// <summary>A misspelt name would leave the secret in sight, and one that is too short cannot be masked.</summary>
    public static void Check(LabTopology topology, IEnumerable<(string Name, Location At)> secrets, Reading reading)
    {
        foreach (var (name, at) in secrets)
        {
            var values = SecretMask.Values(topology, reading.Environment, name).ToList();
            string[] known = [.. topology.Nodes.SelectMany(n => n.Env).Select(v => v.Key).Distinct(StringComparer.Ordinal)];
            if (values.Count == 0)
                reading.Mistakes.AddUnknown(at, $"{Quote.Text(name)} is no variable of a node's, and not set: expected a name from 'env' or 'env-file' of a node, or from the environment", name, known);
            else if (values.Exists(v => v.Length is > 0 and < SecretMask.Shortest))
                reading.Mistakes.Add(at, $"{Quote.Text(name)} has a value of fewer than {SecretMask.Shortest} characters: expected a longer one, since it is replaced wherever it stands");
        }
    }

    private static Shape OfNames()
    {
        var name = new Shape.Text("a variable's name", "DB_PASSWORD");
        return Shape.Any(name, new Shape.ListOf(name));
    }
}
