using System.Collections.Immutable;
using System.Globalization;

namespace Cleave.Topology;

/// <summary>Whom programs run as. Ids are those of the lab's user namespace, which are the machine's only if root has started the lab.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="Gid">The group id.</param>
/// <param name="Groups">All groups, the first one included (initgroups(3)).</param>
/// <param name="Name">Its name in passwd(5), if it has one.</param>
/// <param name="Home">Its home there.</param>
public sealed record NodeUser(uint Uid, uint Gid, ImmutableArray<uint> Groups, string? Name, string? Home)
{
    /// <summary>The files in which names are looked up.</summary>
    internal const string PasswdFile = "/etc/passwd";

    /// <inheritdoc cref="PasswdFile"/>
    internal const string GroupFile = "/etc/group";

    /// <summary>The lab's own: whoever has started it.</summary>
    public static NodeUser Root { get; } = new(0, 0, [], "root", null);

    /// <summary>Whether it is the lab's root, whose environment is that of whoever has started it.</summary>
    public bool IsRoot => (Uid, Gid) == (0, 0);

    /// <summary>HOME, USER and LOGNAME; null where it has none.</summary>
    public IReadOnlyList<(string Name, string? Value)> Environment => [("HOME", Home ?? "/"), ("USER", Name), ("LOGNAME", Name)];

    /// <summary>For messages: "www-data (user id 33)".</summary>
    public override string ToString() => Name is null ? $"user id {Uid}" : $"{Name} (user id {Uid})";

    /// <summary>Looks up a name or number, and behind a colon a group's, as docker has it.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="passwd">The text of passwd(5).</param>
    /// <param name="groups">The text of group(5).</param>
    /// <param name="error">What is wrong, with the nearest valid text or null.</param>
    /// <returns>Null with an error.</returns>
    internal static NodeUser? Find(string text, string passwd, string groups, out (string Message, string? Suggestion) error)
    {
        error = default;
        var parts = text.Split(':');
        if (parts.Length > 2 || parts.Any(p => p.Length == 0))
        {
            error = ($"{Quote.Text(text)} is no user: expected a user's name or id, and behind a colon a group's: www-data, 1000, 1000:1000, app:adm", null);
            return null;
        }

        string[][] users = [.. Records(passwd, 7)];
        string[][] all = [.. Records(groups, 4)];
        var isNumber = Id(parts[0], out var uid);
        var found = isNumber ? users.FirstOrDefault(u => Id(u[2], out var id) && id == uid) : users.FirstOrDefault(u => u[0] == parts[0]);
        uint own = 0;
        if (found is null ? !isNumber : !Id(found[2], out uid) | !Id(found[3], out own))
        {
            error = Unknown(text, parts[0], "user", PasswdFile, users, near => parts.Length == 2 ? $"{near}:{parts[1]}" : near);
            return null;
        }

        if (parts.Length == 2)
        {
            if (!Id(parts[1], out own) && !Id(all.FirstOrDefault(g => g[0] == parts[1])?[2] ?? "", out own))
            {
                error = Unknown(text, parts[1], "group", GroupFile, all, near => $"{parts[0]}:{near}");
                return null;
            }

            return new(uid, own, [own], found?[0], found?[5]);
        }

        var member = found is null ? [] : all.Where(g => g[3].Split(',').Contains(found[0])).Select(g => Id(g[2], out var id) ? id : own);
        return new(uid, own, [.. member.Prepend(own).Distinct()], found?[0], found?[5]);
    }

    private static (string Message, string? Suggestion) Unknown(string text, string name, string kind, string file, string[][] known, Func<string, string> mend)
    {
        var near = Nearest.Of(name, [.. known.Select(k => k[0])]);
        var place = name == text ? "" : $" in {Quote.Text(text)}";
        return name.All(char.IsAsciiDigit)
            ? ($"{Quote.Text(name)}{place} is no {kind} id: expected 0 to {uint.MaxValue - 1}", null)
            : ($"{Quote.Text(name)}{place} is no {kind} of this machine ({file}): expected one, or a {kind} id", near is null ? null : mend(near));
    }

    private static IEnumerable<string[]> Records(string text, int fields) => text.Split('\n').Select(l => l.Split(':')).Where(f => f.Length == fields);

    // The highest is (uid_t)-1, which stands for none.
    private static bool Id(string text, out uint id) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id != uint.MaxValue;
}
