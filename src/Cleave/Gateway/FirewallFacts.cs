using System.Collections.Immutable;
using System.Text.Json;

namespace Cleave.Gateway;

/// <summary>A chain of somebody else's that loses what no rule of its accepts.</summary>
public sealed record ClosedChain(string Family, string Table, string Name, string Hook);

/// <summary>A rule of ours among others': its place, its comment, and its number there.</summary>
public sealed record MarkedRule(string Family, string Table, string Chain, string Comment, int Handle);

/// <summary>What one of the programs called iptables knows.</summary>
/// <param name="Program">Which: several kinds of rules can be in force at once.</param>
/// <param name="Filters">Chains of the table <c>filter</c> that are in force: with rules, or losing what none of them accepts.</param>
/// <param name="Marked">Rules of ours, as <c>-A …</c>.</param>
public sealed record IptablesFacts(string Program, ImmutableArray<string> Filters, ImmutableArray<string> Marked);

/// <summary>What is known of the host's firewall; only root can look.</summary>
/// <param name="OwnTable">Whether our table is there.</param>
/// <param name="Closed">Chains that need a rule of ours.</param>
/// <param name="Marked">Our rules in others' tables.</param>
/// <param name="Iptables">By program.</param>
public sealed record FirewallFacts(
    bool OwnTable, ImmutableArray<ClosedChain> Closed, ImmutableArray<MarkedRule> Marked, ImmutableArray<IptablesFacts> Iptables)
{
    /// <summary>No rule at all.</summary>
    public static FirewallFacts None { get; } = new(false, [], [], []);

    /// <summary>Reads what <c>nft -j list ruleset</c> prints.</summary>
    /// <param name="json">Its output.</param>
    /// <param name="name">The name of our table, and our comment.</param>
    public static FirewallFacts Read(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement[] all = [.. document.RootElement.GetProperty("nftables").EnumerateArray()];
        var closing = All("rule").Where(r => ClosesAll(r)).Select(r => (Text(r, "family"), Text(r, "table"), Text(r, "chain"))).ToHashSet();
        return new FirewallFacts(
            All("table").Any(t => Text(t, "name") == name && Text(t, "family") == "inet"),
            [
                .. from c in All("chain")
                   where Text(c, "hook") is "forward" or "input" && Text(c, "type") == "filter" && Text(c, "family") is "ip" or "ip6" or "inet"
                   where Text(c, "table") != name && !IsOfIptables(c, Text(c, "name"))
                   where Text(c, "policy") == "drop" || closing.Contains((Text(c, "family"), Text(c, "table"), Text(c, "name")))
                   select new ClosedChain(Text(c, "family"), Text(c, "table"), Text(c, "name"), Text(c, "hook")),
            ],
            [
                .. from r in All("rule")
                   let comment = Text(r, "comment")
                   where (comment == name || comment.StartsWith(name + ' ', StringComparison.Ordinal)) && Text(r, "table") != name && !IsOfIptables(r, Text(r, "chain"))
                   select new MarkedRule(Text(r, "family"), Text(r, "table"), Text(r, "chain"), comment, r.GetProperty("handle").GetInt32()),
            ],
            []);

        IEnumerable<JsonElement> All(string kind) => all.Where(o => o.TryGetProperty(kind, out _)).Select(o => o.GetProperty(kind));
    }

    /// <summary>Reads what <c>iptables-save</c> prints.</summary>
    /// <param name="program">The program.</param>
    /// <param name="saved">Its output.</param>
    /// <param name="name">Our comment.</param>
    public static IptablesFacts ReadIptables(string program, string saved, string name)
    {
        string table = "";
        var filters = new SortedSet<string>(StringComparer.Ordinal);
        var marked = new List<string>();
        foreach (string line in saved.Split('\n').Select(l => l.Trim()))
        {
            string[] words = line.Split(' ');
            if (line.StartsWith('*'))
            {
                table = line[1..];
            }
            else if (words is ["-A", ..] && words.SkipWhile(w => w != "--comment").Skip(1).FirstOrDefault()?.Trim('"') == name)
            {
                marked.Add($"-t {table} {line}");
            }
            else if (table == "filter" && (words is [[':', ..], "DROP", ..] || words is ["-A", ..]))
            {
                filters.Add(words[0] == "-A" ? words[1] : words[0][1..]);
            }
        }

        return new IptablesFacts(program, [.. filters.Where(f => f is "INPUT" or "FORWARD")], [.. marked]);
    }

    /// <summary>A rule without condition that loses or refuses everything, as the last one of a chain that is open otherwise.</summary>
    private static bool ClosesAll(JsonElement rule)
    {
        bool closes = false;
        foreach (JsonElement expression in rule.GetProperty("expr").EnumerateArray())
        {
            string? kind = expression.EnumerateObject().FirstOrDefault().Name;
            if (kind is "drop" or "reject")
            {
                closes = true;
            }
            else if (kind is not ("counter" or "log"))
            {
                return false;
            }
        }

        return closes;
    }

    /// <summary>What iptables keeps in nf_tables, whose rules its own program has to change.</summary>
    private static bool IsOfIptables(JsonElement o, string chain) =>
        Text(o, "family") is "ip" or "ip6" && Text(o, "table") is "filter" or "nat" or "mangle" or "raw" or "security" && !chain.Any(char.IsAsciiLetterLower);

    private static string Text(JsonElement o, string member) => o.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";
}
