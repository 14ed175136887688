using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using Cleave.Linux;
using Cleave.Netlink;
using Cleave.Netlink.Sockets;

namespace Cleave.Gateway;

/// <summary>
/// A way to talk to the kernel about the gateway's network without being there. A .NET program has threads before Main and cannot enter a user
/// namespace, so nsenter(1) starts a second one inside, which opens a socket and hands it out.
/// </summary>
public static class GatewayDoor
{
    /// <summary>The word on the command line by which <c>cleave</c> starts itself inside. Not for users.</summary>
    public const string Verb = "gateway-door";

    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Inside: opens the socket and hands it to who waits at the path.</summary>
    public static int Run(string path)
    {
        using var netlink = new Descriptor(LinuxException.Check(
            Libc.socket(AF_NETLINK, SOCK_RAW | Libc.SOCK_CLOEXEC, (int)NetlinkFamily.Route), "open a netlink socket in the gateway"));
        using UnixSocket outside = UnixSocket.Connect(path);
        DescriptorMail.Send(outside.Descriptor.Fd, netlink);
        return 0;
    }

    /// <summary>Outside: a socket of the gateway's network.</summary>
    /// <param name="folder">The gateway's folder.</param>
    /// <param name="cleave">The program to start inside.</param>
    /// <param name="path">Where to wait for it: in a folder of the user's alone.</param>
    /// <exception cref="CleaveException">The gateway cannot be entered.</exception>
    internal static NetlinkSocket Open(string folder, ImmutableArray<string> cleave, string path)
    {
        using var door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        door.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            door.Listen(1);
            using Process inside = Start(folder, [.. cleave, Verb, path]);
            inside.StandardInput.Close();
            Task<string> errors = inside.StandardError.ReadToEndAsync();

            // It ends when it has sent, or cannot: what it has sent waits.
            if (!inside.WaitForExit(Limit))
            {
                inside.Kill();
                throw new CleaveException($"the gateway was not entered within {Limit.TotalSeconds:0} s");
            }

            if (inside.ExitCode != 0)
            {
                throw new CleaveException($"the gateway cannot be entered: {errors.GetAwaiter().GetResult().Trim()}; see cleave gateway status");
            }

            using Socket from = door.Accept();
            using Descriptor sent = DescriptorMail.Receive((int)from.Handle) ?? throw new CleaveException("the gateway was entered, and nothing came out");
            int fd = (int)sent.DangerousGetHandle();
            sent.SetHandleAsInvalid();
            return NetlinkSocket.Adopt(NetlinkFamily.Route, fd);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Process Start(string folder, string[] program)
    {
        string[] enter = [$"--user={folder}/user", $"--net={folder}/net", "--preserve-credentials", "--", .. program];
        var start = new ProcessStartInfo("nsenter", enter) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its debugger's socket would stay in /tmp when it is killed
        return Process.Start(start)!;
    }
}
