using System.Collections;
using System.Collections.Immutable;

namespace Cleave.Processes;

/// <summary>The environment of this process.</summary>
internal static class OwnEnvironment
{
    /// <summary>Its variables, now.</summary>
    public static ImmutableSortedDictionary<string, string> Read() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToImmutableSortedDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}
