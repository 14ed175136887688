using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cleave.Linux;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;
using Cleave.Ports;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Gateway;

/// <summary>
/// A way to do things in the gateway's network without being there. A .NET program has threads before Main and cannot enter a user namespace, so
/// nsenter(1) starts a second one inside, which opens sockets and hands them out: one to the kernel, and one for each published port that is free there.
/// </summary>
public sealed class GatewayDoor : IDisposable
{
    /// <summary>The word on the command line by which <c>cleave</c> starts itself inside. Not for users.</summary>
    public const string Verb = "gateway-door";

    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    private ImmutableArray<Descriptor> _sockets;

    private GatewayDoor(NetlinkSocket netlink, ImmutableArray<int> ports, ImmutableArray<Descriptor> sockets) => (Netlink, Ports, _sockets) = (netlink, ports, sockets);

    /// <summary>A socket to the kernel, of the gateway's network.</summary>
    internal NetlinkSocket Netlink { get; }

    /// <summary>Which of the ports are open there: their numbers in the order in which they were asked for.</summary>
    internal ImmutableArray<int> Ports { get; }

    /// <summary>Inside: opens the sockets, hands them to who waits at the path, and says which ports they are of.</summary>
    /// <param name="path">A Unix socket.</param>
    /// <param name="ports">As <c>tcp 8000 172.23.255.2</c>, a word each.</param>
    public static int Run(string path, IReadOnlyList<string> ports)
    {
        using var netlink = new Descriptor(LinuxException.Check(
            Libc.socket(AF_NETLINK, SOCK_RAW | Libc.SOCK_CLOEXEC, (int)NetlinkFamily.Route), "open a netlink socket in the gateway"));
        using UnixSocket outside = UnixSocket.Connect(path);
        DescriptorMail.Send(outside.Descriptor.Fd, netlink);
        for (int i = 0; i + 2 < ports.Count; i += 3)
        {
            try
            {
                using Descriptor socket = HostListeners.Open(
                    new InetAddress(IPAddress.Parse(ports[i + 2]), int.Parse(ports[i + 1], CultureInfo.InvariantCulture)),
                    ports[i] == "tcp" ? PortProtocol.Tcp : PortProtocol.Udp);
                DescriptorMail.Send(outside.Descriptor.Fd, socket);
                Console.Out.Write($"{i / 3} ");
            }
            catch (LinuxException)
            {
                // Another lab of the user's has it there; at the address that the file names it is ours all the same.
            }
        }

        return 0;
    }

    /// <summary>Outside: the sockets.</summary>
    /// <param name="folder">The gateway's folder.</param>
    /// <param name="cleave">The program to start inside.</param>
    /// <param name="path">Where to wait for it: in a folder of the user's alone.</param>
    /// <param name="at">The gateway's address.</param>
    /// <param name="ports">The published ports.</param>
    /// <exception cref="CleaveException">The gateway cannot be entered.</exception>
    internal static GatewayDoor Open(string folder, ImmutableArray<string> cleave, string path, IPAddress at, ImmutableArray<PortRecord> ports)
    {
        using var door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        door.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            door.Listen(1);
            IEnumerable<string> words = ports.SelectMany(p =>
                (string[])[p.Protocol == PortProtocol.Tcp ? "tcp" : "udp", p.Port.ToString(CultureInfo.InvariantCulture), at.ToString()]);
            using Process inside = Start(folder, [.. cleave, Verb, path, .. words]);
            inside.StandardInput.Close();
            Task<string> errors = inside.StandardError.ReadToEndAsync();
            Task<string> output = inside.StandardOutput.ReadToEndAsync();

            List<Descriptor> sockets = Receive(door, inside);
            if (!inside.WaitForExit(Limit))
            {
                inside.Kill();
                sockets.ForEach(s => s.Dispose());
                throw new CleaveException($"the gateway was not entered within {Limit.TotalSeconds:0} s");
            }

            if (inside.ExitCode != 0)
            {
                sockets.ForEach(s => s.Dispose());
                throw new CleaveException($"the gateway cannot be entered: {errors.GetAwaiter().GetResult().Trim()}; see cleave gateway status");
            }

            return Of(sockets, [.. output.GetAwaiter().GetResult().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The sockets of <see cref="Ports"/>; from now on the caller's.</summary>
    internal ImmutableArray<Descriptor> TakeSockets()
    {
        ImmutableArray<Descriptor> taken = _sockets;
        _sockets = [];
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Netlink.Dispose();
        foreach (Descriptor socket in _sockets)
        {
            socket.Dispose();
        }
    }

    /// <summary>All that is sent, while it is being sent; nothing if the program ends or hangs before that.</summary>
    private static List<Descriptor> Receive(Socket door, Process inside)
    {
        var sockets = new List<Descriptor>();
        long start = Stopwatch.GetTimestamp();
        bool hasEnded = false;
        while (!door.Poll(Often, SelectMode.SelectRead))
        {
            if (hasEnded || Stopwatch.GetElapsedTime(start) > Limit)
            {
                return sockets;
            }

            hasEnded = inside.HasExited; // and once more, as it may have connected just before
        }

        using Socket from = door.Accept();
        for (Descriptor? sent; (sent = DescriptorMail.Receive((int)from.Handle)) is not null;)
        {
            sockets.Add(sent);
        }

        return sockets;
    }

    private static GatewayDoor Of(List<Descriptor> sockets, ImmutableArray<int> ports)
    {
        if (sockets.Count != ports.Length + 1)
        {
            sockets.ForEach(s => s.Dispose());
            throw new CleaveException("the gateway was entered, and something else than sockets came out");
        }

        using Descriptor first = sockets[0];
        int fd = (int)first.DangerousGetHandle();
        first.SetHandleAsInvalid();
        return new GatewayDoor(NetlinkSocket.Adopt(NetlinkFamily.Route, fd), ports, [.. sockets.Skip(1)]);
    }

    private static Process Start(string folder, string[] program)
    {
        string[] enter = [$"--user={folder}/user", $"--net={folder}/net", "--preserve-credentials", "--", .. program];
        var start = new ProcessStartInfo("nsenter", enter)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its debugger's socket would stay in /tmp when it is killed
        return Process.Start(start)!;
    }
}
