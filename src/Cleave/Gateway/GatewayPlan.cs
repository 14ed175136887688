using System.Collections.Immutable;
using System.Net;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Gateway;

/// <summary>What is to be done, in order.</summary>
/// <param name="Steps">What is run.</param>
/// <param name="Left">Rules that are the user's business.</param>
/// <param name="Notes">What a user may want to know.</param>
public sealed record GatewayPlan(ImmutableArray<GatewayStep> Steps, ImmutableArray<GatewayStep> Left, ImmutableArray<string> Notes)
{
    /// <summary>The name of the gateway's end of its cable to the host.</summary>
    internal const string InsideLink = "host";

    /// <summary>How the names of the gateway's ends of cables to labs begin; the number of the cable follows.</summary>
    internal const string LabLinks = "lab";

    private const int ShortestRoute = 8; // what is wider is a way out of everything, by a VPN for instance

    /// <summary>The words that run a program inside.</summary>
    public static string Enter(string folder) =>
        $"nsenter --user={PlanPrinter.Quote($"{folder}/user")} --net={PlanPrinter.Quote($"{folder}/net")} --preserve-credentials";

    /// <summary>
    /// What makes a gateway, or what is missing of one. If it cannot be mended, because its namespaces or its link are gone, what is left is taken away first.
    /// </summary>
    /// <param name="facts">The host.</param>
    /// <param name="wanted">Its addresses; null: the usual ones.</param>
    /// <param name="firewall">False to leave the host's rules to the user.</param>
    /// <exception cref="CleaveException">The host uses these addresses, or the gateway is there with others.</exception>
    public static GatewayPlan Create(HostFacts facts, GatewayNetwork? wanted, bool firewall)
    {
        if (facts.Mark is { } mark && facts.Held.Length == 2 && facts.Inside is not null)
        {
            if ((wanted is not null && wanted != mark.Network) || mark.Firewall != firewall)
            {
                throw new InputException(
                    $"there is a gateway with {mark.Network}{(mark.Firewall ? "" : " and --no-firewall")}: cleave gateway destroy takes it away first");
            }

            return Mend(facts, mark);
        }

        ImmutableArray<GatewayStep> remains = facts.HasRemains ? Destroy(facts).Steps : [];
        bool wasOff = facts.Mark?.ForwardingWasOff ?? (!facts.Forwards || facts.Others.Any(o => o.Mark.ForwardingWasOff));
        HostFacts bare = facts with
        {
            Links = [.. facts.Links.Where(l => l.Name != facts.Name)],
            Used = [.. facts.Used.Where(u => u.Link != facts.Name)],
        };
        GatewayNetwork network = Choose(bare, wanted);
        (bool ipv6, string? forced, string? whyNot) = IPv6(bare, network);
        var made = new GatewayMark(network, wasOff, facts.Resolvers.Local, firewall) { IPv6 = ipv6, Forced = forced };
        (ImmutableArray<GatewayStep> steps, ImmutableArray<GatewayStep> left) = Make(facts, made);
        string[] blind = facts.Firewall is null && firewall && facts.IptablesPrograms.Length > 0
            ? ["only root can see which firewall there is: create looks, and makes the rules for iptables only where its rules are in force, and others where tables of others lose packets"]
            : [];
        return new GatewayPlan(
            [.. remains, .. steps, .. firewall ? left : []],
            firewall ? [] : left,
            [.. facts.Resolvers.Notes, .. whyNot is null ? (string[])[] : [whyNot], .. blind]);
    }

    /// <summary>What is missing; and where the host has another resolver of its own by now, all rules anew, since they lead there.</summary>
    private static GatewayPlan Mend(HostFacts facts, GatewayMark mark)
    {
        GatewayMark now = HasMoved(facts, mark) ? mark with { Resolver = facts.Resolvers.Local } : mark;
        GatewayStep[] old = now == mark ? [] : [.. Destroy(facts).Steps.Where(s => s is GatewayStep.CloseIptables or GatewayStep.CloseChain or GatewayStep.DeleteTable)];
        HostFacts left = now == mark || facts.Firewall is not { } seen ? facts : facts with
        {
            Firewall = seen with { OwnTable = false, Marked = [], Iptables = [.. seen.Iptables.Select(i => i with { Marked = [] })] },
        };
        (ImmutableArray<GatewayStep> steps, ImmutableArray<GatewayStep> rules) = Make(left, now);
        return new GatewayPlan(
            [.. old, .. steps.Concat(mark.Firewall ? rules : []).Where(s => s.IsThere(left) == false)], mark.Firewall ? [] : rules, facts.Resolvers.Notes);
    }

