using System.Globalization;
using Cleave.Topology;

namespace Cleave.Namespaces;

/// <summary>The user and group ids that exist in a lab (user_namespaces(7)).</summary>
/// <param name="Users">Ranges of user ids, first and last, in order.</param>
/// <param name="Groups">Ranges of group ids.</param>
internal sealed record LabIds(IReadOnlyList<(uint First, uint Last)> Users, IReadOnlyList<(uint First, uint Last)> Groups)
{
    /// <summary>Those of the namespace that a process is in.</summary>
    /// <param name="process">Its number, or "self".</param>
    public static LabIds Of(string process) => new(Parse(File.ReadLines($"/proc/{process}/uid_map")), Parse(File.ReadLines($"/proc/{process}/gid_map")));

    /// <summary>Why nothing can run as a user; null if it can.</summary>
    public string? WhyNot(NodeUser user) =>
        !Has(Users, user.Uid) ? $"in this lab there {Say("user", Users)}"
        : !Has(Groups, user.Gid) ? $"the group id is {user.Gid}, and in this lab there {Say("group", Groups)}"
        : null;

    /// <summary>The user with those groups only that exist.</summary>
    public NodeUser Confine(NodeUser user) => user with { Groups = [.. user.Groups.Where(g => Has(Groups, g))] };

    /// <summary>Lines of "inside outside count".</summary>
    internal static IReadOnlyList<(uint First, uint Last)> Parse(IEnumerable<string> map) =>
    [
        .. map.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(f => (First: uint.Parse(f[0], CultureInfo.InvariantCulture), Count: uint.Parse(f[2], CultureInfo.InvariantCulture)))
            .Select(r => (r.First, r.First + (r.Count - 1)))
            .OrderBy(r => r.First),
    ];

    private static bool Has(IReadOnlyList<(uint First, uint Last)> ranges, uint id) => ranges.Any(r => id >= r.First && id <= r.Last);

    private static string Say(string kind, IReadOnlyList<(uint First, uint Last)> ranges)
    {
        uint next = 0;
        foreach ((uint first, uint last) in ranges.TakeWhile(r => r.First == next))
        {
            next = last + 1;
        }

        return next == 1 ? $"is only {kind} id 0" : $"are {kind} ids 0 to {next - 1}";
    }
}
