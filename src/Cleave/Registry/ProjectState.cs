using System.Globalization;
using Cleave.Runs;

namespace Cleave.Registry;

/// <summary>What labs and runs leave with a project: in <c>.cleave</c> beside the lab file, which git ignores, or below the user's state folder where the project cannot be written.</summary>
internal static class ProjectState
{
    private const string Beside = ".cleave";

    /// <summary>A folder for one kind of things; made if it is missing.</summary>
    /// <param name="directory">Where the lab file lies.</param>
    /// <param name="kind">labs or runs.</param>
    /// <param name="name">A folder in it, or "".</param>
    public static string Make(string directory, string kind, string name)
    {
        string beside = Path.Combine(directory, Beside);
        try
        {
            Directory.CreateDirectory(beside);
            string ignore = Path.Combine(beside, ".gitignore");
            if (!File.Exists(ignore))
            {
                File.WriteAllText(ignore, "*\n");
            }

            return Directory.CreateDirectory(Path.Combine(beside, kind, name)).FullName;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Directory.CreateDirectory(Path.Combine(Elsewhere(directory, kind), name)).FullName;
        }
    }

    /// <summary>The folders of a kind that are there.</summary>
    public static IEnumerable<string> Find(string directory, string kind) =>
        new[] { Path.Combine(directory, Beside, kind), Elsewhere(directory, kind) }.Where(Directory.Exists);

    // Runs are a project's: those of other projects are neither listed nor pruned with them.
    private static string Elsewhere(string directory, string kind) => Path.Combine(
        RuntimeDirectory.StateHome(), "cleave", kind, kind == "labs" ? "" : Seeds.Hash(directory).ToString("x16", CultureInfo.InvariantCulture));
}
