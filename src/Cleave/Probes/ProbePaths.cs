using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Probes;

/// <summary>From which address to which one node is probed from another: IPv4 and IPv6 where both nodes have it.</summary>
internal static class ProbePaths
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <summary>
    /// One pair of addresses for each family that both have: on the first of the sender's networks that both are on with it, or else their first
    /// addresses, which a router may join. Empty if they have no family in common.
    /// </summary>
    public static ImmutableArray<(IPAddress From, IPAddress To)> Between(Node from, Node to)
    {
        var paths = ImmutableArray.CreateBuilder<(IPAddress, IPAddress)>();
        foreach (AddressFamily family in Families)
        {
            if ((Shared(from, to, family) ?? (First(from, family), First(to, family))) is ({ } source, { } target))
            {
                paths.Add((source, target));
            }
        }

        return paths.ToImmutable();
    }

    /// <summary>
    /// What a client sees that tries every address: the node is reachable if one answers, and unreachable only if none answers at all.
    /// </summary>
    public static Reachability Best(IEnumerable<Reachability> answers)
    {
        var best = Reachability.Unreachable;
        foreach (Reachability answer in answers)
        {
            if (answer == Reachability.Reachable)
            {
                return answer;
            }

            best = answer == Reachability.Refused ? answer : best;
        }

        return best;
    }

    private static (IPAddress? From, IPAddress? To)? Shared(Node from, Node to, AddressFamily family)
    {
        foreach (Attachment near in from.Attachments)
        {
            if (near.AddressOf(family) is { } source && to.Attachments.FirstOrDefault(a => a.Network == near.Network)?.AddressOf(family) is { } target)
            {
                return (source, target);
            }
        }

        return null;
    }

    private static IPAddress? First(Node node, AddressFamily family) => node.Attachments.Select(a => a.AddressOf(family)).FirstOrDefault(a => a is not null);
}
