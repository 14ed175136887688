using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary><c>secrets:</c> in a lab file.</summary>
public class SecretTests
{
    [Fact]
    public void Names_of_variables_are_taken_one_or_a_list()
    {
        Assert.Equal(["KEY"], Read("secrets: KEY").Topology!.Secrets);
        Assert.Equal(["KEY", "HOME"], Read("secrets: [KEY, HOME, KEY]").Topology!.Secrets);
    }

    [Theory]
    [InlineData("secrets: [KEZ]", "2:11: error: 'KEZ' is no variable of a node's, and not set", "did you mean 'KEY'?")]
    [InlineData("secrets: []", "2:10: error: an empty list stands here", "")]
    [InlineData("secrets: {KEY: 1}", "2:10: error: ", "expected the name of a variable, or a list of names")]
    [InlineData("secrets: SHORT", "2:10: error: 'SHORT' has a value of fewer than 4 characters", "")]
    public void Mistakes_are_told_with_their_place(string line, string says, string more)
    {
        string mistake = Assert.Single(Read(line).Diagnostics).ToString();
        Assert.Contains(says, mistake, StringComparison.Ordinal);
        Assert.Contains(more, mistake, StringComparison.Ordinal);
    }

    private static ReadResult Read(string line) => TopologyReader.Parse(
        "/lab/cleave.yaml",
        System.Text.Encoding.UTF8.GetBytes($"cleave: 1\n{line}\nnodes:\n  a: {{ip: 172.23.0.1, env: {{KEY: \"hushhush\", SHORT: abc, NONE: \"\"}}}}\n"),
        new Dictionary<string, string> { ["HOME"] = "/home/u" });
}
