using System.Collections.Immutable;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Registry;
using Cleave.Runs.Report;

namespace Cleave.Runs;

/// <summary>The runs that a project has: lists and finds them, and removes old ones.</summary>
public static class RunArchive
{
    /// <summary>How many runs that are over are kept.</summary>
    public const int Kept = 50;

    /// <summary>The runs of the lab files in a folder, oldest first.</summary>
    public static ImmutableArray<ListedRun> List(string directory) =>
        [.. OldestFirst(ProjectState.Find(directory, "runs").SelectMany(Folders).Select(Look))];

    /// <summary>The run that is meant: by its name, by the only or newest one whose name contains this, or by its folder.</summary>
    /// <param name="directory">The folder of the lab file.</param>
    /// <param name="given">Null: the newest.</param>
    /// <exception cref="InputException">There is none.</exception>
    public static ListedRun Find(string directory, string? given)
    {
        if (given is not null && given.Contains('/', StringComparison.Ordinal))
        {
            string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
            return File.Exists(Path.Combine(folder, RunFolder.EventsName))
                ? Look(folder)
                : throw new InputException($"{given} is no folder of a run: it has no {RunFolder.EventsName}");
        }

        ImmutableArray<ListedRun> runs = List(directory);
        ListedRun? found = given is null
            ? runs.LastOrDefault()
            : runs.FirstOrDefault(r => r.Run == given) ?? runs.LastOrDefault(r => r.Run.Contains(given, StringComparison.Ordinal));
        return found ?? throw new InputException(runs.IsEmpty
            ? $"there are no runs of {directory}; cleave test makes them"
            : $"there is no run '{given}'; cleave runs lists them, the newest is {runs[^1].Run}");
    }

    /// <summary>How a run stands.</summary>
    public static ListedRun Look(string folder)
    {
        string name = Path.GetFileName(folder);
        if (TryResult(folder) is { } result)
        {
            return Listed(folder, result);
        }

        LabEvent? first = EventReader.ReadFirst(Path.Combine(folder, RunFolder.EventsName));
        RunState state = RunLock.IsHeld(Path.Combine(folder, RunFolder.LockName)) ? RunState.Running : RunState.CutOff;
        return new(name, folder, first?.Run?.Scenario ?? "", state, first?.Time, null, first?.Run?.Seed ?? 0, null);
    }

    /// <summary>What happened in a run.</summary>
    public static RunStory Story(ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return RunStory.Of(EventReader.Read(Path.Combine(run.Folder, RunFolder.EventsName)));
    }

    /// <summary>Writes the page of a run, anew if there is one.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static string WritePage(RunStory story, ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        RunFolder.Write(run.Folder, RunFolder.ReportName, ReportPage.Of(story, run));
        return Path.Combine(run.Folder, RunFolder.ReportName);
    }

    /// <summary>A run that has a result.</summary>
    internal static ListedRun Listed(string folder, RunResult result)
    {
        ScenarioResult r = result.Result;
        return new(Path.GetFileName(folder), folder, r.Scenario, StateOf(r.Verdict), result.Started, r.Seconds, result.Seed, r.Failure);
    }

    internal static string LockOf(string runs) => Path.Combine(runs, ".lock");

    internal static RunState StateOf(Verdict verdict) => Enum.Parse<RunState>(verdict.ToString());

    /// <summary>Removes what is over and too much: of those that passed the oldest, and only then of the others.</summary>
    internal static void Prune(string runs)
    {
        try
        {
            using var alone = RunLock.Own(LockOf(runs));
            string[] folders = [.. Folders(runs)];
            if (folders.Length <= Kept)
            {
                return;
            }

            ListedRun[] over = [.. OldestFirst(folders.Select(Look)).Where(r => r.State != RunState.Running && !RunLock.IsHeld(Path.Combine(r.Folder, RunFolder.LockName)))];
            foreach (ListedRun old in TooMany(over))
            {
                LabRegistry.RemoveTree(old.Folder);
            }
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            // They stay until the next run; this one is over, and its result is written.
        }
    }

    /// <summary>Which of the runs that are over, oldest first, are removed.</summary>
    internal static IEnumerable<ListedRun> TooMany(IReadOnlyCollection<ListedRun> over) =>
        over.OrderBy(r => r.State != RunState.Passed).Take(Math.Max(0, over.Count - Kept));

    /// <summary>Names begin with the second of the run's beginning; of one that was killed at once nothing else is known.</summary>
    private static IEnumerable<ListedRun> OldestFirst(IEnumerable<ListedRun> runs) =>
        runs.OrderBy(r => r.Run.Split('-')[0], StringComparer.Ordinal).ThenBy(r => r.Started).ThenBy(r => r.Run, StringComparer.Ordinal);

    private static IEnumerable<string> Folders(string runs) => Directory.GetDirectories(runs);

    private static RunResult? TryResult(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, RunFolder.ResultName)), RunJson.Default.RunResult);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
