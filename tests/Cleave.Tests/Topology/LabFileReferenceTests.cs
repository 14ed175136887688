using System.Text.RegularExpressions;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>
/// docs/lab-file.md says what the parser does. Its tables stand between <c>&lt;!-- keys: NAME --&gt;</c> and <c>&lt;!-- end --&gt;</c>;
/// with CLEAVE_UPDATE_DOCS=1 this test writes them.
/// </summary>
public sealed partial class LabFileReferenceTests
{
    private static readonly string Page = Repository.PathOf("docs", "lab-file.md");

    [Fact]
    public void The_reference_page_has_the_tables_that_the_parser_reads_by()
    {
        string text = File.ReadAllText(Page);
        var tables = LabFileReference.Write().ToDictionary(t => t.Name, t => t.Markdown);
        if (Environment.GetEnvironmentVariable("CLEAVE_UPDATE_DOCS") == "1")
        {
            text = Block().Replace(text, m => $"<!-- keys: {m.Groups["name"].Value} -->\n{tables[m.Groups["name"].Value]}<!-- end -->");
            File.WriteAllText(Page, text);
        }

        var blocks = Block().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["table"].Value);
        Assert.True(
            tables.Keys.ToHashSet().SetEquals(blocks.Keys),
            $"docs/lab-file.md wants a section with '<!-- keys: NAME -->' and '<!-- end -->' for each of {string.Join(", ", tables.Keys)}; it has {string.Join(", ", blocks.Keys)}");
        Assert.All(tables, t => Assert.True(t.Value == blocks[t.Key], $"the table '{t.Key}' is not the parser's: run this test with CLEAVE_UPDATE_DOCS=1"));
    }

    [Fact]
    public void Every_link_of_a_table_leads_to_a_heading()
    {
        string text = File.ReadAllText(Page);
        var headings = Heading().Matches(text).Select(m => m.Groups["title"].Value.ToLowerInvariant().Replace(' ', '-')).ToHashSet();
        Assert.All(Link().Matches(text), m => Assert.Contains(m.Groups["to"].Value, headings));
    }

    [Fact]
    public void Every_lab_on_the_page_is_valid()
    {
        MatchCollection labs = Yaml().Matches(File.ReadAllText(Page));
        Assert.NotEmpty(labs);
        Assert.All(labs, m => Assert.Empty(TopologyReader.Parse("/lab/cleave.yaml", System.Text.Encoding.UTF8.GetBytes(m.Groups["text"].Value), null, Surroundings.AsChecked(new Dictionary<string, string>())).Diagnostics));
    }

    [GeneratedRegex(@"<!-- keys: (?<name>[a-z-]+) -->\n(?<table>.*?)<!-- end -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#(?<to>[^)]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"^```yaml\n(?<text>cleave: 1.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Yaml();
}
