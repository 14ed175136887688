using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>
/// Reads <c>sysctls:</c>. Only keys of which every network or IPC namespace has its own are a node's; which those are is known from the kernel's
/// sources (Linux 6.18), and what this kernel lacks shows when the lab is made.
/// </summary>
internal static class SysctlReader
{
    private const string Expected = "a key that every node has of its own: net.…, kernel.shm…, kernel.msg…, kernel.sem or fs.mqueue.…";

    public static Shape Shape { get; } = new Shape.MapOf("a key as sysctl(8) takes it", new Shape.Text("text or a number", "5"));

    /// <summary>net/core/sysctl_net_core.c: netns_core_table; all others are the machine's or can only be read.</summary>
    private static readonly string[] OwnInCore = ["bypass_prot_mem", "optmem_max", "rps_default_mask", "somaxconn", "tstamp_allow_data", "txrehash"];

    /// <summary>Keys below net. that only the machine has, or that a namespace only reads.</summary>
    private static readonly HashSet<string> OfTheMachine =
    [
        "net.ipv4.cipso_cache_bucket_size", "net.ipv4.cipso_cache_enable", "net.ipv4.cipso_rbm_optfmt", "net.ipv4.cipso_rbm_strictvalid",
        "net.ipv4.fib_sync_mem", "net.ipv4.inet_peer_maxttl", "net.ipv4.inet_peer_minttl", "net.ipv4.inet_peer_threshold",
        "net.ipv4.ipfrag_secret_interval", "net.ipv4.tcp_allowed_congestion_control", "net.ipv4.tcp_available_congestion_control",
        "net.ipv4.tcp_available_ulp", "net.ipv4.tcp_ehash_entries", "net.ipv4.tcp_low_latency", "net.ipv4.tcp_max_orphans", "net.ipv4.tcp_mem",
        "net.ipv4.udp_hash_entries", "net.ipv4.udp_mem", "net.ipv4.route.error_burst", "net.ipv4.route.error_cost", "net.ipv4.route.gc_elasticity",
        "net.ipv4.route.gc_interval", "net.ipv4.route.gc_min_interval", "net.ipv4.route.gc_min_interval_ms", "net.ipv4.route.gc_thresh",
        "net.ipv4.route.gc_timeout", "net.ipv4.route.max_size", "net.ipv4.route.redirect_load", "net.ipv4.route.redirect_number",
        "net.ipv4.route.redirect_silence", "net.ipv6.calipso_cache_bucket_size", "net.ipv6.calipso_cache_enable",
        "net.ipv6.ip6frag_secret_interval", "net.ipv6.mld_max_msf", "net.ipv6.mld_qrv", "net.netfilter.nf_conntrack_buckets",
        "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_expect_max", "net.netfilter.nf_conntrack_max",
        "net.netfilter.nf_log_all_netns", "net.nf_conntrack_max",
    ];

    private static readonly string[] OfIpc =
    [
        "kernel.msg_next_id", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.sem_next_id", "kernel.shm_next_id",
        "kernel.shm_rmid_forced", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
        "fs.mqueue.msg_default", "fs.mqueue.msg_max", "fs.mqueue.msgsize_default", "fs.mqueue.msgsize_max", "fs.mqueue.queues_max",
    ];

    public static ImmutableArray<KeyValuePair<string, string>> Read(Reading reading, YamlNode value)
    {
        var read = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var seen = new Dictionary<string, Location>();
        foreach (var (key, item) in reading.Named(value, "a mapping from keys to values, such as {net.ipv4.tcp_retries2: 5}"))
        {
            var text = Value(reading, item);
            if (Key(reading, key) is not { } name)
                continue;
            if (!seen.TryAdd(name, key.At))
                reading.Mistakes.Add(key.At, $"{Quote.Text(key.Value)} stands here twice: expected it once; the first is at {seen[name]}");
            else if (text is not null)
                read.Add(new(name, text));
        }

        return read.ToImmutable();
    }

    /// <summary>The key in its usual form: joined by dots, or by slashes if the name of a link has dots in it.</summary>
    private static string? Key(Reading reading, TextNode key)
    {
        // As sysctl(8) has it: the first of the two is the separator, and the other stands for it inside a name.
        var text = key.Value;
        var separator = text.AsSpan().IndexOfAny('.', '/') is var at and >= 0 ? text[at] : '.';
        string[] names = [.. text.Split(separator).Select(n => separator == '.' ? n.Replace('/', '.') : n)];
        if (names.Length < 2 || !Array.TrueForAll(names, IsName))
        {
            reading.Mistakes.Add(key.At, $"{Quote.Text(text)} is no key of sysctl(8): expected {Expected}");
            return null;
        }

        var dotted = string.Join('.', names);
        var whyNot = names[0] switch
        {
            "net" when names[1] == "core" && (names.Length != 3 || !OwnInCore.Contains(names[2])) => OfCore(names[^1]),
            "net" when OfTheMachine.Contains(dotted) => "belongs to the whole machine, or can only be read",
            "net" => null,
            _ when OfIpc.Contains(dotted) => null,
            "kernel" when dotted == "kernel.hostname" => "has a key of the node's own, 'hostname'",
            _ => "belongs to the whole machine",
        };
        if (whyNot is null)
            return Array.Exists(names, n => n.Contains('.', StringComparison.Ordinal)) ? string.Join('/', names) : dotted;
        reading.Mistakes.Add(key.At, $"{Quote.Text(text)} {whyNot}: expected {Expected}", Mend(dotted, names));
        return null;
    }

    private static string OfCore(string name) =>
        name is "rmem_max" or "rmem_default" or "wmem_max" or "wmem_default"
            ? "belongs to the whole machine (net.ipv4.tcp_rmem and net.ipv4.tcp_wmem, which are TCP's, every node has of its own)"
            : "belongs to the whole machine";

    private static string? Mend(string dotted, string[] names)
    {
        if (names[0] is "net")
            return names[1] == "core" && names[^1] is not (['r' or 'w', 'm', 'e', 'm', ..]) && Nearest.Of(names[^1], OwnInCore) is { } own ? $"net.core.{own}" : null;
        return Nearest.Of(dotted, OfIpc) ?? (Nearest.Of(names[0], ["net"]) is { } net ? string.Join('.', [net, .. names[1..]]) : null);
    }

    private static bool IsName(string name) =>
        name is not ("" or "." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private static string? Value(Reading reading, YamlNode value)
    {
        if (reading.Text(value, "text or a number") is not { } text)
            return null;
        if (!text.Any(char.IsControl) || text.All(c => c == '\t' || !char.IsControl(c)))
            return text;
        reading.Mistakes.Add(value.At, $"{Quote.Text(text)} has more than one line: expected one");
        return null;
    }
}
