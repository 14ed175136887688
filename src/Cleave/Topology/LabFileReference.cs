using System.Collections.Immutable;
using System.Text;

namespace Cleave.Topology;

/// <summary>The lab file's language as tables in Markdown, made of the tables that the reader has.</summary>
public static class LabFileReference
{
    /// <summary>Each table under the name of what it describes, in the order in which a reader of the file meets them.</summary>
    public static ImmutableArray<(string Name, string Markdown)> Write() =>
    [
        .. LanguageTables.All.Select(t => (LanguageTables.Name(t), Keys(t))),
        ("step", Verbs()),
        ("beside-a-verb", Siblings()),
    ];

    private static string Keys(KeyTable table)
    {
        var text = new StringBuilder("| key | value | meaning |\n| --- | --- | --- |\n");
        foreach (var key in table.Descriptions)
            Row(text, key.IsRequired ? $"`{key.Name}` (required)" : $"`{key.Name}`", Describe(key.Value), key.About);
        if (table.IsExtensible)
            Row(text, "`x-…`", "anything", "Yours: Cleave passes over it. A place for what anchors (`&name`) are taken from.");
        return text.ToString();
    }

    private static string Verbs()
    {
        var text = new StringBuilder("| verb | value | meaning | beside it |\n| --- | --- | --- | --- |\n");
        foreach (var verb in StepReader.Verbs)
            Row(text, $"`{verb.Name}`", Describe(verb.Value), verb.About, string.Join(", ", verb.Siblings.Select(s => $"`{s}`")));
        return text.ToString();
    }

    private static string Siblings()
    {
        var text = new StringBuilder("| key | value | meaning |\n| --- | --- | --- |\n");
        foreach (var sibling in StepReader.AllSiblings)
            Row(text, $"`{sibling.Name}`", Describe(sibling.Value), sibling.About);
        return text.ToString();
    }

    private static void Row(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        foreach (var cell in cells)
            text.Append("| ").Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(' ');
        text.Append("|\n");
    }

    /// <param name="shape">What may stand there.</param>
    /// <param name="inner">Inside another: without an example.</param>
    private static string Describe(Shape shape, bool inner = false) => shape switch
    {
        Shape.Number { Least: var least, Most: var most } => least == most ? $"`{least}`" : $"a whole number, {least} to {most}",
        Shape.Truth => "`true` or `false`",
        Shape.Nothing => "nothing",
        Shape.Anything => "any value",
        Shape.Text { What: var what, Example: var example } => inner || what == example ? what : $"{what}: `{example}`",
        Shape.Choice choice => string.Join(", ", choice.Words.Select(w => $"`{w}`")),
        Shape.ListOf list => $"a list, each {Describe(list.Item, inner: true)}",
        Shape.MapOf map => $"a mapping from {map.Key} to {Describe(map.Value, inner: true)}",
        Shape.Mapping mapping => $"a mapping, see [{mapping.Table().What}](#{LanguageTables.Name(mapping.Table())})",
        Shape.Step => "a [step](#step)",
        Shape.Fault => "a mapping with one of " + string.Join(", ", StepReader.Verbs.Where(v => v.IsScope).Select(v => $"`{v.Name}`")),
        Shape.AnyOf { Shapes: [var one, Shape.ListOf { Item: var item }] } when item == one => $"{Describe(one, inner: true)}, or a list of such",
        Shape.AnyOf any => string.Join(", or ", any.Shapes.Select(s => Describe(s, inner))),
        _ => throw new InvalidOperationException($"nobody describes {shape.GetType().Name}"),
    };
}
