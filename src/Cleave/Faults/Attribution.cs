using System.Text.RegularExpressions;
using Cleave.Topology;

namespace Cleave.Faults;

/// <summary>
/// Whether it can be told from a packet who speaks to whom. Through a router it is told by the first port and the packet's destination, and by its
/// source and the last port. A router that rewrites destinations, or wraps packets in others, hides both; so does a program that passes on.
/// </summary>
internal static partial class Attribution
{
    /// <summary>Throws if a pair is cut that shares no network, and packets of it could pass a router that hides who speaks to whom.</summary>
    public static void Require(PairSet pairs, LabTopology topology)
    {
        int routed = topology.Networks.Length;
        bool[] hides = [.. topology.Nodes.Select(n => n.IsRouter && Disguise(n) is not null)];
        if (pairs.Networks <= routed || !hides.Contains(true))
        {
            return;
        }

        int[][] networks = NetworksOf(topology);
        int[][] members = [.. Enumerable.Range(0, routed).Select(n => FaultPairs.Members(topology, n))];
        for (int from = 0; from < topology.Nodes.Length; from++)
        {
            if (pairs.Row(routed, from).ContainsAnyExcept(0UL))
            {
                Follow(from);
            }
        }

        // From router to router over what is not cut, with the first router on the way that hides, if one does.
        void Follow(int from)
        {
            var seen = new HashSet<(int Node, int Hidden)> { (from, -1) };
            var open = new Queue<(int Node, int Hidden)>(seen);
            while (open.TryDequeue(out (int Node, int Hidden) at))
            {
                foreach (int network in networks[at.Node])
                {
                    foreach (int next in members[network])
                    {
                        if (next == at.Node || pairs.Contains(network, at.Node, next))
                        {
                            continue;
                        }

                        if (at.Hidden >= 0 && pairs.Contains(routed, from, next) && !networks[from].Intersect(networks[next]).Any())
                        {
                            Node router = topology.Nodes[at.Hidden];
                            throw new InputException(
                                $"packets from {topology.Nodes[from].Name} to {topology.Nodes[next].Name} can pass {router.Name}, where {Disguise(router)} " +
                                $"hides who speaks to whom: cut {topology.Nodes[from].Name} or {topology.Nodes[next].Name} from {router.Name} instead");
                        }

                        if (topology.Nodes[next].IsRouter)
                        {
                            (int, int) then = (next, at.Hidden >= 0 ? at.Hidden : hides[next] ? next : -1);
                            if (seen.Add(then))
                            {
                                open.Enqueue(then);
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Why a cut means nothing: its ends share no network, and no router joins theirs.</summary>
    public static InputException NothingJoins(NodeSet from, NodeSet to, Fault.Cut cut, LabTopology topology)
    {
        string ends = $"{FaultText.List(cut.From)} and {FaultText.List(cut.To)}";
        if (cut.Network is { } network)
        {
            return new($"{ends} share no network {network}, so there is nothing to cut");
        }

        int[][] networks = NetworksOf(topology);
        int[] near = [.. Numbers(from).SelectMany(n => networks[n]).Distinct()];
        int[] far = [.. Numbers(to).SelectMany(n => networks[n]).Distinct()];
        int between = Array.FindIndex(networks, n => n.Intersect(near).Any() && n.Intersect(far).Any());
        return new(between < 0 || from.Contains(between) || to.Contains(between)
            ? $"{ends} share no network and no router joins theirs, so there is nothing to cut"
            : $"{ends} share no network and no router joins theirs, so there is nothing to cut: {topology.Nodes[between].Name} is on both sides and no router, " +
              "so that all it passes on comes from itself; cut it from one of them instead");

        IEnumerable<int> Numbers(NodeSet set) => Enumerable.Range(0, topology.Nodes.Length).Where(set.Contains);
    }

    /// <summary>What in a node's commands hides who speaks to whom, or null.</summary>
    internal static string? Disguise(Node node)
    {
        foreach (Command command in node.Run is null ? node.Setup : node.Setup.Add(node.Run))
        {
            string text = command.ToString()!;
            if (Rewriting().Match(text) is { Success: true } rewriting)
            {
                return $"'{rewriting.Value}' rewrites destinations and";
            }

            if (Tunnel().Match(text) is { Success: true } tunnel)
            {
                return $"a tunnel ('{tunnel.Value}')";
            }
        }

        return null;
    }

    private static int[][] NetworksOf(LabTopology topology)
    {
        var numbers = topology.Networks.Index().ToDictionary(n => n.Item.Name, n => n.Index, StringComparer.Ordinal);
        return [.. topology.Nodes.Select(n => n.Attachments.Select(a => numbers[a.Network]).ToArray())];
    }

    // nft(8): dnat to, redirect to; iptables-extensions(8): -j DNAT, REDIRECT, TPROXY.
    [GeneratedRegex(@"\bdnat\b|\bredirect\b|\btproxy\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Rewriting();

    // ip-link(8), ip-tunnel(8), wg(8), openvpn(8).
    [GeneratedRegex(@"\btype (?:vxlan|geneve|gre|gretap|ipip|sit|ip6tnl|wireguard)\b|\bip (?:tunnel|fou)\b|\bopenvpn\b", RegexOptions.CultureInvariant)]
    private static partial Regex Tunnel();
}
