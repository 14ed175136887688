using System.Globalization;

namespace Cleave.KernelTests.Harness;

/// <summary>A lab file of networks, nodes, routers, routes and kernel parameters as a seed has them.</summary>
internal sealed class RandomLab
{
    private readonly Random _random;
    private readonly List<Net> _nets = [];
    private readonly List<Member> _members = [];

    public RandomLab(int seed)
    {
        _random = new Random(seed);
        for (int i = 0; i < _random.Next(1, 4); i++)
        {
            _nets.Add(new Net(i, Has4: _random.Next(4) > 0, _random.Next(2) > 0, _random.Next(3) > 0 ? null : _random.Next(1280, 9001)));
        }

        for (int i = 0; i < _random.Next(1, 8); i++)
        {
            Net[] on = [.. _nets.Where(_ => _random.Next(2) == 0)];
            _members.Add(new Member($"n{i + 1}", on.Length > 0 ? on : [_nets[_random.Next(_nets.Count)]], IsRouter: _random.Next(3) == 0));
        }

        // A network with nobody on it is a mistake of the file.
        _nets.RemoveAll(n => !_members.Any(m => m.On.Contains(n)));
        NodesOfABridge = _random.Next(4) == 0 ? $"{_random.Next(1, 5)}" : null;
    }

    public IReadOnlyList<string> Nodes => [.. _members.Select(m => m.Name)];

    /// <summary>For the variable CLEAVE_NODES_OF_A_BRIDGE.</summary>
    public string? NodesOfABridge { get; }

    public string Yaml()
    {
        IEnumerable<string> networks = _nets.Select(n =>
            $"  {n.Name}: {{subnet: [{string.Join(", ", n.Subnets)}]{(n.Mtu is { } mtu ? string.Create(CultureInfo.InvariantCulture, $", mtu: {mtu}") : "")}}}");
        return $"cleave: 1\n{Links()}networks:\n{string.Join('\n', networks)}\nnodes:\n{string.Concat(_members.Select(Node))}";
    }

    /// <summary>Between nodes, or to the fabric; in a subnet of their own or with addresses apart.</summary>
    private string Links()
    {
        var links = new List<string>();
        for (int i = 0; i < _random.Next(3); i++)
        {
            string[] ends = [.. _members.Select(m => m.Name).Append("fabric").OrderBy(_ => _random.Next()).Take(2)];
            bool isSubnet = _random.Next(2) == 0, hasIPv6 = _random.Next(2) == 0;
            IEnumerable<string> sides = ends.Select((end, side) =>
            {
                string four = isSubnet ? $"172.20.{i}.{side + 1}/30" : $"172.2{side + 1}.{i}.1";
                string addresses = hasIPv6 ? $"[{four}, \"fd20:{i}::{side + 1}/64\"]" : four;
                return $"{end}: {(_random.Next(2) == 0 || end == "fabric" ? $"{{ip: {addresses}, interface: l{i}.{side}}}" : addresses)}";
            });
            links.Add($"  link{i}: {{{(_random.Next(2) == 0 ? "mtu: 1400, " : "")}ends: {{{string.Join(", ", sides)}}}}}\n");
        }

        return links.Count == 0 ? "" : $"links:\n{string.Concat(links)}";
    }

    private string Node(Member member, int number)
    {
        IEnumerable<string> on = member.On.Select(n =>
        {
            string addresses = $"[{string.Join(", ", n.Addresses(number))}]";
            return $"      {n.Name}: {(_random.Next(4) == 0 ? $"{{ip: {addresses}, interface: {n.Name}.0}}" : addresses)}\n";
        });
        string text = $"  {member.Name}:\n    networks:\n{string.Concat(on)}{(member.IsRouter ? "    router: true\n" : "")}";
        return text + Routes(member, number) + (_random.Next(4) == 0 ? $"    sysctls: {{net.ipv4.tcp_retries2: {_random.Next(3, 9)}, net.ipv4.conf.default.arp_ignore: 1, net.ipv4.tcp_rmem: 4096 87380 1000000}}\n" : "");
    }

    /// <summary>By routers on the same networks, to networks that the node is not on, somewhere else, or everywhere.</summary>
    private string Routes(Member member, int number)
    {
        var routes = new SortedDictionary<string, SortedDictionary<bool, string>>(StringComparer.Ordinal);
        foreach ((int i, Member router) in _members.Index().Where(m => m.Index != number && m.Item.IsRouter && _random.Next(2) == 0))
        {
            foreach (Net net in router.On.Intersect(member.On))
            {
                foreach (string gateway in net.Addresses(i))
                {
                    bool isIPv6 = gateway.Contains(':', StringComparison.Ordinal);
                    string[] far = [.. _nets.Except(member.On).SelectMany(n => n.Subnets).Where(s => s.Contains(':', StringComparison.Ordinal) == isIPv6)];
                    string elsewhere = isIPv6 ? $"\"fd77:{_random.Next(9)}::1/128\"" : $"192.0.2.{_random.Next(1, 255)}/32";
                    string to = _random.Next(3) switch { 0 => elsewhere, 1 => "default", _ => far.FirstOrDefault(elsewhere) };
                    routes.TryAdd(to, []);
                    routes[to][isIPv6] = gateway;
                }
            }
        }

        return routes.Count == 0 ? "" : $"    routes: {{{string.Join(", ", routes.Select(r => $"{r.Key}: {(r.Value.Count == 1 ? r.Value.Values.First() : $"[{string.Join(", ", r.Value.Values)}]")}"))}}}\n";
    }

    private sealed record Member(string Name, IReadOnlyList<Net> On, bool IsRouter);

    private sealed record Net(int Number, bool Has4, bool Has6, int? Mtu)
    {
        public string Name => $"net{Number}";

        public IEnumerable<string> Subnets => Both($"10.{Number}.0.0/{24 + Number}", $"\"fd00:{Number}::/{64 + (Number * 16)}\"");

        public IEnumerable<string> Addresses(int node) => Both($"10.{Number}.0.{node + 1}", $"\"fd00:{Number}::{node + 1:x}\"");

        private IEnumerable<string> Both(string v4, string v6) => Has4 && Has6 ? [v4, v6] : Has6 ? [v6] : [v4];
    }
}
