using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Cleave.Gateway;

/// <summary>Whom the host asks for names, and how a lab behind the gateway gets there.</summary>
/// <param name="Local">
/// The one that listens on an address of the host's own; the gateway's address leads there. There is one port 53, so that a second one is left out.
/// </param>
/// <param name="Direct">Those that a lab asks itself.</param>
/// <param name="Notes">What a user may want to know about that.</param>
public sealed record Resolvers(IPAddress? Local, ImmutableArray<IPAddress> Direct, ImmutableArray<string> Notes)
{
    /// <summary>Where the host says whom it asks.</summary>
    public const string File = "/etc/resolv.conf";

    /// <summary>
    /// Where systemd-resolved says whom it asks in turn. Its stub takes only what comes in by the loopback interface, whatever the packet's addresses
    /// have been made.
    /// </summary>
    public const string BehindTheStub = "/run/systemd/resolve/resolv.conf";

    private static readonly IPAddress Stub = IPAddress.Parse("127.0.0.53");

    /// <summary>Whether the kernel has to be told to let packets to that address in by a cable.</summary>
    public bool LocalIsLoopback => Local is not null && IPAddress.IsLoopback(Local);

    /// <summary>What they are for a host.</summary>
    /// <param name="servers">The addresses of resolv.conf.</param>
    /// <param name="behindTheStub">Those of systemd-resolved.</param>
    /// <param name="own">The host's own addresses, those of loopback left out.</param>
    public static Resolvers Of(ImmutableArray<IPAddress> servers, ImmutableArray<IPAddress> behindTheStub, ImmutableArray<IPAddress> own)
    {
        IPAddress? local = null;
        var direct = new List<IPAddress>();
        var notes = new List<string>();
        foreach (IPAddress server in servers.SelectMany(s => s.Equals(Stub) && behindTheStub.Length > 0 ? behindTheStub : [s]))
        {
            IPAddress asked = server;
            if (server.Equals(IPAddress.IPv6Loopback))
            {
                asked = IPAddress.Loopback;
                notes.Add("the resolver ::1 can be reached from the host only; 127.0.0.1 is asked in its place");
            }

            if (!IPAddress.IsLoopback(asked) && !own.Contains(asked))
            {
                direct.Add(asked);
            }
            else if (local is null || local.Equals(asked))
            {
                local = asked;
            }
            else
            {
                notes.Add($"the resolver {asked} is left out: the gateway's address leads to {local}, which stands before it");
            }
        }

        if (local is null && direct.Count == 0)
        {
            notes.Add($"{File} names no resolver: labs resolve their own names only");
        }

        return new Resolvers(local, [.. direct.Distinct()], [.. notes.Distinct()]);
    }

    /// <summary>The <c>nameserver</c> lines of such a file.</summary>
    public static ImmutableArray<IPAddress> Read(string text) =>
    [
        .. text.Split('\n').Select(l => l.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w is ["nameserver", _, ..])
            .Select(w => IPAddress.TryParse(w[1], out IPAddress? address) && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 ? address : null)
            .OfType<IPAddress>(),
    ];
}
