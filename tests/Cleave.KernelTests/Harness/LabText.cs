namespace Cleave.KernelTests.Harness;

/// <summary>A lab as tests describe it: which nodes are on which networks. A node has the same last byte on each.</summary>
internal sealed class LabText
{
    private readonly List<(string Name, string Prefix, string[] Nodes)> _networks = [];

    /// <summary>One network, lan.</summary>
    public static LabText Of(params string[] nodes) => new LabText().With("lan", "172.23.0", nodes);

    public IReadOnlyList<string> Nodes => [.. _networks.SelectMany(n => n.Nodes).Distinct()];

    public IReadOnlyList<(string Name, string Prefix, string[] Nodes)> Networks => _networks;

    /// <summary>Whether every network has IPv6, too.</summary>
    public bool IsDualStack { get; private set; }

    /// <summary>The same with IPv6 beside IPv4 on every network.</summary>
    public LabText DualStack()
    {
        IsDualStack = true;
        return this;
    }

    /// <summary>One network more.</summary>
    /// <param name="network">Its name.</param>
    /// <param name="prefix">Three bytes of its addresses.</param>
    /// <param name="nodes">Who is on it.</param>
    public LabText With(string network, string prefix, params string[] nodes)
    {
        _networks.Add((network, prefix, nodes));
        return this;
    }

    public string Address(string node, string network = "lan") => $"{_networks.Single(n => n.Name == network).Prefix}.{Nodes.ToList().IndexOf(node) + 1}";

    /// <summary>The IPv6 address.</summary>
    public string Address6(string node, string network = "lan") =>
        $"fd00:{_networks.FindIndex(n => n.Name == network)}::{Nodes.ToList().IndexOf(node) + 1:x}";

    /// <summary>The IPv4 addresses.</summary>
    public IReadOnlyList<string> Addresses(string node) => [.. _networks.Where(n => n.Nodes.Contains(node)).Select(n => Address(node, n.Name))];

    /// <summary>Every ordered pair for which the condition holds, as "from>to@network", and with IPv6 as "from>to@network by ipv6".</summary>
    public SortedSet<string> Pairs(Func<string, string, string, bool> passes) => new(
        from n in _networks
        from a in n.Nodes
        from b in n.Nodes
        where a != b && passes(n.Name, a, b)
        from family in IsDualStack ? ["", " by ipv6"] : (string[])[""]
        select $"{a}>{b}@{n.Name}{family}",
        StringComparer.Ordinal);

    /// <summary>The lab file.</summary>
    /// <param name="more">What else each node has, such as <c>run: [...]</c>; joined with commas.</param>
    public string Yaml(Func<string, string>? more = null)
    {
        IEnumerable<string> networks = _networks.Select((n, i) => $"  {n.Name}: {{subnet: {Both($"{n.Prefix}.0/24", $"fd00:{i}::/64")}}}");
        IEnumerable<string> nodes = Nodes.Select(node =>
        {
            IEnumerable<string> on = _networks.Where(n => n.Nodes.Contains(node)).Select(n => $"{n.Name}: {Both(Address(node, n.Name), Address6(node, n.Name))}");
            return $"  {node}: {{networks: {{{string.Join(", ", on)}}}{(more is null ? "" : $", {more(node)}")}}}";
        });
        return $"cleave: 1\nnetworks:\n{string.Join('\n', networks)}\nnodes:\n{string.Join('\n', nodes)}\n";
    }

    private string Both(string v4, string v6) => IsDualStack ? $"[{v4}, \"{v6}\"]" : v4;
}
