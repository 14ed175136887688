using System.Collections.Immutable;
using System.Net;
using Cleave.Gateway;

namespace Cleave.Tests.Gateway;

/// <summary>Hosts as plans see them.</summary>
internal static class Hosts
{
    public const string Folder = "/run/user/1000/cleave/gateway";

    /// <summary>A host with a resolver on 127.0.0.1, which forwards nothing and has no firewall.</summary>
    public static HostFacts Bare { get; } = new(1000, Folder)
    {
        Links = [new("lo", null), new("eth0", null)],
        Used = [Use("192.168.1.0/24", "eth0")],
        Resolvers = Asking("127.0.0.1"),
        Firewall = FirewallFacts.None,
        IptablesPrograms = ["iptables"],
    };

    public static UsedRange Use(string network, string link) => new(IPNetwork.Parse(network), $"{network}, a route by {link}", link);

    public static Resolvers Asking(params string[] servers) => Resolvers.Of([.. servers.Select(IPAddress.Parse)], [], []);

    /// <summary>The host after these steps.</summary>
    public static HostFacts After(HostFacts facts, IEnumerable<GatewayStep> steps)
    {
        foreach (GatewayStep step in steps)
        {
            facts = After(facts, step);
        }

        return facts;
    }

    private static HostFacts After(HostFacts facts, GatewayStep step)
    {
        FirewallFacts rules = facts.Firewall!;
        return step switch
        {
            GatewayStep.StartHolder => facts with { Holders = facts.Holders.Add(77) },
            GatewayStep.StopHolder => facts with { Holders = [] },
            GatewayStep.MakeFolder => facts with { HasFolder = true },
            GatewayStep.RemoveFolder => facts with { HasFolder = false },
            GatewayStep.HoldNamespace s => facts with { Held = facts.Held.Add(s.Kind) },
            GatewayStep.ReleaseNamespace s => facts with { Held = facts.Held.Remove(s.Kind), Inside = null },
            GatewayStep.AddCable s => facts with { Links = facts.Links.Add(new HostLink(s.Name, null)) },
            GatewayStep.DeleteCable s => facts with
            {
                Links = facts.Links.RemoveAll(l => l.Name == s.Name),
                Used = facts.Used.RemoveAll(u => u.Link == s.Name),
                RoutesLoopback = false,
                IPv6 = facts.IPv6 with { Forcing = facts.IPv6.Forcing?.Remove(s.Name) },
            },
            GatewayStep.MarkCable s => facts with { Links = facts.Links.Select(l => l.Name == s.Name ? new HostLink(l.Name, s.Mark.ToString()) : l).ToImmutableArray() },
            GatewayStep.ConnectHost s => facts with
            {
                Used = [.. facts.Used, Use(s.Network.Cable.ToString(), s.Name), .. s.IPv6 ? (UsedRange[])[Use(s.Network.Cable6.ToString(), s.Name)] : []],
            },
            GatewayStep.ConnectInside s => facts with { Inside = new InsideFacts(s.IPv6 ? [4, 6] : [4], true, []) },
            GatewayStep.Force s => facts with { IPv6 = facts.IPv6 with { Forcing = facts.IPv6.Forcing!.Value.Add(s.Link) } },
            GatewayStep.StopForcing s => facts with { IPv6 = facts.IPv6 with { Forcing = facts.IPv6.Forcing!.Value.Remove(s.Link) } },
            GatewayStep.RouteLoopback => facts with { RoutesLoopback = true },
            GatewayStep.Forward => facts with { Forwards = true },
            GatewayStep.StopForwarding => facts with { Forwards = false },
            GatewayStep.AddTable => facts with { Firewall = rules with { OwnTable = true } },
            GatewayStep.DeleteTable => facts with { Firewall = rules with { OwnTable = false } },
            GatewayStep.OpenChain s => facts with
            {
                Firewall = rules with { Marked = rules.Marked.Add(new MarkedRule(s.Chain.Family, s.Chain.Table, s.Chain.Name, s.Comment, rules.Marked.Length + 1)) },
            },
            GatewayStep.CloseChain s => facts with { Firewall = rules with { Marked = rules.Marked.Remove(s.Rule) } },
            GatewayStep.OpenIptables s => facts with
            {
                Firewall = rules with
                {
                    Iptables = [.. rules.Iptables.Select(i => i.Program == s.Program ? i with { Marked = i.Marked.Add(((GatewayStep.CloseIptables)s.Undo).Saved) } : i)],
                },
            },
            GatewayStep.CloseIptables s => facts with
            {
                Firewall = rules with { Iptables = [.. rules.Iptables.Select(i => i.Program == s.Program ? i with { Marked = i.Marked.Remove(s.Saved) } : i)] },
            },
            _ => throw new InvalidOperationException($"{step.GetType().Name} is not played"),
        };
    }
}
