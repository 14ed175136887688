using System.Text;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Graphs;

/// <summary>Writes a lab as a flowchart of Mermaid.</summary>
internal static class MermaidGraph
{
    private const string Red = "stroke:#cf222e,stroke-width:2px";

    public static string Write(LabTopology topology, GraphCuts cuts)
    {
        var wiring = new Wiring(topology);
        var text = new StringBuilder("flowchart TB\n");
        var numbers = topology.Nodes.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        int edges = 0;
        var red = new List<int>();
        foreach ((int i, Network network) in topology.Networks.Index().Where(n => n.Item.Link is null))
        {
            Line($"net{i}[[\"{string.Join("<br/>", network.Subnets.Select(s => s.ToString()).Prepend(network.Name))}\"]]");
        }

        foreach ((int i, Node node) in topology.Nodes.Index())
        {
            string?[] lines = [node.Name, node.IsRouter ? "router" : null, .. node.Ports.Select(p => $"{p.HostText} → {p.NodePort}")];
            Line($"n{i}[\"{string.Join("<br/>", lines.Where(l => l is not null))}\"]{Side(node)}");
        }

        if (topology.Networks.Any(n => n.Link?.Fabric is not null))
        {
            Line("fabric[\"fabric\"]");
        }

        foreach ((int i, Network network) in topology.Networks.Index())
        {
            (string End, string Label, bool IsAlone)[] ends =
            [
                .. wiring.Members(i).Select(m => (
                    $"n{m.Node}",
                    Label(wiring.Inside(m.Node, topology.Nodes[m.Node].Attachments.IndexOf(m.Attachment)).Name, m.Attachment.Addresses),
                    cuts.IsAlone(topology.Nodes[m.Node].Name, network.Name))),
                .. network.Link?.Fabric is { } fabric ? [("fabric", Label(fabric.Interface, fabric.Addresses), false)] : ((string, string, bool)[])[],
            ];
            if (network.Link is not null && ends is [var one, var other])
            {
                Edge(one.End, other.End, one.IsAlone || other.IsAlone, $"{network.Name}: {one.Label} · {other.Label}");
                continue;
            }

            foreach ((string end, string label, bool isAlone) in ends)
            {
                Edge($"net{i}", end, isAlone, label);
            }
        }

        foreach (GraphCuts.Arrow arrow in cuts.Arrows)
        {
            Line($"n{numbers[arrow.From]} {(arrow.IsBothWays ? "x" : "")}-.-x n{numbers[arrow.To]}");
            red.Add(edges++);
        }

        if (cuts.Notes.Count > 0)
        {
            Line($"notes>\"{string.Join("<br/>", cuts.Notes.Select(n => n.Replace("\"", "'", StringComparison.Ordinal)))}\"]");
            Line($"style notes {Red}");
        }

        if (red.Count > 0)
        {
            Line($"linkStyle {string.Join(',', red)} {Red}");
        }

        return text.ToString();

        void Edge(string from, string to, bool isCut, string label)
        {
            Line($"{from} {(isCut ? "x-.-x" : "---")}|\"{label}\"| {to}");
            if (isCut)
            {
                red.Add(edges);
            }

            edges++;
        }

        string Side(Node node) =>
            node.Attachments.Select(a => cuts.SideOf(node.Name, a.Network)).FirstOrDefault(s => s is not null) is { } side ? $"\n    style n{numbers[node.Name]} {Fill(side)}" : "";

        void Line(string line) => text.Append("    ").Append(line).Append('\n');
    }

    private static string Label(string name, IEnumerable<System.Net.IPAddress> addresses) => string.Join("<br/>", addresses.Select((a, i) => i == 0 ? $"{name} {a}" : $"{a}").DefaultIfEmpty(name));

    private static string Fill(char side) => ((side - 'A') % 4) switch { 0 => "fill:#ddf4ff,color:#1f2328", 1 => "fill:#fff8c5,color:#1f2328", 2 => "fill:#dafbe1,color:#1f2328", _ => "fill:#ffeff7,color:#1f2328" };
}
