using System.Net;
using Cleave.Faults;
using Cleave.Topology;

namespace Cleave.Tests.Faults;

/// <summary>Labs in a few words.</summary>
internal static class Labs
{
    /// <summary>"a b:lan,wan r:lan,wan:router": nodes and their networks, lan if none is named; networks in the order they are met.</summary>
    public static LabTopology Of(string nodes)
    {
        var networks = new List<string>();
        var made = new List<Node>();
        foreach (string[] parts in nodes.Split(' ').Select(n => n.Split(':')))
        {
            string[] on = parts.Length > 1 ? parts[1].Split(',') : ["lan"];
            networks.AddRange(on.Except(networks));
            int host = made.Count + 1;
            made.Add(new Node(
                parts[0],
                [.. on.Select(n => new Attachment(n, IPAddress.Parse($"10.{networks.IndexOf(n)}.{host / 250}.{(host % 250) + 1}")))])
            {
                IsRouter = parts is [_, _, "router"],
            });
        }

        return new LabTopology(
            "/lab/cleave.yaml", [.. networks.Select((n, i) => new Network(n, IPNetwork.Parse($"10.{i}.0.0/16")))], [.. made], []);
    }

    /// <summary>"n1 n2 …", all on one network.</summary>
    public static LabTopology OfSize(int nodes) => Of(string.Join(' ', Enumerable.Range(1, nodes).Select(n => $"n{n}")));

    public static string Names(int first, int last) => string.Join(' ', Enumerable.Range(first, last - first + 1).Select(n => $"n{n}"));

    public static Fault.Isolate Isolate(string nodes) => new([.. nodes.Split(' ')]);

    /// <summary>"a b | b c".</summary>
    public static Fault.Split Split(string clusters) => new([.. clusters.Split(" | ").Select(c => Isolate(c).Nodes)]);

    public static Fault.Disjoint Disjoint(string clusters) => new(Split(clusters).Clusters);

    public static Fault.Cut Cut(string from, string to, bool bothWays = false, string? network = null) =>
        new(Isolate(from).Nodes, Isolate(to).Nodes, bothWays, network);

    public static Fault.Mend Mend(string from, string to, bool bothWays = false, string? network = null) =>
        new(Isolate(from).Nodes, Isolate(to).Nodes, bothWays, network);

    /// <summary>"a>b b>a"; with several networks "lan:a>b". In order.</summary>
    public static string Show(PairSet pairs, LabTopology lab) => string.Join(' ',
        from network in Enumerable.Range(0, pairs.Networks)
        from a in Enumerable.Range(0, lab.Nodes.Length)
        from b in Enumerable.Range(0, lab.Nodes.Length)
        where pairs.Contains(network, a, b)
        select (lab.Networks.Length == 1 ? "" : network < lab.Networks.Length ? lab.Networks[network].Name + ":" : "routed:") + $"{lab.Nodes[a].Name}>{lab.Nodes[b].Name}");

    public static string Show(Fault fault, LabTopology lab) => Show(FaultPairs.Of(fault, lab), lab);
}
