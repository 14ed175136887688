using System.Collections.Immutable;
using System.Globalization;
using Cleave.Evidence;
using Cleave.Namespaces;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Control;

/// <summary>The few records of the control socket that commands of one question need, by <see cref="PlainJson"/>. Tests hold them against <see cref="ControlJson"/>.</summary>
internal static class PlainRecords
{
    /// <summary>What is known of a lab; null if that is missing.</summary>
    /// <exception cref="FormatException">It is no JSON.</exception>
    public static LabRecord? Lab(string json)
    {
        object? lab = PlainJson.Parse(json);
        return Text(lab, "id") is { } id && Text(lab, "file") is { } file && Text(lab, "folder") is { } folder
            && Text(lab, "state") is { } state && Text(lab, "started") is { } started
            ? new LabRecord(id, file, folder, state, Time(started), Text(lab, "version"))
            {
                Grace = TimeSpan.TryParse(Text(lab, "grace"), CultureInfo.InvariantCulture, out TimeSpan grace) ? grace : TimeSpan.Zero,
                Ports = Ports(lab),
            }
            : null;
    }

    public static LabStatus Status(object? status) => new(
        Number(status, "schema") ?? 0,
        Text(status, "id") ?? "",
        Text(status, "file") ?? "",
        Word(status, "ids") switch
        {
            "whole" => IdMapKind.Whole,
            "subordinate" => IdMapKind.Subordinate,
            _ => IdMapKind.Single,
        },
        Time(Text(status, "started") ?? ""),
        Word(status, "state") switch
        {
            "starting" => LabState.Starting,
            "ready" => LabState.Ready,
            _ => LabState.Ending,
        },
        Number(status, "exit_code"),
        Text(status, "reason"),
        [.. Items(Member(status, "nodes")).Select(Node)])
    {
        Uplink = Uplink(status),
        Startup = [.. Items(Member(status, "startup")).Select(p => new StartupPhase(Text(p, "phase") ?? "", Real(p, "ms")))],
    };

    public static FaultStatus Faults(object? faults) => new(
        Number(faults, "schema") ?? 0,
        Text(faults, "partition"),
        [.. Items(Member(faults, "networks")).Select(n => new NetworkCuts(Text(n, "network") ?? "", Texts(Member(n, "nodes")), Pairs(n)))])
    {
        Summary = Text(faults, "summary") ?? "",
        Some = [.. Items(Member(faults, "some")).Select(s => new TrafficCuts(Text(s, "network") ?? "", Text(s, "traffic") ?? "", Pairs(s)))],
        Answered =
        [
            .. Items(Member(faults, "answered"))
                .Select(a => new AnsweredCuts(Text(a, "network") ?? "", Text(a, "mode") ?? "", Text(a, "traffic"), Pairs(a))),
        ],
        Groups =
        [
            .. Items(Member(faults, "groups")).Select(g => new GroupCuts(
                Text(g, "network") ?? "",
                [.. Items(Member(g, "groups")).Select(Texts)],
                [.. Items(Member(g, "cuts")).Select(c => Items(c).Select(n => n is long number ? (int)number : 0).ToImmutableArray())])),
        ],
        Uplink = Uplink(faults),
        Windows = [.. Items(Member(faults, "windows")).Select(Window)],
        Names = [.. Items(Member(faults, "names")).Select(n => new FailingName(Text(n, "name") ?? "", Text(n, "fault") ?? ""))],
    };

    private static WindowEvidence Window(object? window) => new(
        Text(window, "fault") ?? "",
        Enum.TryParse((Text(window, "verdict") ?? "").Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out EvidenceVerdict verdict) ? verdict : EvidenceVerdict.Unknown,
        Text(window, "sentence") ?? "",
        new(
            Long(Member(window, "edges"), "begins_after") ?? 0,
            Long(Member(window, "edges"), "begun_by") ?? 0,
            Long(Member(window, "edges"), "ends_after"),
            Long(Member(window, "edges"), "ended_by")),
        Real(window, "seconds"),
        Tally(window, "attempted"),
        Tally(window, "lost"),
        Tally(window, "leaked"),
        Number(window, "pair_count") ?? 0,
        [.. Items(Member(window, "pairs")).Select(p => new PairEvidence(Text(p, "from") ?? "", Text(p, "to") ?? "", Tally(p, "attempted"), Tally(p, "lost"), Tally(p, "leaked"))
        {
            Probes = Long(p, "probes") ?? 0,
        })])
    {
        Probes = Long(window, "probes") ?? 0,
        ToMany = Long(window, "to_many") ?? 0,
        Incomplete = Member(window, "incomplete") is true,
    };

