using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;

namespace Cleave.Topology;

/// <summary>How the nodes of a lab reach the host's network and the internet.</summary>
[JsonConverter(typeof(SnakeCaseEnum<GatewayChoice>))]
public enum GatewayChoice
{
    /// <summary>Not at all: a sealed lab.</summary>
    None,

    /// <summary>As the user who starts it, without any right more: by pasta, or slirp4netns.</summary>
    User,

    /// <summary>By the gateway that <c>cleave gateway create</c> has made.</summary>
    Privileged,

    /// <summary>By the best there is: privileged if there is such a gateway, else user.</summary>
    Auto,
}

/// <summary>The words for them.</summary>
public static class GatewayWords
{
    /// <summary>In the order of <see cref="GatewayChoice"/>.</summary>
    public static ImmutableArray<string> All { get; } = ["none", "user", "privileged", "auto"];

    /// <summary>The choice that a word stands for; null if it stands for none.</summary>
    public static GatewayChoice? Read(string? word) => word is not null && All.IndexOf(word) is >= 0 and var index ? (GatewayChoice)index : null;
}
