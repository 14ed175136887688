using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Cleave.Trials;

namespace Cleave.Uplinks;

/// <summary>The name servers of the host, as resolv.conf(5) names them.</summary>
internal static class HostResolvers
{
    private const int Most = 3; // MAXNS of resolv.h

    public static ImmutableArray<IPAddress> Read(string file = "/etc/resolv.conf") => Parse(ProcFacts.Read(file) ?? "");

    /// <summary>In the file's order.</summary>
    public static ImmutableArray<IPAddress> Parse(string text) =>
    [
        .. text.Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f is ["nameserver", _, ..])
            .Select(f => IPAddress.TryParse(f[1], out IPAddress? address) ? address : null)
            .OfType<IPAddress>()
            .Take(Most),
    ];

    /// <summary>
    /// The same as they are reached from a lab: its own loopback is not the host's, so that what listens on that is asked at an address where
    /// somebody puts the question to it. Of IPv6 nobody does, nor for addresses of a link of the host's.
    /// </summary>
    /// <param name="host">The host's.</param>
    /// <param name="families">The families that lead out.</param>
    /// <param name="forwarder">That address; null: there is none.</param>
    public static ImmutableArray<string> Through(ImmutableArray<IPAddress> host, IReadOnlyList<AddressFamily> families, string? forwarder) =>
    [
        .. host.Where(a => !a.IsIPv6LinkLocal && !a.Equals(IPAddress.IPv6Loopback) && families.Contains(a.AddressFamily))
            .Select(a => IPAddress.IsLoopback(a) ? forwarder : a.ToString())
            .OfType<string>().Distinct(StringComparer.Ordinal),
    ];
}
