using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cleave.Linux;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Topology;
using Cleave.Trials;

namespace Cleave.Uplinks;

/// <summary>
/// The way out as the user who starts the lab, without any right more: a program that takes what leaves the fabric off a TAP device there, and says it
/// again from sockets of its own in the host's network. It runs in the lab's PID namespace, so that the kernel ends it with the lab.
/// </summary>
/// <param name="program">Absolute path of the program.</param>
internal abstract class UserUplink(string program) : UplinkSource
{
    // What the fabric, the program and its name server have of the link's network; slirp4netns has these, and takes no network smaller than 64 addresses.
    private const int OwnNumber = 100;
    private const int NextHopNumber = 2;
    private const int ResolverNumber = 3;
    private const int PrefixLength = 24;
    private const int PrefixLengthOfIPv6 = 64;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // In the lab's namespaces, but with the host's network and files. It waits until the link is there, or the program has ended.
    private const string Inside =
        "link=$1 net=$2; shift 2; \"$@\" </dev/null >&4 2>&4 4>&- & program=$!; " +
        "while kill -0 $program 2>/dev/null; do while read -r name more; do case $name in $link:*) exit 0;; esac; done <$net; sleep 0.01; done; exit 1";

    // The network namespace is held open from outside: inside, the program may not look into the process that has it.
    private const string Outside =
        "exec 3<\"/proc/$1/ns/net\" 4>>\"$2\"; process=$1 inside=$3 link=$4; shift 4; " +
        "exec nsenter --preserve-credentials \"--user=/proc/$process/ns/user\" \"--pid=/proc/$process/ns/pid_for_children\" -- " +
        "sh -c \"$inside\" sh \"$link\" \"/proc/$process/net/dev\" \"$@\"";

    /// <summary>The file with what the program says, in the folder of the lab's logs.</summary>
    public const string LogName = "gateway.err";

    /// <summary>Absolute path of the program.</summary>
    protected string Program => program;

    /// <inheritdoc/>
    public override string By => Path.GetFileName(program);

    /// <summary>The one that this machine has, pasta rather than slirp4netns.</summary>
    /// <exception cref="MachineException">It has none.</exception>
    public static UserUplink Find() =>
        Tool.Find("pasta") is { } pasta ? new Pasta(pasta)
        : Tool.Find("slirp4netns") is { } slirp ? new Slirp4netns(slirp)
        : throw new MachineException(
            "gateway: user needs pasta, or slirp4netns, and neither is on the PATH\n" +
            "    sudo apt install passt (Fedora: sudo dnf install passt)");

    /// <inheritdoc/>
    public override void Require(LabTopology topology)
    {
        if (Tool.Find("nsenter") is null)
        {
            throw new MachineException("gateway: user needs nsenter, which is not on the PATH\n    sudo apt install util-linux");
        }

        if (Families(topology).Count == 0)
        {
            throw new MachineException(
                $"gateway: user leads wherever this machine's default route does, and it has none for {FamiliesOf(topology)} (see ip route, ip -6 route)");
        }

        TunDevice.Require();
    }

    /// <inheritdoc/>
    public override Uplink Plan(LabTopology topology)
    {
        List<AddressFamily> families = Families(topology);
        if (families.Count == 0)
        {
            families = [AddressFamily.InterNetwork]; // printed where it could not run
        }

        ImmutableArray<UplinkAddress> addresses = [.. families.Select(f => Address(topology, f))];
        ImmutableArray<IPAddress> host = HostResolvers.Read();
        string? forwarder = Forwarder(host, addresses);
        var uplink = new Uplink(GatewayChoice.User, By, addresses, HostResolvers.Through(host, families, forwarder));
        return uplink with { Commands = [Command(Arguments(uplink, forwarder, "/run/netns/fabric"))] };
    }

