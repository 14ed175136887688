using Cleave.Doctor;
using Cleave.Runs;
using Cleave.Scenarios;

namespace Cleave.Cli;

/// <summary>One run that is to be.</summary>
/// <param name="Number">Which of all, from 1.</param>
/// <param name="Scenario">What is run.</param>
/// <param name="Repetition">Which repetition, from 1.</param>
/// <param name="Seed">What everything random is drawn with.</param>
internal sealed record PlannedRun(int Number, Scenario Scenario, int Repetition, int Seed);

/// <summary>Which runs there are, and how many at once. Pure.</summary>
internal static class TestPlan
{
    /// <summary>Labs mostly wait; more than so many on a processor, and what they time is each other.</summary>
    private const int LabsOfAProcessor = 2;

    /// <summary>Scenario after scenario, and all again.</summary>
    /// <param name="scenarios">Not empty.</param>
    /// <param name="repeat">How often; null: without end.</param>
    /// <param name="seed">Of the first repetition; the next has the next.</param>
    public static IEnumerable<PlannedRun> Runs(IReadOnlyList<Scenario> scenarios, int? repeat, int seed)
    {
        int number = 0;
        for (int repetition = 0; repeat is null || repetition < repeat; repetition++)
        {
            foreach (Scenario scenario in scenarios)
            {
                yield return new(++number, scenario, repetition + 1, Seeds.Of(seed, repetition));
            }
        }
    }

    /// <summary>How many labs run at once, and why not as many as asked for; null: as many.</summary>
    public static (int Jobs, string? Why) Jobs(int asked, int processors, long freeMemory, Needs needs)
    {
        int byProcessors = processors * LabsOfAProcessor;
        int byMemory = (int)Math.Clamp(freeMemory / needs.Memory, 1, int.MaxValue);
        int jobs = Math.Min(asked, Math.Min(byProcessors, byMemory));
        return jobs == asked ? (jobs, null)
            : byMemory < byProcessors
                ? (jobs, $"{Labs(jobs)} at once, not {asked}: {freeMemory >> 20} MiB of memory are free, and each takes {needs.Memory >> 20} MiB besides its programs")
                : (jobs, $"{Labs(jobs)} at once, not {asked}: there {(processors == 1 ? "is 1 processor" : $"are {processors} processors")}, for {LabsOfAProcessor} labs each");
    }

    private static string Labs(int count) => count == 1 ? "1 lab" : $"{count} labs";
}
