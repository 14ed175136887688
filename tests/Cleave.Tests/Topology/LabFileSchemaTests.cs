using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cleave.Topology;
using Json.Schema;

namespace Cleave.Tests.Topology;

/// <summary>What editors are told agrees with the parser: no valid lab is underlined, and mistakes of form are.</summary>
public sealed partial class LabFileSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(LabFileSchema.Write());

    public static TheoryData<string> Labs()
    {
        var labs = new TheoryData<string>();
        string[] pages = [Repository.PathOf("README.md"), .. Directory.GetFiles(Repository.PathOf("docs"), "*.md")];
        foreach (string page in pages.Where(p => Path.GetFileName(p) != "first-mistakes.md"))
        {
            foreach (Match lab in Yaml().Matches(File.ReadAllText(page)))
            {
                labs.Add(lab.Groups["text"].Value);
            }
        }

        foreach (string file in Directory.GetFiles(Repository.PathOf("examples"), "cleave.yaml", SearchOption.AllDirectories))
        {
            labs.Add(File.ReadAllText(file));
        }

        labs.Add(Cleave.Cli.InitCommand.FirstLab);
        return labs;
    }

    [Theory]
    [MemberData(nameof(Labs))]
    public void No_valid_lab_is_underlined(string yaml)
    {
        EvaluationResults results = Evaluate(yaml);
        Assert.True(results.IsValid, Explain(results));
    }

    [Theory]
    [InlineData("nodes: {a: {ip: 172.23.0.1, rnu: x}}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, ready: {tcp: 70000}}}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, ready: {tcp: 80, within: 5}}}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, job: maybe}}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1, run: []}}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [{isolat: a}]}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [hael]}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [{isolate: a, run: x}]}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [{sleep: 1s, save: x}]}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [{during: {heal: }, for: 1s}]}")]
    [InlineData("nodes: {a: {ip: 172.23.0.1}}\nscenarios: {s: [{repeat: 0, steps: [heal]}]}")]
    [InlineData("networks: {lan: {}}\nnodes: {a: {ip: 172.23.0.1}}")]
    [InlineData("scenarios: {}")]
    public void Mistakes_of_form_are_underlined_and_mistakes_to_the_parser_too(string yaml)
    {
        yaml = "cleave: 1\n" + yaml;
        Assert.False(Evaluate(yaml).IsValid, "the schema finds nothing");
        Assert.NotEmpty(TopologyReader.Parse("/lab/cleave.yaml", System.Text.Encoding.UTF8.GetBytes(yaml)).Diagnostics);
    }

    [Fact]
    public void Every_key_says_what_it_means() => Assert.All(
        LanguageTables.All.SelectMany(t => t.Descriptions.Select(k => (t.What, k.Name, k.About)))
            .Concat(StepReader.Verbs.Select(v => ("a step", v.Name, v.About)))
            .Concat(StepReader.AllSiblings.Select(s => ("a step", s.Name, s.About))),
        k => Assert.True(k.About.Length > 5 && k.About.EndsWith('.'), $"{k.Name} of {k.Item1}: '{k.About}'"));

    private static EvaluationResults Evaluate(string yaml)
    {
        var mistakes = new Mistakes("cleave.yaml");
        YamlNode root = YamlSource.Read(SourceText.Decode(System.Text.Encoding.UTF8.GetBytes(yaml), mistakes)!, mistakes)!;
        using var document = JsonDocument.Parse(Convert(root)!.ToJsonString());
        return Schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
    }

    private static string Explain(EvaluationResults results) => string.Join(
        '\n', (results.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation} ({d.SchemaLocation}): {e.Value}")));

    /// <summary>As an editor reads it: plain scalars have the types of YAML 1.2's core schema.</summary>
    private static JsonNode? Convert(YamlNode node) => node switch
    {
        MapNode map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Value, Convert(e.Value)))),
        ListNode list => new JsonArray([.. list.Items.Select(Convert)]),
        TextNode { IsEmpty: true } => null,
        TextNode { IsPlain: true, Value: "true" or "false" } truth => truth.Value == "true",
        TextNode { IsPlain: true } plain when long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        TextNode { IsPlain: true } plain when double.TryParse(plain.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        TextNode text => text.Value,
        _ => throw new InvalidOperationException(),
    };

    [GeneratedRegex(@"^```yaml\n(?<text>cleave: 1.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Yaml();
}
