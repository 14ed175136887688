using System.Net;
using System.Text.Json.Serialization;
using Cleave.Control;

namespace Cleave.Topology;

/// <summary>A port of a node that is reached at a port of the host.</summary>
/// <param name="Address">The host's address that it is reached at; 127.0.0.1 where the file names none.</param>
/// <param name="HostPort">The host's port; null: a free one, chosen when the lab starts.</param>
/// <param name="NodePort">The port that the node's program listens on.</param>
/// <param name="Protocol">Of both.</param>
/// <param name="At">Where the file says so.</param>
public sealed record PublishedPort(IPAddress Address, int? HostPort, int NodePort, PortProtocol Protocol, Location At)
{
    /// <summary>What stands in a file for a loopback connection inside the node.</summary>
    internal const string Loopback = "loopback";

    /// <summary>The network on which the node is reached, or <c>loopback</c>: inside the node, at 127.0.0.1. Null: its first network.</summary>
    public string? Via { get; init; }

    /// <summary>True if connections are made inside the node: programs that listen on 127.0.0.1 only are reached, and no cut stands in the way.</summary>
    public bool IsViaLoopback => Via == Loopback;

    /// <summary>Whether the host cannot have both at once.</summary>
    public bool CollidesWith(PublishedPort other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return HostPort is { } port && port == other.HostPort && Protocol == other.Protocol && Address.AddressFamily == other.Address.AddressFamily
            && (Address.Equals(other.Address) || IsAny(Address) || IsAny(other.Address));
    }

    /// <summary>As in a file: <c>127.0.0.1:8000</c>, <c>[::1]:auto</c>.</summary>
    public string HostText => Text(Address, HostPort is { } port ? $"{port}" : "auto");

    /// <summary>As in a file: <c>80/tcp</c>.</summary>
    public string NodeText => $"{NodePort}/{Protocol.Word()}";

    internal static string Text(IPAddress address, string port) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}";

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}

/// <summary>What a port is a port of.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PortProtocol>))]
public enum PortProtocol
{
    /// <summary>Connections.</summary>
    Tcp,

    /// <summary>Datagrams.</summary>
    Udp,
}

/// <summary>Words for <see cref="PortProtocol"/>.</summary>
public static class PortProtocols
{
    /// <summary>As in a file.</summary>
    public static string Word(this PortProtocol protocol) => protocol == PortProtocol.Udp ? "udp" : "tcp";
}
