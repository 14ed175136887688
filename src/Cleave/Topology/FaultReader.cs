using Cleave.Faults;

namespace Cleave.Topology;

/// <summary>Reads what stands after the verb of a fault. Null stands for one that is wrong, which is reported.</summary>
internal static class FaultReader
{
    private const string Clusters = "a list of clusters, each a list of nodes' names";

    public static Fault? Isolate(ScenarioReading reading, YamlNode value) =>
        reading.Names.Several(value) is { } list ? new Fault.Isolate(list.Texts) : null;

    public static Fault? Split(ScenarioReading reading, YamlNode value) =>
        ReadClusters(reading, value) is { } clusters ? new Fault.Split([.. clusters.Select(c => c.Texts)]) : null;

    /// <summary>Every node in exactly one cluster.</summary>
    public static Fault? Disjoint(ScenarioReading reading, YamlNode value)
    {
        if (ReadClusters(reading, value) is not { } clusters)
            return null;

        var seen = new Dictionary<string, (int Cluster, Location At)>();
        for (var i = 0; i < clusters.Count; i++)
            foreach (var name in clusters[i].Names)
                if (!seen.TryAdd(name.Text, (i, name.At)))
                    reading.Names.AddTwice(name.Text, name.At, seen[name.Text].At);

        // A name that could not be read, or only the run will tell, may be the one that is missing.
        if (reading.Names.All is { } all && clusters.All(c => c.Complete && !c.Names.Any(n => n.IsSaved)))
        {
            var missing = all.Keys.Where(n => !seen.ContainsKey(n)).ToList();
            if (missing.Count > 0)
                reading.File.Mistakes.Add(value.At,
                    $"'disjoint' leaves out {Quote.Choices([.. missing.Select(Quote.Text)], "and")}: "
                    + "expected every node in exactly one cluster");
        }

        return new Fault.Disjoint([.. clusters.Select(c => c.Texts)]);
    }

    public static Fault? Cut(ScenarioReading reading, YamlNode value) =>
        PairReader.Read(reading, value) is { } pairs ? new Fault.Cut(pairs.From, pairs.To, pairs.BothWays, pairs.Network) : null;

    public static Fault? Mend(ScenarioReading reading, YamlNode value) =>
        PairReader.Read(reading, value) is { } pairs ? new Fault.Mend(pairs.From, pairs.To, pairs.BothWays, pairs.Network) : null;

    /// <summary>Heal has no value to read: nothing, or true.</summary>
    public static Fault? Heal(ScenarioReading reading, YamlNode value)
    {
        if (value is not TextNode { IsEmpty: true } and not TextNode { Value: "true" })
            reading.File.Wrong(value, "no value after 'heal', which heals everything; to mend single pairs use 'mend'");
        return new Fault.Heal();
    }

    private static IReadOnlyList<NodeNameList>? ReadClusters(ScenarioReading reading, YamlNode value)
    {
        if (reading.File.Items(value, Clusters) is not { Count: > 0 } items)
            return null;

        return [.. items.Select(i => reading.Names.Several(i) ?? new NodeNameList([], Complete: false))];
    }
}
