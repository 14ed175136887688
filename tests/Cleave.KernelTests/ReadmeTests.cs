using System.Text.RegularExpressions;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

public sealed partial class ReadmeTests : KernelTest
{
    [Fact]
    public async Task The_first_lab_of_the_readme_passes_its_scenario()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(CleaveCommand.Repository, "README.md"), TestContext.Current.CancellationToken);
        CleaveCommand cleave = NewLab(Yaml().Match(readme).Groups["text"].Value, below: "/var/tmp");
        Assert.Contains("PASSED  web-lost", await cleave.OkAsync("test"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^```yaml\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Yaml();
}
