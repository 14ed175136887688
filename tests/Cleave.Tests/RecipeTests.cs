using System.Text.Json;
using System.Text.RegularExpressions;
using Cleave.Cli;
using Cleave.Doctor;
using Cleave.Tests.Doctor;
using YamlDotNet.RepresentationModel;

namespace Cleave.Tests;

/// <summary>The recipes of docs/recipes: well-formed, with verbs that exist, and remedies that are the doctor's own.</summary>
public partial class RecipeTests
{
    [Fact]
    public void The_workflow_for_github_is_yaml_that_lifts_the_restriction_before_it_runs_scenarios()
    {
        YamlNode[] steps = [.. ((YamlSequenceNode)Yaml("github-actions.yml")["jobs"]["scenarios"]["steps"]).Children];
        string[] commands = [.. steps.OfType<YamlMappingNode>().Where(s => s.Children.ContainsKey("run")).Select(s => ((YamlScalarNode)s["run"]).Value!)];

        int lifted = Array.FindIndex(commands, c => c == "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        int tested = Array.IndexOf(commands, "cleave test");
        Assert.True(lifted >= 0 && tested > lifted, string.Join('\n', commands));
        Assert.All(steps, s => Assert.True(((YamlMappingNode)s).Children.ContainsKey("run") ^ ((YamlMappingNode)s).Children.ContainsKey("uses")));
    }

    [Fact]
    public void The_pipeline_for_gitlab_is_yaml_with_a_script()
    {
        YamlNode job = Yaml("gitlab-ci.yml")["scenarios"];
        Assert.Equal(["cleave doctor", "cleave test --junit cleave.xml"], ((YamlSequenceNode)job["script"]).Select(c => ((YamlScalarNode)c).Value));
    }

    [Fact]
    public void The_devcontainer_has_the_options_that_the_doctor_asks_for()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(PathOf("devcontainer/devcontainer.json")));
        string options = string.Join(' ', json.RootElement.GetProperty("runArgs").EnumerateArray().Select(a => a.GetString()));

        Findings docker = Machines.Healthy.WithMaskedProc("docker");
        string remedy = Report.Of(docker, Needs.SmallLab).Checks.Single(c => c.Id == "proc").Remedy[0];
        Assert.Equal($"docker run {options}", remedy);
    }

    public static TheoryData<string> Texts() => ["recipes/github-actions.yml", "recipes/gitlab-ci.yml", "recipes/devcontainer/devcontainer.json", "where-it-runs.md"];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_verb_of_a_recipe_exists(string file)
    {
        string[] verbs = [.. Commands.Create().Subcommands.Select(c => c.Name)];
        string[] used = [.. Verb().Matches(File.ReadAllText(Repository.PathOf("docs", file))).Select(m => m.Groups["verb"].Value).Distinct()];

        Assert.NotEmpty(used);
        Assert.Empty(used.Except(verbs));
    }

    [Fact]
    public void The_page_links_to_recipes_that_exist()
    {
        string[] links = [.. Link().Matches(File.ReadAllText(Repository.PathOf("docs", "where-it-runs.md"))).Select(m => m.Groups["file"].Value)];
        Assert.Equal(3, links.Distinct().Count());
        Assert.All(links, l => Assert.True(File.Exists(Repository.PathOf("docs", l)), l));
    }

    private static string PathOf(string recipe) => Repository.PathOf("docs", "recipes", recipe);

    private static YamlNode Yaml(string recipe)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(PathOf(recipe))));
        return Assert.Single(yaml.Documents).RootNode;
    }

    [GeneratedRegex(@"(?m)(^\s*(run: |- )?|[`""])cleave (?<verb>[a-z-]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Verb();

    [GeneratedRegex(@"\]\((?<file>recipes/[^)]*)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
