using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Cleave.Probes;

/// <summary>Who listens for TCP connections, as /proc/net/tcp and /proc/net/tcp6 say it (proc_pid_net(5)).</summary>
internal static class Listeners
{
    private const string Listening = "0A"; // TCP_LISTEN of linux/include/net/tcp_states.h

    /// <summary>The addresses at which a process of that network namespace listens on the port.</summary>
    /// <param name="pid">A process in the network namespace, by its number in our own PID namespace.</param>
    /// <param name="port">1 to 65535.</param>
    /// <returns>Empty if nobody listens, or the process has ended.</returns>
    public static ImmutableArray<IPAddress> On(int pid, int port)
    {
        try
        {
            return
            [
                .. Parse(File.ReadLines($"/proc/{pid}/net/tcp")).Concat(Parse(File.ReadLines($"/proc/{pid}/net/tcp6")))
                    .Where(l => l.Port == port).Select(l => l.Address).Distinct(),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Why nobody outside can connect although somebody listens; null if that is not it.</summary>
    /// <param name="listeners">Where somebody listens on the port.</param>
    /// <param name="port">The port.</param>
    /// <param name="wanted">The node's address.</param>
    public static string? Explain(ImmutableArray<IPAddress> listeners, int port, IPAddress wanted) =>
        listeners.IsEmpty || !listeners.All(IPAddress.IsLoopback)
            ? null
            : $"it listens on {new IPEndPoint(listeners[0], port)} only, where nobody outside the node reaches it; let it listen on {wanted} or " +
              (wanted.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "::" : "0.0.0.0");

    internal static IEnumerable<IPEndPoint> Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines.Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 3 && fields[3] == Listening && fields[1].Split(':') is [var address, var port])
            {
                // Words of 32 bits, each in the byte order of the machine.
                byte[] bytes = [.. Convert.FromHexString(address).Chunk(4).SelectMany(w => BitConverter.IsLittleEndian ? w.Reverse() : w)];
                yield return new IPEndPoint(new IPAddress(bytes), int.Parse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }
        }
    }
}
