using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary><c>cleave graph</c> of a running lab.</summary>
public sealed class GraphTests : KernelTest
{
    [Fact]
    public async Task The_picture_of_the_readme_is_what_graph_draws_of_the_quickstart_with_a_node_alone()
    {
        CleaveCommand cleave = Example("quickstart");
        string lab = (await cleave.OkAsync("up", "-d")).Split('\n')[0].Trim();
        await cleave.OkAsync("isolate", "c");
        Assert.Equal(File.ReadAllText(Path.Combine(CleaveCommand.Repository, "docs", "lab.svg")), await cleave.OkAsync("graph", "--lab", lab));
        Assert.Contains("x-.-x|\"eth0 172.23.0.13\"| n2\n", await cleave.OkAsync("graph", "--lab", lab, "--format", "mermaid"), StringComparison.Ordinal);

        // The file may have been changed since the lab was started.
        cleave.Write("cleave.yaml", LabText.Of("other").Yaml());
        Outcome changed = await cleave.RunAsync("graph", "--lab", lab);
        Assert.Equal((2, ""), (changed.Code, changed.Output));
        Assert.Contains("has other nodes than lab", changed.Errors, StringComparison.Ordinal);
        await cleave.OkAsync("down");
    }
}
