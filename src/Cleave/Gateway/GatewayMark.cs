using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Cleave.Gateway;

/// <summary>
/// What a gateway was made with. It stands as alias on the host's end of its cable, where every user can read it, so that it is gone exactly when the
/// settings of the kernel that it speaks of are: with the link, or at the next boot.
/// </summary>
/// <param name="Network">Its addresses.</param>
/// <param name="ForwardingWasOff">The host forwarded nothing before the first gateway was made, and shall not after the last.</param>
/// <param name="Resolver">The host's address to which questions for names go that come to the gateway's address; null: no such.</param>
/// <param name="Firewall">False where its user looks after the rules (<c>--no-firewall</c>).</param>
public sealed record GatewayMark(GatewayNetwork Network, bool ForwardingWasOff, IPAddress? Resolver, bool Firewall)
{
    /// <summary>Whether IPv6 leads out, too.</summary>
    public bool IPv6 { get; init; }

    /// <summary>The link by which the host reaches the IPv6 internet, and which forwarded nothing before the first gateway; null: none had to be told.</summary>
    public string? Forced { get; init; }

    private const string Head = "cleave gateway ";

    /// <summary>The name of the link, of the table, and the comment at rules elsewhere: by the user's number, so that each has one of their own.</summary>
    public static string NameOf(uint uid) =>
        string.Create(CultureInfo.InvariantCulture, $"{(uid < 1_000_000_000 ? "cleave" : "clv")}{uid}"); // a link's has 15 characters at most

    /// <summary>As alias.</summary>
    public override string ToString() =>
        $"{Head}network={Network} forwarding={(ForwardingWasOff ? 0 : 1)} resolver={Resolver?.ToString() ?? "-"} firewall={(Firewall ? 1 : 0)} ipv6={(IPv6 ? 1 : 0)} forced={Forced ?? "-"}";

    /// <summary>Null if the alias is none of ours.</summary>
    public static GatewayMark? Parse(string? alias)
    {
        if (alias?.StartsWith(Head, StringComparison.Ordinal) != true)
        {
            return null;
        }

        var words = alias[Head.Length..].Split(' ').Select(w => w.Split('=', 2)).Where(w => w.Length == 2).ToImmutableDictionary(w => w[0], w => w[1], StringComparer.Ordinal);
        try
        {
            return new GatewayMark(
                GatewayNetwork.Parse(words.GetValueOrDefault("network", "")),
                words.GetValueOrDefault("forwarding") == "0",
                IPAddress.TryParse(words.GetValueOrDefault("resolver"), out IPAddress? resolver) ? resolver : null,
                words.GetValueOrDefault("firewall") != "0")
            {
                IPv6 = words.GetValueOrDefault("ipv6") == "1",
                Forced = words.GetValueOrDefault("forced") is { } forced and not "-" ? forced : null,
            };
        }
        catch (InputException)
        {
            return null;
        }
    }
}
