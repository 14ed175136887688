using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Names;

/// <summary>What the lab knows of names: its nodes', and of which it knows that there are none. Pure.</summary>
internal sealed class LabNames
{
    /// <summary>The domain that is the lab's alone.</summary>
    public const string Zone = "lab";

    /// <summary>The name of who answers, on every network.</summary>
    public const string Fabric = $"fabric.{Zone}";

    private readonly LabTopology _topology;
    private readonly FrozenDictionary<string, int> _nodes;
    private readonly FrozenDictionary<IPAddress, int> _owners;
    private readonly FrozenSet<string> _above;
    private readonly ImmutableArray<ImmutableArray<IPAddress>> _fabric;
    private readonly Wiring _wiring;

    public LabNames(LabTopology topology)
    {
        _topology = topology;
        var nodes = new Dictionary<string, int>(StringComparer.Ordinal);
        var owners = new Dictionary<IPAddress, int>();
        foreach ((int number, Node node) in topology.Nodes.Index())
        {
            foreach (string name in HostsFiles.Names(node))
            {
                nodes.TryAdd(name, number);
            }

            foreach (IPAddress address in node.Attachments.SelectMany(a => a.Addresses))
            {
                owners.TryAdd(address, number);
            }
        }

        _nodes = nodes.ToFrozenDictionary(StringComparer.Ordinal);
        _owners = owners.ToFrozenDictionary();
        _above = nodes.Keys.SelectMany(Above).Where(n => !nodes.ContainsKey(n)).ToFrozenSet(StringComparer.Ordinal);
        _wiring = new Wiring(topology);
        _fabric = [.. Enumerable.Range(0, topology.Networks.Length).Select(n => _wiring.FabricAddresses(n).Select(a => a.Address).ToImmutableArray())];
    }

    /// <summary>The fabric's addresses on a network.</summary>
    public ImmutableArray<IPAddress> FabricOn(int network) => _fabric[network];

    /// <summary>The link by which the fabric is on a network.</summary>
    public string FabricLink(int network) => _wiring.FabricSide(network).Link.Name;

    /// <summary>Whose address that is: a node's number, or null.</summary>
    public int? Owner(IPAddress address) => _owners.TryGetValue(address, out int node) ? node : null;

    /// <summary>The addresses of a name of the lab's; null if it has no such name.</summary>
    /// <param name="name">A name in lower case.</param>
    /// <param name="network">The number of the network that the question came by.</param>
    /// <param name="asker">Who asks; null: nobody of the lab.</param>
    public ImmutableArray<IPAddress>? Find(string name, int network, int? asker)
    {
        if (name == Fabric || name == "fabric")
        {
            return FabricOn(network);
        }

        if (!_nodes.TryGetValue(name, out int number))
        {
            return null;
        }

        // As in /etc/hosts: where both are on a network, the addresses there, since the others lie behind a router, if at all.
        Node node = _topology.Nodes[number];
        string here = _topology.Networks[network].Name;
        HashSet<string> shared = asker is { } a ? [.. _topology.Nodes[a].Attachments.Select(x => x.Network)] : [here];
        Attachment[] near = [.. node.Attachments.Where(x => shared.Contains(x.Network) && !x.Addresses.IsEmpty).OrderByDescending(x => x.Network == here)];
        return [.. (near.Length > 0 ? near : [.. node.Attachments]).SelectMany(x => x.Addresses)];
    }

    /// <summary>The name of an address; null if it is nobody's.</summary>
    public string? NameOf(IPAddress address) =>
        _owners.TryGetValue(address, out int node) ? $"{_topology.Nodes[node].Name}.{Zone}"
        : _fabric.Any(f => f.Contains(address)) ? Fabric
        : null;

    /// <summary>Whether an address is on one of the lab's networks, somebody's or nobody's.</summary>
    public bool HasNetworkOf(IPAddress address) => _topology.Networks.Any(n => n.SubnetOf(address) is not null);

    /// <summary>Whether a name of the lab's lies below this one, which has no address of its own (RFC 8020).</summary>
    public bool IsAbove(string name) => name == Zone || _above.Contains(name);

    private static IEnumerable<string> Above(string name)
    {
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return name[(dot + 1)..];
        }
    }
}
