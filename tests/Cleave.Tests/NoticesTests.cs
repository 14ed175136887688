using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cleave.Tests;

/// <summary>THIRD-PARTY-NOTICES.md names what is delivered, and nothing else.</summary>
public partial class NoticesTests
{
    private static readonly string Notices = File.ReadAllText(Repository.PathOf("THIRD-PARTY-NOTICES.md"));

    [Fact]
    public void Every_package_that_cleave_is_built_from_is_named_with_its_version()
    {
        using var built = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cleave.Cli.deps.json")));
        string[] delivered =
        [
            .. built.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(l => l.Value.GetProperty("type").GetString() == "package").Select(l => l.Name).Order(StringComparer.Ordinal),
        ];

        Assert.NotEmpty(delivered);
        Assert.Equal(delivered, Rows().Where(r => r.Version != "that of the SDK").Select(r => $"{r.Name}/{r.Version}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_frameworks_in_the_self_contained_program_are_named()
    {
        using var runtime = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cleave.Cli.runtimeconfig.json")));
        foreach (JsonElement framework in runtime.RootElement.GetProperty("runtimeOptions").GetProperty("frameworks").EnumerateArray())
        {
            Assert.Contains(Rows(), r => r.Version == "that of the SDK" && r.Name.EndsWith($"({framework.GetProperty("name")}.Runtime)", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<(string Name, string Version)> Rows() =>
        Row().Matches(Notices).Skip(2).Select(m => (m.Groups["name"].Value, m.Groups["version"].Value));

    [GeneratedRegex(@"^\| (?<name>[^|]+) \| (?<version>[^|]+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
