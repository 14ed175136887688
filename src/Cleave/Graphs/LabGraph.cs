using Cleave.Control;
using Cleave.Topology;

namespace Cleave.Graphs;

/// <summary>Pictures of labs: who is on which network, by which address, and what is cut. Pure: the same lab gives the same picture, byte for byte.</summary>
public static class LabGraph
{
    /// <summary>As SVG, readable on light and on dark pages.</summary>
    /// <param name="topology">The lab.</param>
    /// <param name="faults">What is cut; null: nothing is drawn of it.</param>
    public static string Svg(LabTopology topology, FaultStatus? faults = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return SvgGraph.Draw(topology, Cuts(topology, faults));
    }

    /// <summary>As a flowchart of Mermaid, for pages of Markdown.</summary>
    /// <inheritdoc cref="Svg"/>
    public static string Mermaid(LabTopology topology, FaultStatus? faults = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return MermaidGraph.Write(topology, Cuts(topology, faults));
    }

    private static GraphCuts Cuts(LabTopology topology, FaultStatus? faults) => faults is null ? GraphCuts.None : GraphCuts.Of(faults, topology);
}
