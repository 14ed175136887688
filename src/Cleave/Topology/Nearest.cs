namespace Cleave.Topology;

/// <summary>Which valid name was probably meant.</summary>
internal static class Nearest
{
    // A longer word is no slip of the fingers, and with more names than this the list is not worth its time.
    private const int LongestWord = 64;
    private const int MostNames = 2000;

    /// <summary>The first of the nearest names, or null if none is near.</summary>
    public static string? Of(string word, IReadOnlyCollection<string> names)
    {
        if (word.Length is 0 or > LongestWord || names.Count > MostNames)
            return null;

        string? best = null;
        var bestDistance = int.MaxValue;
        var lower = word.ToLowerInvariant();
        foreach (var name in names)
        {
            var limit = Math.Min(3, (Math.Max(word.Length, name.Length) + 1) / 3);
            if (name.Length > LongestWord || Math.Abs(name.Length - word.Length) > limit)
                continue;
            var distance = Distance(lower, name.ToLowerInvariant());
            if (distance <= limit && distance < bestDistance)
                (best, bestDistance) = (name, distance);
        }

        return best;
    }

    /// <summary>Damerau–Levenshtein (optimal string alignment): insertions, deletions, substitutions, swapped neighbours.</summary>
    internal static int Distance(string a, string b)
    {
        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            var free = before;
            before = last;
            last = row;
            row = free;
        }

        return last[b.Length];
    }
}
