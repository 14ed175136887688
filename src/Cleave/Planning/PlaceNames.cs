using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>What the network namespaces of a lab are called where commands are printed.</summary>
/// <param name="topology">The lab.</param>
/// <param name="prefix">What stands before each node's name, in double quotes with it; null: nothing, and no quotes.</param>
internal sealed class PlaceNames(LabTopology topology, string? prefix = null)
{
    /// <summary>As a word for the shell.</summary>
    public string Of(Place place) => prefix is null ? Plain(place) : $"\"{prefix}{Plain(place)}\"";

    /// <summary>As people say it.</summary>
    public string Plain(Place place) => place.Node is { } n ? topology.Nodes[n].Name : "fabric";
}
