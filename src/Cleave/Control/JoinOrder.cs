using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Cleave.Control;

/// <summary>Asks a running lab to start programs that end with whoever asks.</summary>
/// <param name="Only">Nodes or tags whose programs are wanted; empty: all.</param>
/// <param name="Exclude">Nodes or tags whose programs are not.</param>
/// <param name="Supervise">Whether a program that ends by itself ends the join, as the lab file says.</param>
/// <param name="Process">The number of the process that asks, on the host: others are told it.</param>
/// <param name="FileHash">SHA-256 of the lab file's text as it is now, in hexadecimal; null if it cannot be read.</param>
public sealed record JoinOrder(ImmutableArray<string> Only, ImmutableArray<string> Exclude, bool Supervise, int Process, string? FileHash);

/// <summary>What the lab says to who has joined it; one member is set.</summary>
public sealed record JoinNews
{
    /// <summary>The first news: the programs are being started.</summary>
    public JoinBegin? Begin { get; init; }

    /// <summary>Something happened to one of the programs, or to the lab as a whole.</summary>
    public LabEvent? Event { get; init; }

    /// <summary>True when all of them are ready for the first time.</summary>
    public bool? Ready { get; init; }

    /// <summary>The last news: all of them have ended.</summary>
    public JoinEnd? End { get; init; }

    /// <summary>The only news: nothing was started.</summary>
    public ErrorReply? Error { get; init; }
}

/// <summary>What a join has begun.</summary>
/// <param name="Nodes">Whose programs are started, in the file's order.</param>
/// <param name="LeftAlone">Whose programs were chosen by a tag or by leaving others out, and run already.</param>
/// <param name="FileChanged">Whether the lab file is another now than the one with which the lab was started.</param>
public sealed record JoinBegin(ImmutableArray<string> Nodes, ImmutableArray<string> LeftAlone, bool FileChanged);

/// <summary>How a join ended.</summary>
/// <param name="ExitCode">The program's own that ended it; 0 if all have ended well, 1 if one did not become ready; null if somebody has ended it.</param>
/// <param name="Reason">Why, for the user.</param>
/// <param name="LabEnds">Whether it ended with the lab.</param>
public sealed record JoinEnd(int? ExitCode, string Reason, bool LabEnds);

/// <summary>What who has joined says to the lab.</summary>
/// <param name="Wish">What is wanted.</param>
public sealed record JoinWord(JoinWish Wish);

/// <summary>What can be wanted of a join.</summary>
[JsonConverter(typeof(SnakeCaseEnum<JoinWish>))]
public enum JoinWish
{
    /// <summary>End the programs, each as its node says.</summary>
    Leave,

    /// <summary>Kill them.</summary>
    Kill,

    /// <summary>Let them run on, as programs that were started with the lab.</summary>
    Keep,
}
