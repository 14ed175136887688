namespace Cleave.Bench;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Benches">Which benches to run.</param>
/// <param name="Floor">The folder with the compiled programs to compare with.</param>
/// <param name="Published">The folder with the single-file programs, one a kind.</param>
/// <param name="Rounds">How often each method is measured; null: each bench's own number.</param>
/// <param name="Json">Where to write everything, single measurements included.</param>
/// <param name="Markdown">Whether tables are printed as docs/figures.md has them.</param>
internal sealed record BenchOptions(IReadOnlyList<string> Benches, string Floor, string Published, int? Rounds, string? Json, bool Markdown)
{
    /// <summary>Null if it cannot be understood.</summary>
    public static BenchOptions? Parse(string[] args, IReadOnlyList<string> names)
    {
        var options = new BenchOptions([], "", "", null, null, false);
        for (int i = 0; i < args.Length; i++)
        {
            string? next = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--floor" when next is not null:
                    options = options with { Floor = next };
                    i++;
                    break;
                case "--published" when next is not null:
                    options = options with { Published = next };
                    i++;
                    break;
                case "--json" when next is not null:
                    options = options with { Json = next };
                    i++;
                    break;
                case "--rounds" when int.TryParse(next, out int rounds) && rounds > 0:
                    options = options with { Rounds = rounds };
                    i++;
                    break;
                case "--markdown":
                    options = options with { Markdown = true };
                    break;
                case var name when names.Contains(name):
                    options = options with { Benches = [.. options.Benches, name] };
                    break;
                default:
                    return null;
            }
        }

        return options.Benches.Count == 0 ? options with { Benches = names } : options;
    }
}
