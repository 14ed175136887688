using System.Globalization;
using System.Net.Sockets;
using Cleave.Linux;

namespace Cleave.Registry;

/// <summary>The processes of a lab as the host numbers them.</summary>
public static class HostProcesses
{
    /// <summary>The lab host's process, from whoever listens on the control socket; null if nobody does.</summary>
    public static int? LabHost(LabRecord lab)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(lab.Socket));
            Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
            return socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials) == 12
                ? BitConverter.ToInt32(credentials)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>For each child of the lab host, its number in the lab and on the host.</summary>
    public static IReadOnlyDictionary<int, int> Of(LabRecord lab)
    {
        var numbers = new Dictionary<int, int>();
        if (LabHost(lab) is not { } host)
        {
            return numbers;
        }

        foreach (string task in Directory.GetDirectories($"/proc/{host}/task"))
        {
            foreach (string child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (Inner(child) is { } inner)
                {
                    numbers[inner] = int.Parse(child, CultureInfo.InvariantCulture);
                }
            }
        }

        return numbers;
    }

    /// <summary>The second number of NSpid in proc_pid_status(5): that in the namespace below ours.</summary>
    private static int? Inner(string pid)
    {
        try
        {
            string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("NSpid:", StringComparison.Ordinal));
            string[] numbers = line["NSpid:".Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries);
            return numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : null;
        }
        catch (IOException)
        {
            return null; // it ended while we looked
        }
    }
}
