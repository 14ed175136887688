using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cleave.KernelTests.Harness;

/// <summary>What ip, bridge and nft show of a network namespace, in a form that can be compared.</summary>
internal static class NetworkDump
{
    /// <summary>A shell script that prints it; to be run inside the namespace.</summary>
    public const string Script =
        """
        # A link that carries is called up within a second (linkwatch of the kernel).
        n=0
        while ip link | grep -q 'NO-CARRIER.*LOWER_UP' && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.05; done
        for c in 'ip -j -d link' 'ip -j addr' 'ip -j route show table all' 'ip -j -6 route show table all' 'ip -j rule' 'ip -j neigh' 'ip -j -6 neigh' 'bridge -j -d link' 'bridge -j fdb' 'nft -j list ruleset'; do
            echo "== $c"
            $c || exit 1
        done
        echo '== sysctl'
        # Not which groups may send pings, which is told in ids of the user namespace.
        grep -rs . /proc/sys/net | grep -v ping_group_range
        """;

    // Given by the kernel, or moving by themselves. Interface indexes are the plan's and stay.
    private static readonly HashSet<string> Volatile =
    [
        "link_netnsid", "handle", "valid_life_time", "preferred_life_time", "packets", "bytes",
        "hello_timer", "gc_timer", "tcn_timer", "topology_change_timer", "hold_timer", "message_age_timer", "forward_delay_timer",
    ];

    /// <summary>The output of <see cref="Script"/>, one line a fact, in an order of its own.</summary>
    public static IReadOnlyList<string> Parse(string output)
    {
        var facts = new List<string>();
        string about = "";
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                about = line[3..];
            }
            else if (about == "sysctl")
            {
                facts.Add($"{about}: {line}");
            }
            else if (JsonNode.Parse(line) is { } node)
            {
                IEnumerable<JsonNode?> items = node is JsonArray array ? array : node is JsonObject o && o["nftables"] is JsonArray rules ? rules : [node];
                facts.AddRange(items.Select(i => $"{about}: {Canonical(i)}").Where(f => !f.EndsWith(": {}", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            }
        }

        Assert.True(facts.Count >= 5, $"the dump is not one:\n{output}");
        return [.. facts.Where(f => !IsSysctl(f)), .. facts.Where(IsSysctl).Order(StringComparer.Ordinal)];
    }

    private static bool IsSysctl(string fact) => fact.StartsWith("sysctl: ", StringComparison.Ordinal);

    /// <summary>The rules of <c>nft -j list ruleset</c> in their order, elements in one of their own.</summary>
    public static IReadOnlyList<string> Rules(string json) =>
        [.. JsonNode.Parse(json)!["nftables"]!.AsArray().Select(Canonical)];

    private static string Canonical(JsonNode? node) => Strip(node)?.ToJsonString(JsonSerializerOptions.Default) ?? "null";

    private static JsonNode? Strip(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Where(m => !Volatile.Contains(m.Key) && !(m.Key == "elem" && IsFilledByPackets(o))).Select(m => KeyValuePair.Create(m.Key, m is { Key: "elem", Value: JsonArray elements } ? Sorted(elements) : Strip(m.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Strip)]),
        _ => node?.DeepClone(),
    };

    /// <summary>nft 1.0.6 does not say of a set in JSON that rules fill it; its elements have counters then.</summary>
    private static bool IsFilledByPackets(JsonObject set) => set["elem"] is JsonArray { Count: > 0 } elements && elements[0] is JsonObject first && first["elem"]?["counter"] is not null;

    private static JsonArray Sorted(JsonArray elements) =>
        new([.. elements.Select(Strip).OrderBy(e => e!.ToJsonString(JsonSerializerOptions.Default), StringComparer.Ordinal)]);
}
