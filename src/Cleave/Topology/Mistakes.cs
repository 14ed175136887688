using System.Collections.Immutable;

namespace Cleave.Topology;

/// <summary>Collects what is wrong with one file, so that all of it can be said at once.</summary>
/// <param name="file">Path as the user gave it.</param>
internal sealed class Mistakes(string file)
{
    /// <summary>Nobody reads more, and a hostile file must not make a list without end.</summary>
    public const int Limit = 500;

    private readonly HashSet<Diagnostic> _found = [];

    public int Count => _found.Count;

    /// <summary>Path as the user gave it.</summary>
    public string File => file;

    public void Add(Location at, string message, string? suggestion = null) => AddIn(file, at, message, suggestion);

    /// <summary>A mistake in another file, which this one refers to.</summary>
    public void AddIn(string other, Location at, string message, string? suggestion = null)
    {
        if (_found.Count >= Limit)
            return;

        // Anchors let one text be read in many places: the same mistake at the same place counts once.
        var isPrintable = suggestion is null || Quote.OneLine(suggestion) == suggestion;
        _found.Add(new Diagnostic(other, at, Quote.OneLine(message), isPrintable ? suggestion : null));
    }

    /// <summary>A name that is none of the valid ones.</summary>
    /// <returns>The name that was probably meant.</returns>
    public string? AddUnknown(Location at, string message, string word, IReadOnlyCollection<string> valid, string? suggestionForm = null)
    {
        if (_found.Count >= Limit)
            return null;
        var nearest = Nearest.Of(word, valid);
        Add(at, message, nearest is null || suggestionForm is null ? nearest : string.Format(null, suggestionForm, nearest));
        return nearest;
    }

    /// <summary>Those of the file itself first, by place, then text; every place inside the file.</summary>
    public ImmutableArray<Diagnostic> Sorted(SourceText? source) =>
    [
        .. _found
            .Select(d => source is null || d.File != file ? d : d with { At = source.Clamp(d.At) })
            .Distinct()
            .OrderBy(d => d.File != file).ThenBy(d => d.File, StringComparer.Ordinal)
            .ThenBy(d => d.At.Line).ThenBy(d => d.At.Column).ThenBy(d => d.Message, StringComparer.Ordinal),
    ];
}
