using System.Collections.Immutable;
using System.Text;

namespace Cleave.Planning;

/// <summary>
/// Texts of some length that several nodes see, as the hosts file of a large lab: where a plan is printed they are written to a file once, and each node
/// takes its copy from there. Printed for each node they would grow with the square of the nodes.
/// </summary>
internal sealed class SharedTexts
{
    private const string Folder = "/run/cleave-plan"; // a script that makes namespaces can write below /run, and no node's mounts cover it yet

    private const int LinesToShare = 16;

    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    private SharedTexts(ImmutableArray<(string Path, string Text)> files)
    {
        Files = files;
        foreach ((string path, string text) in files)
        {
            _paths.Add(text, path);
        }
    }

    /// <summary>Paths and texts, in the order in which nodes need them.</summary>
    public ImmutableArray<(string Path, string Text)> Files { get; }

    /// <summary>What writes the files; empty where there are none.</summary>
    public string Commands
    {
        get
        {
            var text = new StringBuilder();
            foreach ((string path, string content) in Files)
            {
                text.Append(text.Length == 0 ? $"\n# What several nodes see.\nmkdir -p {Folder}\n" : "").Append($"cat >{path} <<'END'\n{content}END\n");
            }

            return text.ToString();
        }
    }

    public static SharedTexts Of(LabPlan plan)
    {
        IEnumerable<string> texts =
            from operation in plan.Rooms.OfType<Operation.ReplaceFile>()
            where operation.Text.AsSpan().Count('\n') > LinesToShare
            group operation by operation.Text into readers
            where readers.Count() > 1
            select readers.Key;
        return new SharedTexts([.. texts.Select((t, i) => ($"{Folder}/{i + 1}", t))]);
    }

    /// <summary>The file with that text, or null.</summary>
    public string? PathOf(string text) => _paths.GetValueOrDefault(text);
}
