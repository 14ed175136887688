using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Cleave writes its output itself, past Console.</summary>
public sealed class OutputTests : KernelTest
{
    [Fact]
    public async Task A_reader_that_goes_away_early_is_no_failure_and_a_full_disk_is_one()
    {
        CleaveCommand cleave = NewLab(
            $"""
            cleave: 1
            nodes:
            {string.Concat(Enumerable.Range(1, 60).Select(n => $"  n{n}: {{ip: 172.23.0.{n}}}\n"))}
            """);
        Outcome piped = await cleave.ShellAsync("""{ "$CLEAVE" plan; echo "code $?" >&2; } | head -n 1""");
        Assert.Equal("code 0\n", piped.Errors);
        Assert.Single(piped.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Outcome full = await cleave.ShellAsync("""exec "$CLEAVE" plan >/dev/full""");
        Assert.NotEqual(0, full.Code);
        Assert.Contains("No space left on device", full.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_ASCII_is_written_in_UTF8_whatever_the_locale()
    {
        CleaveCommand cleave = NewLab("cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: \"echo 'ü 😀'\"}\n");
        cleave.Environment["LC_ALL"] = "C";
        Assert.Contains("a      | ü 😀\n", (await cleave.RunAsync("up")).Output, StringComparison.Ordinal);
    }
}
