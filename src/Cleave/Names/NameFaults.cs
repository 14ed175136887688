using System.Collections.Immutable;

namespace Cleave.Names;

/// <summary>How a name fails.</summary>
internal enum NameFault
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The server says that it has failed (SERVFAIL).</summary>
    Fail,

    /// <summary>There is no answer.</summary>
    Drop,
}

/// <summary>The names that fail. A node's name stands for its name below lab, too; *.example.com for every name below example.com.</summary>
/// <param name="Fail">Those that the server says it has failed with, in lower case.</param>
/// <param name="Drop">Those that are not answered; they win.</param>
internal sealed record NameFaults(ImmutableArray<string> Fail, ImmutableArray<string> Drop)
{
    public static NameFaults None { get; } = new([], []);

    public bool IsEmpty => Fail.IsEmpty && Drop.IsEmpty;

    /// <summary>How a name fails.</summary>
    public NameFault Of(string name) => IsIn(Drop, name) ? NameFault.Drop : IsIn(Fail, name) ? NameFault.Fail : NameFault.None;

    private static bool IsIn(ImmutableArray<string> names, string name)
    {
        foreach (string one in names)
        {
            if (one == name
                || (one.StartsWith("*.", StringComparison.Ordinal) && name.Length > one.Length - 1 && name.EndsWith(one[1..], StringComparison.Ordinal))
                || (name.Length == one.Length + 4 && name.StartsWith(one, StringComparison.Ordinal) && name.EndsWith(".lab", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
