using System.Net;
using System.Net.Sockets;

namespace Cleave.Topology;

/// <summary>The two families of addresses.</summary>
internal static class Families
{
    /// <summary>"IPv4" or "IPv6".</summary>
    public static string Name(AddressFamily family) => family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";

    /// <inheritdoc cref="Name(AddressFamily)"/>
    public static string Name(IPAddress address) => Name(address.AddressFamily);
}
