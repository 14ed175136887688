using System.Text;

namespace Cleave.Topology;

/// <summary>Names that are host names, too (RFC 1123).</summary>
internal static class DnsLabel
{
    public const string Expected = "lower-case letters, digits and hyphens, no hyphen at the ends, at most 63 characters";

    private const int Longest = 63;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest && name[0] != '-' && name[^1] != '-' && name.All(IsAllowed);

    /// <summary>A valid name that looks like this one, or null.</summary>
    public static string? Mend(string name)
    {
        var mended = new StringBuilder();
        foreach (var c in name.Take(2 * Longest))
        {
            if (IsAllowed(char.ToLowerInvariant(c)))
                mended.Append(char.ToLowerInvariant(c));
            else if (c is '_' or '.' or ' ' or '/' or ':')
                mended.Append('-');
        }

        var trimmed = mended.ToString().Trim('-');
        trimmed = trimmed[..Math.Min(Longest, trimmed.Length)].TrimEnd('-');
        return trimmed.Length > 0 && trimmed != name ? trimmed : null;
    }

    private static bool IsAllowed(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';
}
