using System.CommandLine;
using Cleave.Control;
using Cleave.Registry;

namespace Cleave.Cli;

/// <summary>Finds the running lab that a verb means.</summary>
internal static class RunningLabs
{
    public static Option<string?> Option() => new("--lab")
    {
        Description = "The lab's id; otherwise $CLEAVE_LAB, or the one lab of this folder",
        HelpName = "ID",
        CompletionSources = { Completions.Labs },
    };

    /// <summary>The lab meant.</summary>
    /// <exception cref="InputException">There is none, or there are several.</exception>
    public static LabRecord Find(string? given)
    {
        LabRegistry.Sweep();
        IReadOnlyList<LabRecord> all = LabRegistry.List();
        string? id = given ?? (Environment.GetEnvironmentVariable("CLEAVE_LAB") is { Length: > 0 } variable ? variable : null);
        if (id is not null)
        {
            return all.FirstOrDefault(l => l.Id == id)
                ?? throw new InputException($"no lab '{id}' is running{List(all)}");
        }

        string? file = LabFiles.Search();
        LabRecord[] here = [.. all.Where(l => l.File == file)];
        return here switch
        {
            [var only] => only,
            [] when all.Count == 0 => throw new InputException("no lab is running; cleave up starts one"),
            [] => throw new InputException($"no lab of this folder is running; name one with --lab{List(all)}"),
            _ => throw new InputException($"{here.Length} labs of this folder are running; name one with --lab{List(here)}"),
        };
    }

    public static LabClient Connect(string? given) => new(Find(given), plain: true);

    private static string List(IEnumerable<LabRecord> labs) => string.Concat(labs.Select(l => $"\n  {l.Id}  {l.File}"));
}
