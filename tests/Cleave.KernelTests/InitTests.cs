using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>The first file of a newcomer.</summary>
public sealed class InitTests : KernelTest
{
    [Fact]
    public async Task The_first_file_runs_and_is_not_replaced_unasked()
    {
        var cleave = new CleaveCommand(NewFolder("cleave-test-", "/var/tmp"), Runtime);
        await cleave.OkAsync("init", "--schema");
        Assert.Contains("PASSED  c-alone", await cleave.OkAsync("test"), StringComparison.Ordinal);

        string file = Path.Combine(cleave.Folder, "cleave.yaml");
        File.AppendAllText(file, "# mine\n");
        Outcome again = await cleave.RunAsync("init");
        Assert.Equal(2, again.Code);
        Assert.Contains("--force", again.Errors, StringComparison.Ordinal);
        Assert.EndsWith("# mine\n", File.ReadAllText(file), StringComparison.Ordinal);
        await cleave.OkAsync("init", "--force");
        Assert.DoesNotContain("# mine", File.ReadAllText(file), StringComparison.Ordinal);
    }
}
