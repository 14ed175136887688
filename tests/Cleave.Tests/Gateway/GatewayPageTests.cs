using System.Text.RegularExpressions;
using Cleave.Gateway;

namespace Cleave.Tests.Gateway;

/// <summary>
/// docs/gateway.md shows what is printed, between <c>&lt;!-- dry run: VERB --&gt;</c> and <c>&lt;!-- end --&gt;</c>; with CLEAVE_UPDATE_DOCS=1 this test
/// writes it. What the reference prints stands there as in its own documentation.
/// </summary>
public sealed partial class GatewayPageTests
{
    private static readonly string Page = Repository.PathOf("docs", "gateway.md");

    [Fact]
    public void The_page_shows_what_is_printed()
    {
        GatewayPlan create = GatewayPlan.Create(Hosts.Bare, null, firewall: true);
        var printed = new Dictionary<string, string>
        {
            ["create"] = GatewayScript.Print(create, isRoot: false),
            ["destroy"] = GatewayScript.Print(GatewayPlan.Destroy(Hosts.After(Hosts.Bare, create.Steps)), isRoot: false),
        };
        string text = File.ReadAllText(Page);
        if (Environment.GetEnvironmentVariable("CLEAVE_UPDATE_DOCS") == "1")
        {
            text = Block().Replace(text, m => $"<!-- dry run: {m.Groups["verb"].Value} -->\n```sh\n{printed[m.Groups["verb"].Value]}```\n<!-- end -->");
            File.WriteAllText(Page, text);
        }

        var shown = Block().Matches(text).ToDictionary(m => m.Groups["verb"].Value, m => m.Groups["script"].Value);
        Assert.Equal(printed.Keys.Order(), shown.Keys.Order());
        Assert.All(printed, p => Assert.True(shown[p.Key] == $"```sh\n{p.Value}```\n", $"the page shows another '{p.Key}': run this test with CLEAVE_UPDATE_DOCS=1"));
    }

    [GeneratedRegex(@"<!-- dry run: (?<verb>[a-z]+) -->\n(?<script>.*?)<!-- end -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
