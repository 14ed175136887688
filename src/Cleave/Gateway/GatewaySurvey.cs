using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cleave.Linux;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Registry;
using Cleave.Trials;

namespace Cleave.Gateway;

/// <summary>Looks at the host for what a gateway's plan depends on; changes nothing.</summary>
public static partial class GatewaySurvey
{
    private const int LoopbackIndex = 1;
    private const byte Inet6 = 10; // AF_INET6
    private const uint MainTable = 254; // RT_TABLE_MAIN

    /// <summary>The gateway's folder in the user's runtime directory.</summary>
    public static string Folder() => Path.Combine(RuntimeDirectory.Ensure(), "gateway");

    /// <summary>Whether this process is root's, and needs no sudo.</summary>
    public static bool IsRoot => FirewallLook.IsRoot;

    /// <summary>The commands by which the firewall is looked at, as they are run.</summary>
    public static string FirewallCommands() =>
        string.Join('\n', FirewallLook.Commands(FirewallLook.Iptables()).Select(c => $"  {(IsRoot ? "" : "sudo ")}{string.Join(' ', c)}"));

    /// <summary>All of it.</summary>
    /// <exception cref="MachineException">The firewall was to be seen, and nobody may look.</exception>
    public static HostFacts Look(FirewallSight sight)
    {
        ImmutableArray<string> iptables = FirewallLook.Iptables();
        string folder = Folder();
        HostFacts facts = Network(new HostFacts(Libc.getuid(), folder) { IptablesPrograms = iptables });
        return facts with
        {
            Forwards = Read("/proc/sys/net/ipv4/ip_forward") == "1",
            IPv6 = facts.IPv6 with { Forwards = Read("/proc/sys/net/ipv6/conf/all/forwarding") == "1", Forcing = Forcing(facts) },
            RoutesLoopback = Read($"/proc/sys/net/ipv4/conf/{facts.Name}/route_localnet") == "1",
            HasFolder = Directory.Exists(folder),
            Held = Held(folder),
            Holders = Holders(folder),
            Firewall = FirewallLook.Look(sight, iptables, facts.Name),
            Inside = Inside(folder),
        };
    }

    /// <summary>What the gateway that there is was made with, and whom the host asks for names now; null: there is none.</summary>
    public static (GatewayMark Mark, Resolvers Resolvers)? Find()
    {
        HostFacts facts = Network(new HostFacts(Libc.getuid(), Folder()));
        return facts.Mark is { } mark && Held(facts.Folder).Distinct().Count() == 2 ? (mark, facts.Resolvers) : null;
    }

    /// <summary>The PATH with the folders of root's programs, which a user's may lack.</summary>
    internal static string FullPath() => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin";