    /// <summary>Whether the gateway's address leads to another resolver than the host has.</summary>
    private static bool HasMoved(HostFacts facts, GatewayMark mark) => facts.Resolvers.Local is { } local && !local.Equals(mark.Resolver);

    /// <summary>Whether IPv6 leads out, by which link that forwards it only since there is a gateway; if not though the host has it, why.</summary>
    private static (bool Leads, string? Forced, string? WhyNot) IPv6(HostFacts facts, GatewayNetwork network)
    {
        if (facts.IPv6.WayOut is not { } link)
        {
            return (false, null, null);
        }

        if (facts.Used.FirstOrDefault(u => u.Network.PrefixLength > 0 && AddressRange.Of(u.Network).Overlaps(AddressRange.Of(network.Whole6))) is { } user)
        {
            return (false, null, $"no IPv6: the host uses addresses of {network.Whole6} already: {user.What}");
        }

        return facts.IPv6 switch
        {
            { Forwards: true } => (true, null, null),
            { Forcing: { } forcing } => (true, forcing.Contains(link) && facts.Others.All(o => o.Mark.Forced != link) ? null : link, null),
            _ => (false, null, "no IPv6: the host does not forward it, and told to it would no longer configure itself by what routers advertise "
                + "(net.ipv6.conf.all.forwarding, accept_ra); from Linux 6.17 on single links can be told"),
        };
    }

    /// <summary>What takes away all that is left of a gateway; nothing if there is none.</summary>
    public static GatewayPlan Destroy(HostFacts facts)
    {
        var steps = new List<GatewayStep>();
        FirewallFacts seen = facts.Firewall ?? FirewallFacts.None;
        steps.AddRange(seen.Iptables.SelectMany(i => i.Marked.Select(m => new GatewayStep.CloseIptables(i.Program, m))));
        steps.AddRange(seen.Marked.Select(m => new GatewayStep.CloseChain(m)));
        if (seen.OwnTable || (facts.Firewall is null && facts.Mark is { Firewall: true }))
        {
            steps.Add(new GatewayStep.DeleteTable(facts.Name));
        }

        // Before the link, which says so: or who is interrupted between the two would leave it on.
        if (facts is { Mark.ForwardingWasOff: true, Forwards: true } && !facts.Others.Any())
        {
            steps.Add(new GatewayStep.StopForwarding());
        }

        if (facts.Mark?.Forced is { } forced && facts.IPv6.Forcing?.Contains(forced) == true && facts.Others.All(o => o.Mark.Forced != forced))
        {
            steps.Add(new GatewayStep.StopForcing(forced));
        }

        if (facts.HasCable)
        {
            steps.Add(new GatewayStep.DeleteCable(facts.Name));
        }

        steps.AddRange(facts.Holders.Select(h => new GatewayStep.StopHolder(h)));
        steps.AddRange(facts.Held.Select(k => new GatewayStep.ReleaseNamespace(facts.Folder, k)));
        if (facts.HasFolder)
        {
            steps.Add(new GatewayStep.RemoveFolder(facts.Folder));
        }

        string[] notes = facts.Firewall is null && facts.IptablesPrograms.Length > 0 && facts.Mark is { Firewall: true }
            ? [$"only root can see whether there are rules of iptables with the comment {facts.Name}; they are deleted, too"]
            : [];
        string[] losing = facts.Inside is { Labs: [_, ..] labs } ? [$"these labs run on without a way out: {string.Join(", ", labs.Select(l => l.Lab))}"] : [];
        return new GatewayPlan([.. steps], [], [.. losing, .. notes]);
    }

    /// <summary>What is missing of the gateway that there is; null: there is none.</summary>
    public static ImmutableArray<string>? Missing(HostFacts facts)
    {
        if (!facts.HasRemains)
        {
            return null;
        }

        if (facts.Mark is not { } mark)
        {
            return [$"the link {facts.Name}, and what depends on it"];
        }

        (ImmutableArray<GatewayStep> steps, ImmutableArray<GatewayStep> rules) = Make(facts, mark);
        string[] moved = HasMoved(facts, mark) ? [$"the way to the host's resolver {facts.Resolvers.Local}"] : [];
        return [.. steps.Concat(mark.Firewall ? rules : []).Where(s => s.IsThere(facts) == false).Select(s => s.Makes).OfType<string>().Distinct(), .. moved];
    }

