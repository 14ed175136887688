using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Cleave.Peer;

/// <summary>
/// What one peer tells another: who it is and whom it hears. One line of text, such as <c>cleave-peer 1 a hears b,c</c>,
/// the same over UDP (a datagram) and TCP (a line), so that it can be read in a capture.
/// </summary>
internal sealed record Greeting(string From, ImmutableArray<string> Hears)
{
    private const string Magic = "cleave-peer";

    private const string Version = "1";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>More than 1,000 names of nodes; a datagram of this size is fragmented, but arrives.</summary>
    public const int MaxBytes = 60_000;

    public static bool IsName(string text) => text.Length is > 0 and <= 253 && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"{this}\n");

    public override string ToString() => $"{Magic} {Version} {From} hears {string.Join(',', Hears)}";

    /// <summary>False for anything but a greeting, whoever sent it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Greeting? greeting)
    {
        greeting = null;
        if (bytes.Length > MaxBytes || !Ascii.IsValid(bytes))
            return false;
        if (Encoding.ASCII.GetString(bytes).TrimEnd('\n').Split(' ') is not [Magic, Version, var from, "hears", var hears] || !IsName(from))
            return false;
        ImmutableArray<string> names = [.. hears.Split(',', StringSplitOptions.RemoveEmptyEntries)];
        if (!names.All(IsName))
            return false;
        greeting = new Greeting(from, names);
        return true;
    }
}
