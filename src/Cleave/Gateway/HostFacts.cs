using System.Collections.Immutable;
using System.Net;

namespace Cleave.Gateway;

/// <summary>A link of the host, and its alias.</summary>
public sealed record HostLink(string Name, string? Alias);

/// <summary>Addresses that the host uses.</summary>
/// <param name="Network">Which.</param>
/// <param name="What">What uses them, for messages: "the route 10.0.0.0/8 by tun0".</param>
/// <param name="Link">By which link.</param>
public sealed record UsedRange(IPNetwork Network, string What, string Link);

/// <summary>What is inside of a gateway's namespaces.</summary>
/// <param name="Joined">The families of which the link to the host has an address and is the way out: 4, 6.</param>
/// <param name="HasRules">So are the rules that keep labs apart and hide their addresses.</param>
/// <param name="Labs">The labs that hang on it: the number of the cable, the lab's id.</param>
public sealed record InsideFacts(ImmutableArray<int> Joined, bool HasRules, ImmutableArray<(int Slot, string Lab)> Labs);

/// <summary>What of IPv6 matters to a gateway.</summary>
/// <param name="WayOut">The link that the default route leads by; null: there is none.</param>
/// <param name="Forwards">Whether the host forwards it.</param>
/// <param name="Forcing">Links that forward it though the host does not (<c>force_forwarding</c>, Linux 6.17); null: this kernel cannot.</param>
public sealed record IPv6Facts(string? WayOut, bool Forwards, ImmutableArray<string>? Forcing);

/// <summary>All of the host that a gateway's plan depends on.</summary>
/// <param name="Uid">Whose gateway it is.</param>
/// <param name="Folder">Its folder in the user's runtime directory.</param>
public sealed record HostFacts(uint Uid, string Folder)
{
    /// <summary>Links of the host.</summary>
    public ImmutableArray<HostLink> Links { get; init; } = [];

    /// <summary>Its addresses and routes, those of loopback and the way out of everything left out.</summary>
    public ImmutableArray<UsedRange> Used { get; init; } = [];

    /// <summary>Whom it asks for names.</summary>
    public Resolvers Resolvers { get; init; } = new(null, [], []);

    /// <summary>Whether it forwards IPv4.</summary>
    public bool Forwards { get; init; }

    /// <summary>The same of IPv6.</summary>
    public IPv6Facts IPv6 { get; init; } = new(null, false, null);

    /// <summary>Whether packets to its loopback addresses may come in by our cable.</summary>
    public bool RoutesLoopback { get; init; }

    /// <summary>Whether the folder is there.</summary>
    public bool HasFolder { get; init; }

    /// <summary>Which namespaces are held in it.</summary>
    public ImmutableArray<string> Held { get; init; } = [];

    /// <summary>Processes that hold namespaces for this folder, left by a creation that was killed.</summary>
    public ImmutableArray<int> Holders { get; init; } = [];

    /// <summary>Programs called iptables.</summary>
    public ImmutableArray<string> IptablesPrograms { get; init; } = [];

    /// <summary>Its firewall; null: nobody could look.</summary>
    public FirewallFacts? Firewall { get; init; }

    /// <summary>What is inside; null where there is no inside, or no way in.</summary>
    public InsideFacts? Inside { get; init; }

    /// <summary>The name of the link, of the table, and the comment at our rules.</summary>
    public string Name => GatewayMark.NameOf(Uid);

    /// <summary>Whether the link is there.</summary>
    public bool HasCable => Links.Any(l => l.Name == Name);

    /// <summary>What this user's gateway was made with; null if there is none.</summary>
    public GatewayMark? Mark => GatewayMark.Parse(Links.FirstOrDefault(l => l.Name == Name)?.Alias);

    /// <summary>The gateways of others.</summary>
    public IEnumerable<(string Link, GatewayMark Mark)> Others =>
        from l in Links
        where l.Name != Name
        let mark = GatewayMark.Parse(l.Alias)
        where mark is not null
        select (l.Name, mark);

    /// <summary>Whether anything of a gateway of this user's is there.</summary>
    public bool HasRemains =>
        HasCable || HasFolder || Holders.Length > 0 || Firewall is { OwnTable: true } or { Marked.Length: > 0 } || Firewall?.Iptables.Any(i => i.Marked.Length > 0) == true;
}
