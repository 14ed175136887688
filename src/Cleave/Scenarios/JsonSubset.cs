using System.Text.Json;

namespace Cleave.Scenarios;

/// <summary>
/// Whether an answer has what is expected of it. Of an object: every expected member, which the answer's must match in turn; more may be there.
/// Of a list: for every expected element one of the answer's, another for each and in any order; more may be there, but an empty list expects an
/// empty one. Texts, numbers (by value), true, false and null must be equal.
/// </summary>
public static class JsonSubset
{
    private const int Longest = 80;

    /// <summary>What differs first, in words that begin with its place; null if nothing does.</summary>
    public static string? Difference(JsonElement expected, JsonElement seen) => Difference(expected, seen, "$");

    private static string? Difference(JsonElement expected, JsonElement seen, string place)
    {
        if (expected.ValueKind != seen.ValueKind)
        {
            return $"{place} is {Show(seen)}";
        }

        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in expected.EnumerateObject())
                {
                    string inner = $"{place}.{member.Name}";
                    string? difference = seen.TryGetProperty(member.Name, out JsonElement value)
                        ? Difference(member.Value, value, inner)
                        : $"{inner} is not there";
                    if (difference is not null)
                    {
                        return difference;
                    }
                }

                return null;
            case JsonValueKind.Array:
                return OfLists([.. expected.EnumerateArray()], [.. seen.EnumerateArray()], place);
            case JsonValueKind.Number:
                return SameNumber(expected, seen) ? null : $"{place} is {Show(seen)}";
            case JsonValueKind.String:
                return expected.ValueEquals(seen.GetString()) ? null : $"{place} is {Show(seen)}";
            default:
                return null;
        }
    }

    private static string? OfLists(JsonElement[] expected, JsonElement[] seen, string place)
    {
        if (expected.Length == 0)
        {
            return seen.Length == 0 ? null : $"{place} has {seen.Length} elements";
        }

        // Which expected element each of the answer's is taken by. One that finds all its own taken asks the others to take another.
        int[] takenBy = [.. Enumerable.Repeat(-1, seen.Length)];
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Take(i, new bool[seen.Length]))
            {
                return $"{place} has {(seen.Length == 0 ? "no elements" : "no element")} for {Show(expected[i])}";
            }
        }

        return null;

        bool Take(int wanted, bool[] asked)
        {
            for (int i = 0; i < seen.Length; i++)
            {
                if (!asked[i] && Difference(expected[wanted], seen[i], place) is null)
                {
                    asked[i] = true;
                    if (takenBy[i] < 0 || Take(takenBy[i], asked))
                    {
                        takenBy[i] = wanted;
                        return true;
                    }
                }
            }

            return false;
        }
    }

    private static bool SameNumber(JsonElement a, JsonElement b) =>
        a.TryGetDecimal(out decimal x) && b.TryGetDecimal(out decimal y) ? x == y : a.GetDouble().Equals(b.GetDouble());

    private static string Show(JsonElement element)
    {
        string text = element.GetRawText().ReplaceLineEndings(" ");
        return text.Length > Longest ? text[..Longest] + "…" : text;
    }
}
