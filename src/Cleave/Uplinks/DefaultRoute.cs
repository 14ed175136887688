using System.Globalization;
using System.Net.Sockets;
using Cleave.Trials;

namespace Cleave.Uplinks;

/// <summary>Whether this process's network leads anywhere (proc_pid_net(5)).</summary>
internal static class DefaultRoute
{
    private const int Up = 1; // RTF_UP of linux/route.h
    private const int Reject = 0x200; // RTF_REJECT: unreachable default -, which the kernel has of its own for IPv6

    public static bool Exists(AddressFamily family) => family == AddressFamily.InterNetworkV6
        ? Lines("/proc/self/net/ipv6_route").Any(f => f.Length > 8 && f[0].All(c => c == '0') && f[1] == "00" && Leads(f[8]))
        : Lines("/proc/self/net/route").Any(f => f.Length > 7 && f[1] == "00000000" && f[7] == "00000000" && Leads(f[3]));

    private static bool Leads(string flags) =>
        int.TryParse(flags, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int bits) && (bits & (Up | Reject)) == Up;

    private static IEnumerable<string[]> Lines(string file) =>
        (ProcFacts.Read(file) ?? "").Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