    private static Tally Tally(object? owner, string name) => new(Long(Member(owner, name), "packets") ?? 0, Long(Member(owner, name), "bytes") ?? 0);

    private static long? Long(object? owner, string name) => Member(owner, name) is long number ? number : null;

    private static UplinkStatus? Uplink(object? status) => Member(status, "uplink") is not { } uplink ? null : new(
        GatewayWords.Read(Word(uplink, "gateway")) ?? GatewayChoice.None,
        Text(uplink, "by") ?? "",
        Texts(Member(uplink, "addresses")),
        Texts(Member(uplink, "resolvers")),
        Text(uplink, "trouble"));

    public static ErrorReply Error(object? error) => new(Text(error, "error") ?? "the lab host gave no reason", Text(error, "kind"));

    /// <summary>An order as JSON.</summary>
    public static string Json(FaultOrder order)
    {
        string clusters = order.Clusters is { } c ? $",\"clusters\":[{string.Join(',', c.Select(Array))}]" : "";
        string from = order.From is { } f ? $",\"from\":{Array(f)}" : "";
        string to = order.To is { } t ? $",\"to\":{Array(t)}" : "";
        string except = order.Except is { } e ? $",\"except\":{Array(e)}" : "";
        string seed = order.Seed is { } s ? string.Create(CultureInfo.InvariantCulture, $",\"seed\":{s}") : "";
        return $"{{\"kind\":{PlainJson.Quote(order.Kind)}{clusters}{from}{to},\"both_ways\":{Truth(order.BothWays)}{Member("network", order.Network)}"
            + $"{Member("via", order.Via)}{seed}{except}{Member("traffic", order.Traffic)}{Member("mode", order.Mode)},\"arp\":{Truth(order.Arp)}}}";

        static string Member(string name, string? value) => value is null ? "" : $",\"{name}\":{PlainJson.Quote(value)}";
        static string Truth(bool value) => value ? "true" : "false";
    }

    private static NodeStatus Node(object? node) => new(
        Text(node, "name") ?? "",
        Texts(Member(node, "addresses")),
        Word(node, "state") switch
        {
            "idle" => NodeState.Idle,
            "manual" => NodeState.Manual,
            "waiting" => NodeState.Waiting,
            "starting" => NodeState.Starting,
            "ready" => NodeState.Ready,
            "paused" => NodeState.Paused,
            "restarting" => NodeState.Restarting,
            "stopped" => NodeState.Stopped,
            _ => NodeState.Ended,
        },
        Number(node, "pid"),
        Text(node, "exit"),
        Number(node, "exit_code"),
        Number(node, "host_pid"),
        Number(node, "restarts") ?? 0)
    {
        Init = Number(node, "init"),
        Ports = Ports(node),
    };

    private static ImmutableArray<PortRecord> Ports(object? of) =>
    [
        .. Items(Member(of, "ports")).Select(p => new PortRecord(
            Text(p, "node") ?? "",
            Word(p, "protocol") == "udp" ? PortProtocol.Udp : PortProtocol.Tcp,
            Text(p, "address") ?? "",
            Number(p, "port") ?? 0,
            Number(p, "node_port") ?? 0,
            Text(p, "via"))),
    ];

    private static ImmutableArray<ImmutableArray<string>> Pairs(object? of) => [.. Items(Member(of, "cuts")).Select(Texts)];

    private static string Array(ImmutableArray<string> texts) => $"[{string.Join(',', texts.Select(PlainJson.Quote))}]";

    private static object? Member(object? value, string name) => value is Dictionary<string, object?> members ? members.GetValueOrDefault(name) : null;

    private static string? Text(object? value, string name) => Member(value, name) as string;

    private static string? Word(object? value, string name) => Text(value, name)?.ToLowerInvariant();

    private static double Real(object? value, string name) => Member(value, name) switch
    {
        long whole => whole,
        double real => real,
        _ => 0,
    };

    private static int? Number(object? value, string name) => Member(value, name) is long number ? (int)number : null;

    private static List<object?> Items(object? value) => value as List<object?> ?? [];

    private static ImmutableArray<string> Texts(object? value) => [.. Items(value).OfType<string>()];

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : default;
}