    private static HostFacts Network(HostFacts facts)
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Route);
        var links = socket.DumpLinks().ToDictionary(l => l.Index);
        var addresses = socket.DumpAddresses().Where(a => a.Index != LoopbackIndex).ToList();
        string Link(int index) => links.TryGetValue(index, out LinkMessage? link) ? link.Name ?? "?" : "?";
        IEnumerable<UsedRange> used =
            addresses.Where(a => a.Address is { IsIPv6LinkLocal: false }).Select(a => Use(a.Address!, a.PrefixLength, $"{a.Local ?? a.Address}/{a.PrefixLength}, an address of ", Link(a.Index)));
        IReadOnlyList<RouteMessage> routes = socket.DumpRoutes();
        IEnumerable<UsedRange> routed = routes
            .Where(r => r is { Table: MainTable, Destination: { IsIPv6LinkLocal: false, IsIPv6Multicast: false } } && r.OutputInterface != LoopbackIndex)
            .Select(r => Use(r.Destination!, r.DestinationPrefixLength, $"{r.Destination}/{r.DestinationPrefixLength}, a route by ", r.OutputInterface is { } i ? Link(i) : "nothing"));
        return facts with
        {
            Links = [.. links.Values.OrderBy(l => l.Index).Select(l => new HostLink(l.Name ?? "", l.Alias))],
            Used = [.. used.Concat(routed)],
            IPv6 = new IPv6Facts(
                routes.FirstOrDefault(r => r is { Table: MainTable, Family: Inet6, Destination: null, Type: RouteType.Unicast, OutputInterface: not null }) is { } way
                    ? Link(way.OutputInterface!.Value) : null,
                Forwards: false,
                Forcing: null),
            Resolvers = Resolvers.Of(
                Resolvers.Read(Read(Resolvers.File)),
                Resolvers.Read(Read(Resolvers.BehindTheStub)),
                [.. addresses.Select(a => a.Local ?? a.Address).OfType<IPAddress>()]),
        };
    }

    private static ImmutableArray<string>? Forcing(HostFacts facts) => !File.Exists("/proc/sys/net/ipv6/conf/all/force_forwarding") ? null
        : [.. facts.Links.Select(l => l.Name).Where(l => Read($"/proc/sys/net/ipv6/conf/{l}/force_forwarding") == "1")];

    private static UsedRange Use(IPAddress address, int prefix, string what, string link)
    {
        var range = Topology.AddressRange.Of(new IPNetwork(address, prefix));
        return new UsedRange(new IPNetwork(range.Address(range.First), prefix), what + link, link);
    }

    /// <summary>Namespaces mounted in the folder, one that is mounted twice twice.</summary>
    private static ImmutableArray<string> Held(string folder) =>
    [
        .. from line in File.ReadLines("/proc/self/mountinfo")
           let words = line.Split(' ')
           where words.Contains("nsfs")
           let target = Octal().Replace(words[4], m => ((char)Convert.ToInt32(m.Groups["code"].Value, 8)).ToString())
           from kind in (string[])["net", "user"]
           where target == $"{folder}/{kind}"
           select kind,
    ];

    private static ImmutableArray<int> Holders(string folder)
    {
        string mark = $"{GatewayStep.HolderMark}={folder}";
        var found = new List<int>();
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int pid)
                && pid != Environment.ProcessId && Read($"{process}/environ").Split('\0').Contains(mark))
            {
                found.Add(pid);
            }
        }

        return [.. found];
    }

    private static InsideFacts? Inside(string folder)
    {
        if (Held(folder).Distinct().Count() != 2)
        {
            return null;
        }

        const string Ask = "ip -j addr && echo && ip -j route && echo && ip -j -6 route && echo && nft -j list ruleset && ip -j link";
        (Doctor.Outcome outcome, string output) = Tool.Run("sh", "-c", $"PATH='{FullPath()}'; {GatewayPlan.Enter(folder)} sh -c '{Ask}'");
        string[] answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!outcome.Worked || answers.Length != 5)
        {
            return null;
        }

        JsonElement[] links = Array(answers[0]);
        bool Joined(string family, string routes) =>
            links.Any(l => Text(l, "ifname") == GatewayPlan.InsideLink && l.GetProperty("addr_info").EnumerateArray().Any(a => Text(a, "family") == family && Text(a, "scope") == "global"))
            && Array(routes).Any(r => Text(r, "dst") == "default" && Text(r, "dev") == GatewayPlan.InsideLink);
        using var rules = JsonDocument.Parse(answers[3]);
        return new InsideFacts(
            [.. Joined("inet", answers[1]) ? (int[])[4] : [], .. Joined("inet6", answers[2]) ? (int[])[6] : []],
            rules.RootElement.GetProperty("nftables").EnumerateArray().Any(o => o.TryGetProperty("table", out JsonElement t) && Text(t, "name") == GatewayRules.InsideTable),
            [
                .. from l in Array(answers[4])
                   let name = Text(l, "ifname")
                   where name.StartsWith(GatewayPlan.LabLinks, StringComparison.Ordinal)
                   select (int.Parse(name[GatewayPlan.LabLinks.Length..], CultureInfo.InvariantCulture), Text(l, "ifalias")),
            ]);
    }

    private static JsonElement[] Array(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(e => e.Clone())];
    }

    private static string Text(JsonElement o, string member) => o.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\\(?<code>[0-7]{3})", RegexOptions.ExplicitCapture)]
    private static partial Regex Octal();
}