    private static (ImmutableArray<GatewayStep> Steps, ImmutableArray<GatewayStep> Rules) Make(HostFacts facts, GatewayMark mark)
    {
        (string name, string folder) = (facts.Name, facts.Folder);
        return (
        [
            new GatewayStep.StartHolder(folder),
            new GatewayStep.MakeFolder(folder),
            new GatewayStep.HoldNamespace(folder, "user"),
            new GatewayStep.HoldNamespace(folder, "net"),
            new GatewayStep.AddCable(name),
            new GatewayStep.StopHolder(null),
            new GatewayStep.MarkCable(name, mark),
            new GatewayStep.ConnectHost(name, mark.Network, mark.IPv6),
            new GatewayStep.ConnectInside(folder, mark.Network, mark.IPv6),
            .. mark.Resolver is { } r && IPAddress.IsLoopback(r) ? (GatewayStep[])[new GatewayStep.RouteLoopback(name)] : [],
            .. mark.ForwardingWasOff || !facts.Forwards ? (GatewayStep[])[new GatewayStep.Forward()] : [],
            .. mark.IPv6 && !facts.IPv6.Forwards ? (GatewayStep[])[new GatewayStep.Force(name, IsOurs: true)] : [],
            .. mark.Forced is { } link ? (GatewayStep[])[new GatewayStep.Force(link, IsOurs: false)] : [],
        ],
        [.. Rules(facts, mark)]);
    }

    private static IEnumerable<GatewayStep> Rules(HostFacts facts, GatewayMark mark)
    {
        string name = facts.Name;
        yield return new GatewayStep.AddTable(name, mark.Network, mark.Resolver, mark.IPv6);

        // An accepted packet goes on to the next table: in ours we can lose what others accept, but not save what they lose.
        foreach (ClosedChain chain in facts.Firewall?.Closed ?? [])
        {
            if (chain.Family == "ip6" && !mark.IPv6)
            {
                continue;
            }

            foreach ((string what, string match) in chain.Hook == "forward"
                ? [("answers", $"oifname \"{name}\" ct state established,related"), ("out", $"iifname \"{name}\"")]
                : mark.Resolver is null || chain.Family == "ip6" ? ((string, string)[])[]
                : [("tcp", $"iifname \"{name}\" ip daddr {mark.Resolver} tcp dport 53"), ("udp", $"iifname \"{name}\" ip daddr {mark.Resolver} udp dport 53")])
            {
                yield return new GatewayStep.OpenChain(chain, name, what, match);
            }
        }

        IEnumerable<(string Program, string Chain)> filters = facts.Firewall is { } seen
            ? seen.Iptables.SelectMany(i => i.Filters.Select(f => (i.Program, f)))
            : facts.IptablesPrograms.Where(p => p is "iptables" or "ip6tables").SelectMany(p => (IEnumerable<(string, string)>)[(p, "FORWARD"), (p, "INPUT")]);
        foreach ((string program, string chain) in filters)
        {
            bool isSix = program.StartsWith("ip6", StringComparison.Ordinal);
            if (isSix && !mark.IPv6)
            {
                continue;
            }

            foreach (string rule in chain == "FORWARD"
                ? [$"-i {name}", $"-o {name} -m conntrack --ctstate RELATED,ESTABLISHED"]
                : mark.Resolver is null || isSix ? (string[])[]
                : [$"-d {mark.Resolver}/32 -i {name} -p udp -m udp --dport 53", $"-d {mark.Resolver}/32 -i {name} -p tcp -m tcp --dport 53"])
            {
                yield return new GatewayStep.OpenIptables(program, chain, rule, name);
            }
        }
    }

    /// <summary>The addresses asked for, or the first of the usual ones that no other gateway has; a refusal if the host uses them otherwise.</summary>
    private static GatewayNetwork Choose(HostFacts facts, GatewayNetwork? wanted)
    {
        GatewayNetwork? chosen = wanted ?? GatewayNetwork.Usual.FirstOrDefault(n => facts.Others.All(o => o.Mark.Network != n));
        if (chosen is not null && Users(chosen).FirstOrDefault() is not { } user)
        {
            return chosen;
        }

        GatewayNetwork? free = GatewayNetwork.Usual.FirstOrDefault(n => !Users(n).Any());
        string remedy = free is null ? "choose another one with --network, such as 10.99.0.0/16" : $"--network {free} is free";
        throw new MachineException(chosen is null
            ? $"every usual network has a gateway of another user's; {remedy}"
            : $"the host uses addresses of {chosen} already: {Users(chosen).First().What}; {remedy}");

        IEnumerable<UsedRange> Users(GatewayNetwork network) => facts.Used.Where(u => u.Network.PrefixLength >= ShortestRoute && network.Overlaps(u.Network));
    }
}
