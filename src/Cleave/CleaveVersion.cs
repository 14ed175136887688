using Cleave.Registry;

namespace Cleave;

/// <summary>
/// Which Cleave this is. Commands and lab hosts of different ones refuse each other, since nobody has tried whether they understand each other;
/// only listing labs and ending them works across versions.
/// </summary>
public static partial class CleaveVersion
{
    /// <summary>The header of the control socket in which a client says which Cleave it is.</summary>
    internal const string Header = "Cleave-Version";

    /// <summary>
    /// The package's version, the commit, and where sources had been changed a digest of the changes:
    /// <c>0.1.0+COMMIT</c> or <c>0.1.0+COMMIT.changed.DIGEST</c>; without the rest where it was not built from a git checkout.
    /// </summary>
    public static string Current => Build;

    /// <summary>For people: <c>0.1.0 (commit 8406b5b4cf53, with changes 1a2b3c4d)</c>.</summary>
    /// <param name="version">As in <see cref="Current"/>; null: from before labs said their version.</param>
    public static string Describe(string? version)
    {
        if (version is null)
        {
            return "of an older version";
        }

        string[] parts = version.Split('+', 2);
        if (parts.Length == 1)
        {
            return version;
        }

        string[] build = parts[1].Split('.');
        string commit = build[0].Length > 12 ? build[0][..12] : build[0];
        return build is [_, "changed", var digest] ? $"{parts[0]} (commit {commit}, with changes {digest})" : $"{parts[0]} (commit {commit})";
    }

    /// <summary>Refuses a lab of another Cleave.</summary>
    /// <exception cref="InputException">It is one; the message names both versions and says what to do.</exception>
    internal static void Require(LabRecord lab)
    {
        if (lab.Version != Current)
        {
            throw new InputException(
                $"lab {lab.Id} was started by Cleave {Describe(lab.Version)}, and this is Cleave {Describe(Current)}, which does not talk to it; " +
                $"use the one it was started with, or end it, which works with any: cleave down --lab {lab.Id}");
        }
    }

    /// <summary>What a lab host answers to a command of another Cleave.</summary>
    internal static InputException Refusal(string? other) => new(
        $"this lab host is Cleave {Describe(Current)}, and was asked by Cleave {Describe(other)}, which it does not talk to; " +
        "use the same for both; cleave down and cleave ps --all work with any");
}
