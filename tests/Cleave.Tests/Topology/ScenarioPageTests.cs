using System.Text.RegularExpressions;

namespace Cleave.Tests.Topology;

/// <summary>docs/scenarios.md: what it shows can be used. A block is a lab file, or steps for the lab at the top of the page.</summary>
public sealed partial class ScenarioPageTests
{
    private static readonly string[] Blocks = [.. Yaml().Matches(File.ReadAllText(Repository.PathOf("docs", "scenarios.md"))).Select(m => m.Groups["text"].Value)];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Blocks.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Every_block_is_valid(int number)
    {
        string block = Blocks[number];
        if (block.StartsWith("cleave: 1", StringComparison.Ordinal))
        {
            LabText.Valid(block);
            return;
        }

        string nodes = Blocks[0][..(Blocks[0].IndexOf("scenarios:\n", StringComparison.Ordinal) + "scenarios:\n".Length)];
        LabText.Valid($"{nodes}  s:\n{string.Concat(block.Split('\n').Select(l => $"    {l}\n"))}");
    }

    [Fact]
    public void The_page_shows_every_verb_that_checks_or_waits() =>
        Assert.All(["expect", "always", "never", "wait", "run", "during", "repeat", "parallel"], verb =>
            Assert.Contains(Blocks, b => Regex.IsMatch(b, $@"(- |  ){verb}:")));

    [GeneratedRegex(@"^```yaml\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Yaml();
}
