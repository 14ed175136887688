using System.Collections.Immutable;

namespace Cleave.Scenarios;

/// <summary>One node or pair of which a check must hold.</summary>
/// <param name="Name">For messages: "n1", "n2 from n1".</param>
/// <param name="Nodes">The numbers of the nodes concerned.</param>
/// <param name="LookAsync">Finds out.</param>
internal sealed record Subject(string Name, ImmutableArray<int> Nodes, Func<CancellationToken, Task<Answer>> LookAsync);

/// <summary>What was found out about a subject.</summary>
/// <param name="Holds">Whether the check holds of it.</param>
/// <param name="Seen">What was seen: "was reachable".</param>
internal readonly record struct Answer(bool Holds, string Seen);

/// <summary>A moment of a scenario.</summary>
/// <param name="Since">Since its first step began.</param>
/// <param name="Time">By the wall clock.</param>
internal readonly record struct Moment(TimeSpan Since, DateTimeOffset Time)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Since.TotalSeconds:0.0} s into the scenario, {Time.UtcDateTime:HH:mm:ss.fff}Z";
}

/// <summary>What one look at all subjects of a check has shown.</summary>
/// <param name="At">When it began.</param>
/// <param name="Subjects">At least one.</param>
/// <param name="Answers">One for each subject.</param>
/// <param name="Count">Of how many it must hold; null: of each.</param>
internal sealed record Look(Moment At, ImmutableArray<Subject> Subjects, ImmutableArray<Answer> Answers, CheckCount? Count)
{
    private const int MostShown = 10;

    public bool Holds => Count?.Allows(Holding) ?? Holding == Answers.Length;

    private int Holding => Answers.Count(a => a.Holds);

    /// <summary>The nodes to look at if it did not show what it should: where it matters which, those that made the difference.</summary>
    public ImmutableArray<int> Concerned => [.. Telling.SelectMany(t => t.Subject.Nodes).Distinct()];

    /// <summary>What was seen, in words: on one line for one subject, else a line for each that matters.</summary>
    public string Describe()
    {
        if (Answers is [var only])
        {
            return $"it {only.Seen}";
        }

        (Subject Subject, Answer Answer)[] telling = [.. Telling];
        IEnumerable<string> lines = telling.Take(MostShown).Select(t => $"\n    {t.Subject.Name} {t.Answer.Seen}{(Count is null ? "" : t.Answer.Holds ? ": holds" : ": does not")}");
        string more = telling.Length > MostShown ? $"\n    and {telling.Length - MostShown} more" : "";
        return $"it held of {Holding} of {Answers.Length}:{string.Concat(lines)}{more}";
    }

    /// <summary>Of each: those of which it does not hold, unless it holds of all. Else all, those of which it holds first.</summary>
    private IEnumerable<(Subject Subject, Answer Answer)> Telling
    {
        get
        {
            IEnumerable<(Subject Subject, Answer Answer)> all = Subjects.Zip(Answers);
            return Count is null && !Holds ? all.Where(t => !t.Answer.Holds) : all.OrderByDescending(t => t.Answer.Holds);
        }
    }
}
