using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Cleave.Peer;

/// <summary>Whom a peer greets, and how often.</summary>
public sealed record PeerOptions
{
    /// <summary>The port where nothing else is said.</summary>
    public const int DefaultPort = 7000;

    /// <summary>Its own name, as the others know it.</summary>
    public required string Name { get; init; }

    /// <summary>Where it listens, over UDP and TCP.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Whom it greets, in the order of the log.</summary>
    public required ImmutableArray<PeerAddress> Others { get; init; }

    /// <summary>The time from one greeting to the next; 200 ms by default.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A peer that was silent for so long is lost; 1 s by default. At least twice <see cref="Every"/>, or every delay is a loss.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Reads a list such as <c>a=172.23.0.11 b=172.23.0.12:7001 c=[fd00::3]:7000</c>, its entries parted by spaces or commas,
    /// in which the peer's own entry says where it listens; without one it listens on every address.
    /// </summary>
    /// <param name="name">The peer's own name.</param>
    /// <param name="nodes">The list.</param>
    /// <param name="port">For entries that name none.</param>
    /// <param name="options">The result, with the default times.</param>
    /// <param name="mistake">What is wrong with the list.</param>
    public static bool TryParse(
        string name, string nodes, int port, [NotNullWhen(true)] out PeerOptions? options, [NotNullWhen(false)] out string? mistake)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(nodes);
        options = null;
        if (!Greeting.IsName(name))
        {
            mistake = $"'{name}' is no name for a peer: letters, digits, '-' and '.' are expected";
            return false;
        }

        var listen = new IPEndPoint(IPAddress.Any, port);
        var others = ImmutableArray.CreateBuilder<PeerAddress>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in nodes.Split([' ', ',', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split('=', 2) is not [var other, var address] || !Greeting.IsName(other))
                mistake = $"'{entry}' is not of the form NAME=ADDRESS or NAME=ADDRESS:PORT";
            else if (!TryParseAddress(address, port, out var endPoint))
                mistake = $"'{address}' (of {other}) is not an IP address with or without a port";
            else if (!seen.Add(other))
                mistake = $"'{other}' is listed twice";
            else
            {
                if (other == name)
                    listen = endPoint;
                else
                    others.Add(new PeerAddress(other, endPoint));
                continue;
            }

            return false;
        }

        mistake = others.Count == 0 ? "there is nobody else to greet" : null;
        if (mistake is not null)
            return false;

        options = new PeerOptions { Name = name, Listen = listen, Others = others.ToImmutable() };
        return true;
    }

    private static bool TryParseAddress(string text, int port, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        // IPEndPoint would also take "10" for 0.0.0.10.
        if (!IPEndPoint.TryParse(text, out endPoint) || (text.Count(c => c == '.') != 3 && text.Count(c => c == ':') < 2))
            return false;
        if (endPoint.Port == 0)
            endPoint.Port = port;
        return true;
    }
}

/// <summary>Another peer and where it listens, over UDP and TCP.</summary>
/// <param name="Name">As it calls itself in its greetings.</param>
/// <param name="EndPoint">Address and port.</param>
public sealed record PeerAddress(string Name, IPEndPoint EndPoint);
