using System.Reflection;
using Cleave.Netlink;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Tests;

public class ConventionTests
{
    private const int LongestFile = 600;

    private static readonly string[] Sources =
        [.. Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    [Fact]
    public void Types_are_named_after_what_they_are()
    {
        Assembly[] assemblies = [typeof(LabPlan).Assembly, typeof(MacAddress).Assembly];
        string[] vague = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities"];

        Assert.DoesNotContain(assemblies.SelectMany(a => a.GetTypes()), t => t.Namespace?.StartsWith("Cleave", StringComparison.Ordinal) == true && Array.Exists(vague, v => t.Name.EndsWith(v, StringComparison.Ordinal)));
    }

    [Fact]
    public void Folders_are_named_by_domain_and_not_by_kind()
    {
        string[] kinds = ["Models", "Services", "Interfaces", "Utils", "Helpers", "Common"];
        Assert.Empty(Sources.SelectMany(f => Path.GetRelativePath(Repository.Root, f).Split('/')).Intersect(kinds));
    }

    [Fact]
    public void Source_files_are_short_and_without_regions()
    {
        Assert.True(Sources.Length > 100, $"only {Sources.Length} files below {Repository.PathOf("src")}");
        Assert.All(Sources, file =>
        {
            string[] lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= LongestFile, $"{file} has {lines.Length} lines");
            Assert.DoesNotContain(lines, l => l.TrimStart().StartsWith("#region", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void The_wire_knows_no_lab() =>
        Assert.DoesNotContain(typeof(MacAddress).Assembly.GetReferencedAssemblies(), a => a.Name!.StartsWith("Cleave", StringComparison.Ordinal));

    public static TheoryData<string> Examples() =>
        [.. Directory.EnumerateFiles(Repository.PathOf("examples"), "cleave.yaml", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_is_a_valid_lab_file_that_can_be_planned(string file)
    {
        ReadResult result = TopologyReader.Load(Repository.PathOf(file));

        Assert.True(result.Diagnostics.IsEmpty, string.Join('\n', result.Diagnostics));
        Assert.NotEmpty(LabPlan.Of(result.Topology!, new PlanInputs("/project", "/run/cleave")).Network);
    }
}
