using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;
using Cleave.Gateway;

namespace Cleave.Cli;

/// <summary>How much of a gateway there is.</summary>
[JsonConverter(typeof(SnakeCaseEnum<GatewayState>))]
internal enum GatewayState
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Some of it.</summary>
    Damaged,

    /// <summary>All that could be looked at.</summary>
    Whole,
}

/// <summary>The user's gateway.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="State">How much of it there is.</param>
/// <param name="Link">The host's end of its cable, also the name of its table and the comment at its rules.</param>
/// <param name="Network">Its addresses, or null.</param>
/// <param name="IPv6">Whether IPv6 leads out, too.</param>
/// <param name="Firewall">False where the rules are left to the user.</param>
/// <param name="Missing">What it lacks.</param>
/// <param name="Unseen">What only root can see.</param>
/// <param name="Resolvers">Whom labs ask for names.</param>
/// <param name="Labs">Those that hang on it.</param>
internal sealed record GatewayReport(
    int Schema,
    GatewayState State,
    string Link,
    string? Network,
    [property: JsonPropertyName("ipv6")] bool IPv6,
    bool Firewall,
    ImmutableArray<string> Missing,
    ImmutableArray<string> Unseen,
    ImmutableArray<string> Resolvers,
    ImmutableArray<GatewayLab> Labs)
{
    public static GatewayReport Of(HostFacts facts)
    {
        ImmutableArray<string>? missing = GatewayPlan.Missing(facts);
        GatewayMark? mark = facts.Mark;
        return new GatewayReport(
            ControlJson.Schema,
            missing is null ? GatewayState.None : missing.Value.Length > 0 ? GatewayState.Damaged : GatewayState.Whole,
            facts.Name,
            mark?.Network.ToString(),
            mark?.IPv6 ?? false,
            mark?.Firewall ?? true,
            missing ?? [],
            facts.Firewall is null && mark is { Firewall: true } ? [$"the nftables table inet {facts.Name}", "rules of iptables"] : [],
            mark is null ? [] : [.. (mark.Resolver is { } r ? (string[])[$"{mark.Network.Host} (the host's {r})"] : []), .. facts.Resolvers.Direct.Select(d => d.ToString())],
            mark is null ? [] : [.. (facts.Inside?.Labs ?? []).Select(l => new GatewayLab(l.Lab, mark.Network.LabEnd(l.Slot).ToString()))]);
    }
}

/// <summary>One of them.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">Its address at the gateway.</param>
internal sealed record GatewayLab(string Id, string Address);