    /// <inheritdoc/>
    public override Uplink Attach(LabTopology topology, LabRecord lab, int process)
    {
        Uplink uplink = Plan(topology);
        string log = Path.Combine(lab.State, "logs", LogName);
        string? forwarder = Forwarder(HostResolvers.Read(), uplink.Addresses);
        var start = new ProcessStartInfo(
            "setsid",
            // .NET's children ignore SIGPIPE, with which pasta says that it cannot install signal handlers.
            ["env", "--default-signal=PIPE", "sh", "-c", Outside, "sh", $"{process}", log, Inside, Uplink.LinkName, .. Prefix(), program, .. Arguments(uplink, forwarder, "/proc/self/fd/3")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process starter = Process.Start(start)!;
        starter.StandardInput.Close();
        Task<string> errors = starter.StandardError.ReadToEndAsync();
        bool ended = starter.WaitForExit(Limit);
        if (ended && starter.ExitCode == 0)
        {
            return uplink;
        }

        if (!ended)
        {
            starter.Kill(entireProcessTree: true);
        }

        string said = ended ? $"{errors.GetAwaiter().GetResult()}{LastWords(log)}".Trim() : "";
        throw new CleaveException($"{By} could not be joined to the lab{(said.Length > 0 ? $": {said}" : ended ? "" : $" within {Limit.TotalSeconds:0} s")}");
    }

    /// <summary>What the program has said last, without what it says where no system logger runs; nothing if there is no such file.</summary>
    public static string LastWords(string log)
    {
        const int Most = 5;
        try
        {
            return string.Join('\n', File.ReadLines(log).Where(l => l.Length > 0 && !l.Contains("to syslog", StringComparison.Ordinal)).TakeLast(Most));
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>The program's arguments.</summary>
    /// <param name="uplink">The link's addresses.</param>
    /// <param name="forwarder">An IPv4 address on the link; what is asked there is put to the host's own name server. Null: there is none.</param>
    /// <param name="network">The path of the network namespace.</param>
    protected abstract IEnumerable<string> Arguments(Uplink uplink, string? forwarder, string network);

    /// <summary>The families that it can carry.</summary>
    protected abstract IReadOnlyList<AddressFamily> Carried { get; }

    /// <summary>What the program is started with, root being whom it refuses.</summary>
    protected virtual IEnumerable<string> Prefix() => [];

    /// <summary>Those of the lab's families that the program carries and the host has a default route of.</summary>
    private List<AddressFamily> Families(LabTopology topology) =>
        [.. Carried.Where(f => topology.Networks.Any(n => n.Subnets.Any(s => s.BaseAddress.AddressFamily == f)) && DefaultRoute.Exists(f))];

    private static string FamiliesOf(LabTopology topology) => string.Join(
        " or ", topology.Networks.SelectMany(n => n.Subnets).Select(s => Topology.Families.Name(s.BaseAddress)).Distinct().Order(StringComparer.Ordinal));

    /// <summary>
    /// Where the host's own name server is asked. Only if that is on the host's loopback: what another one answers, pasta would have come from there, too.
    /// </summary>
    private static string? Forwarder(ImmutableArray<IPAddress> host, ImmutableArray<UplinkAddress> addresses) =>
        host.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) is { } first && IPAddress.IsLoopback(first)
        && addresses.FirstOrDefault(a => a.At.AddressFamily == AddressFamily.InterNetwork) is { } own
            ? Neighbour(own, ResolverNumber)
            : null;

    private string Command(IEnumerable<string> arguments) => $"{By} {string.Join(' ', arguments)} &\nuntil ip -n fabric link show {Uplink.LinkName} >/dev/null 2>&1; do sleep 0.01; done";

    private static UplinkAddress Address(LabTopology topology, AddressFamily family)
    {
        IPNetwork link = LinkNetwork.For(topology, family);
        return new UplinkAddress(
            $"{LinkNetwork.Host(link, OwnNumber)}", family == AddressFamily.InterNetworkV6 ? PrefixLengthOfIPv6 : PrefixLength, $"{LinkNetwork.Host(link, NextHopNumber)}");
    }

    private static string Neighbour(UplinkAddress address, byte number)
    {
        byte[] bytes = address.At.GetAddressBytes();
        bytes[^1] = number;
        return new IPAddress(bytes).ToString();
    }
}

/// <summary>passt.top's pasta(1).</summary>
internal sealed class Pasta(string program) : UserUplink(program)
{
    private const uint Nobody = 65534;

    /// <inheritdoc/>
    protected override IReadOnlyList<AddressFamily> Carried { get; } = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <summary>
    /// As root it would become nobody, and may then not enter the lab. Where nobody may open the TUN device, it starts as nobody with the rights it needs in
    /// the lab's user namespace and no others; else it stays the lab's root, which has no rights outside of the lab either.
    /// </summary>
    protected override IEnumerable<string> Prefix() => Libc.getuid() == 0 && TunDevice.IsForAll
        ? [
            "setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups",
            "--inh-caps=+sys_admin,+net_admin", "--ambient-caps=+sys_admin,+net_admin",
        ]
        : [];

    /// <inheritdoc/>
    protected override IEnumerable<string> Arguments(Uplink uplink, string? forwarder, string network)
    {
        List<string> arguments = ["--foreground", "--stderr", "--quiet", .. Libc.getuid() == 0 && !TunDevice.IsForAll ? (string[])["--runas", "0"] : []];
        arguments.AddRange(["--netns", network, "--ns-ifname", Uplink.LinkName]);

        // The host's own addresses are reached like those of any neighbour of it, its loopback not at all, and nothing of the lab is published by it.
        arguments.AddRange(["--no-map-gw", "-t", "none", "-u", "none", "-T", "none", "-U", "none", "--no-dhcp", "--no-dhcpv6", "--no-ra"]);
        if (uplink.Addresses.Length == 1)
        {
            arguments.Add(uplink.Addresses[0].At.AddressFamily == AddressFamily.InterNetwork ? "--ipv4-only" : "--ipv6-only");
        }

        foreach (UplinkAddress address in uplink.Addresses)
        {
            arguments.AddRange(["--address", address.Address, "--gateway", address.NextHop]);
            if (address.At.AddressFamily == AddressFamily.InterNetwork)
            {
                arguments.AddRange(["--netmask", address.PrefixLength.ToString(CultureInfo.InvariantCulture)]);
            }
        }

        if (forwarder is not null)
        {
            arguments.AddRange(["--dns-forward", forwarder]);
        }

        return arguments;
    }
}

/// <summary>slirp4netns(1): slower, and of IPv4 only here.</summary>
internal sealed class Slirp4netns(string program) : UserUplink(program)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<AddressFamily> Carried { get; } = [AddressFamily.InterNetwork];

    /// <inheritdoc/>
    protected override IEnumerable<string> Arguments(Uplink uplink, string? forwarder, string network)
    {
        IPNetwork link = LinkNetwork.Of(uplink.Addresses[0]);
        return ["--disable-host-loopback", "--mtu=1500", $"--cidr={link}", "--netns-type=path", network, Uplink.LinkName];
    }
}
