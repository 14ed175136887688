using System.Globalization;
using System.Net;
using Cleave.Linux;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Ports;

/// <summary>Why the host does not give a port, and what to do about it.</summary>
internal static class PortRefusal
{
    /// <summary>For the user.</summary>
    public static string Of(PublishedPort port, string node, LinuxException e)
    {
        string what = $"port {port.HostText} of the host ({port.Protocol.Word()}), for node {node},";
        return e.Errno switch
        {
            Libc.EADDRINUSE when port.HostPort is { } number => $"{what} is in use{Holder(port, number)}; with \"{Instead(port)}\" Cleave takes a free port, which cleave port {node} tells",
            Libc.EADDRINUSE => $"{what} cannot be had: no port is free",
            Libc.EACCES => $"{what} is only for root, as all below {FirstFree()} (net.ipv4.ip_unprivileged_port_start): "
                + $"choose one from there on, or sudo sysctl net.ipv4.ip_unprivileged_port_start={port.HostPort}",
            Libc.EADDRNOTAVAIL => $"{what} cannot be opened: the host does not have the address {port.Address} (ip addr shows those it has)",
            Libc.EAFNOSUPPORT => $"{what} cannot be opened: the host's kernel has no IPv6",
            _ => $"{what} cannot be opened: {e.Message}",
        };
    }

    /// <summary>Who holds an address and port, in words that begin with a space; empty if that cannot be told.</summary>
    private static string Holder(PublishedPort port, int number)
    {
        foreach (LabRecord lab in LabRegistry.List())
        {
            if (lab.Ports.FirstOrDefault(p => p.Port == number && p.Protocol == port.Protocol && Overlap(IPAddress.Parse(p.Address), port.Address)) is { } taken)
            {
                return $" by lab {lab.Id}, for its node {taken.Node} (cleave down --lab {lab.Id} ends it)";
            }
        }

        HashSet<string> sockets = [.. Tables(port).SelectMany(t => Sockets(t, port, number))];
        return sockets.Count > 0 && Process(sockets) is var (pid, name) ? $" by {name} (process {pid})"
            : $", by a process that you may not look into (sudo ss -ap 'sport = {number}' names it)";
    }

    private static string Instead(PublishedPort port) =>
        (port.Address.Equals(IPAddress.Loopback) ? "" : PublishedPort.Text(port.Address, "")) + $"auto:{port.NodePort}" + (port.Protocol == PortProtocol.Udp ? "/udp" : "");

    private static string FirstFree()
    {
        try
        {
            return File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start").Trim();
        }
        catch (IOException)
        {
            return "1024";
        }
    }

    private static bool Overlap(IPAddress one, IPAddress other) =>
        one.Equals(other)
        || (one.AddressFamily == other.AddressFamily && (IsAny(one) || IsAny(other)))
        || one.Equals(IPAddress.IPv6Any) || other.Equals(IPAddress.IPv6Any); // by default such a socket has IPv4, too

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IEnumerable<string> Tables(PublishedPort port) => [$"/proc/net/{port.Protocol.Word()}", $"/proc/net/{port.Protocol.Word()}6"];

    /// <summary>The sockets of a table (proc_net(5)) that are in the way, as /proc/PID/fd shows them.</summary>
    private static IEnumerable<string> Sockets(string table, PublishedPort port, int number)
    {
        const string Listening = "0A";
        if (!File.Exists(table))
        {
            yield break;
        }

        foreach (string line in File.ReadLines(table).Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields is [_, var local, _, var state, _, _, _, _, _, var inode, ..] && local.Split(':') is [var address, var at]
                && int.Parse(at, NumberStyles.HexNumber, CultureInfo.InvariantCulture) == number
                && (port.Protocol == PortProtocol.Udp || state == Listening) && Overlap(Address(address), port.Address))
            {
                yield return $"socket:[{inode}]";
            }
        }
    }

    /// <summary>Four-byte words, each as a number of this machine.</summary>
    private static IPAddress Address(string hex) => new([.. hex.Chunk(8).SelectMany(w => BitConverter.GetBytes(uint.Parse(w, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))]);

    private static (int Pid, string Name)? Process(HashSet<string> sockets)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), out int pid))
            {
                continue;
            }

            try
            {
                if (new DirectoryInfo(Path.Combine(folder, "fd")).EnumerateFileSystemInfos().Any(f => f.LinkTarget is { } target && sockets.Contains(target)))
                {
                    return (pid, File.ReadAllText(Path.Combine(folder, "comm")).Trim());
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended while we looked, or another user's.
            }
        }

        return null;
    }
}
