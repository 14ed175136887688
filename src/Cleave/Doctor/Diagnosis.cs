using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cleave.Control;

namespace Cleave.Doctor;

/// <summary>How a machine does in one respect.</summary>
[JsonConverter(typeof(SnakeCaseEnum<Status>))]
public enum Status
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Labs run, and something of theirs does not.</summary>
    Limited,

    /// <summary>No lab can run, or not this one.</summary>
    Missing,

    /// <summary>It could not be tried, because something else is missing.</summary>
    Untried,
}

/// <summary>What a verdict is about.</summary>
[JsonConverter(typeof(SnakeCaseEnum<Area>))]
public enum Area
{
    /// <summary>Programs that Cleave starts.</summary>
    Programs,

    /// <summary>Namespaces, and who may make them.</summary>
    Namespaces,

    /// <summary>What a container lets through.</summary>
    Container,

    /// <summary>Links, tables and queues of the kernel.</summary>
    Network,

    /// <summary>User and group ids in a lab.</summary>
    Ids,

    /// <summary>How many of something there can be.</summary>
    Limits,

    /// <summary>Where Cleave keeps what it needs.</summary>
    Places,
}

/// <summary>What was found in one respect, what that costs, and what to do about it.</summary>
/// <param name="Status">The verdict.</param>
/// <param name="Found">What was found, in a few words.</param>
/// <param name="Cost">What the user does without; null if nothing.</param>
/// <param name="Remedy">Lines to run or to do; empty if there is nothing to do, or another verdict says it.</param>
public sealed record Verdict(Status Status, string Found, string? Cost = null, ImmutableArray<string> Remedy = default)
{
    /// <summary>All is well.</summary>
    public static Verdict Ok(string found) => new(Status.Ok, found, null, []);

    /// <summary>Labs run, at a cost.</summary>
    public static Verdict Limited(string found, string cost, params ImmutableArray<string> remedy) => new(Status.Limited, found, cost, remedy);

    /// <summary>No lab can run.</summary>
    public static Verdict Missing(string found, string cost, params ImmutableArray<string> remedy) => new(Status.Missing, found, cost, remedy);

    /// <summary>Could not be tried.</summary>
    public static Verdict Untried(string why) => new(Status.Untried, why, null, []);
}

/// <summary>One thing a lab uses.</summary>
/// <param name="Id">Stable, for programs that read the JSON.</param>
/// <param name="Area">What it belongs to.</param>
/// <param name="Name">For people.</param>
/// <param name="Purpose">What a lab uses it for.</param>
/// <param name="Judge">The verdict from what was found, or null where there is nothing to say about it on such a machine.</param>
public sealed record Check(string Id, Area Area, string Name, string Purpose, Func<Findings, Needs, Verdict?> Judge);

/// <summary>A check and its verdict.</summary>
/// <param name="Id">The check's id.</param>
/// <param name="Area">What it belongs to.</param>
/// <param name="Name">What was looked at.</param>
/// <param name="Purpose">What a lab uses it for.</param>
/// <param name="Status">The verdict.</param>
/// <param name="Found">What was found.</param>
/// <param name="Cost">What the user does without.</param>
/// <param name="Remedy">What to do, line by line.</param>
public sealed record Diagnosis(
    string Id, Area Area, string Name, string Purpose, Status Status, string Found, string? Cost, ImmutableArray<string> Remedy);

/// <summary>What the doctor says of a machine; <c>cleave doctor --json</c>.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Lab">The lab file it was held against; null for a lab as in the examples.</param>
/// <param name="Nodes">That lab's nodes.</param>
/// <param name="CanRun">Whether that lab can run here.</param>
/// <param name="Checks">In the catalogue's order.</param>
public sealed record Report(int Schema, string Kernel, string? Lab, int Nodes, bool CanRun, ImmutableArray<Diagnosis> Checks)
{
    /// <summary>The verdicts on a machine. Pure.</summary>
    public static Report Of(Findings findings, Needs needs) => Of(findings, needs, Catalogue.Checks);

    /// <summary>The verdicts of some checks. Pure.</summary>
    public static Report Of(Findings findings, Needs needs, ImmutableArray<Check> among)
    {
        ImmutableArray<Diagnosis> checks =
        [
            .. from check in among
               let verdict = check.Judge(findings, needs)
               where verdict is not null
               select new Diagnosis(
                   check.Id, check.Area, check.Name, check.Purpose, verdict.Status, verdict.Found, verdict.Cost,
                   verdict.Remedy.IsDefault ? [] : verdict.Remedy),
        ];
        return new Report(ControlJson.Schema, findings.Kernel, needs.Lab, needs.Nodes, !checks.Any(c => c.Status == Status.Missing), checks);
    }

    /// <summary>What keeps the lab from running, with the remedies, as a failing verb says it; null if nothing does.</summary>
    public string? Obstacles()
    {
        Diagnosis[] missing = [.. Checks.Where(c => c.Status == Status.Missing)];

        // What only follows from another has no remedy of its own.
        Diagnosis[] causes = Array.Exists(missing, c => !c.Remedy.IsEmpty) ? [.. missing.Where(c => !c.Remedy.IsEmpty)] : missing;
        return causes.Length == 0 ? null : string.Join('\n', causes.Select(Text));

        static string Text(Diagnosis d) => $"{d.Name}: {d.Found}" + string.Concat(d.Remedy.Select(line => $"\n    {line}"));
    }
}

/// <summary>JSON of the doctor's, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(ImmutableSortedDictionary<Trial, Outcome>))]
public sealed partial class DoctorJson : JsonSerializerContext;
