using Cleave.Cli;
using Cleave.Doctor;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Tests.Cli;

/// <summary>Which scenarios <c>cleave test</c> runs, how often, with which seeds, and how many at once.</summary>
public class TestPlanTests
{
    private static readonly Scenario[] Two = [new("a", new Location(1, 1), []), new("b", new Location(2, 1), [])];

    [Fact]
    public void Repetitions_go_round_and_each_has_the_next_seed()
    {
        Assert.Equal(["1 a 1 5", "2 b 1 5", "3 a 2 6", "4 b 2 6"], TestPlan.Runs(Two, 2, 5).Select(r => $"{r.Number} {r.Scenario.Name} {r.Repetition} {r.Seed}"));
        Assert.Equal(1000, TestPlan.Runs(Two, null, 5).Take(1000).Last().Number);
    }

    [Theory]
    [InlineData(3, 2, 8000, 3, null)]
    [InlineData(9, 2, 8000, 4, "4 labs at once, not 9: there are 2 processors, for 2 labs each")]
    [InlineData(9, 8, 500, 2, "2 labs at once, not 9: 500 MiB of memory are free, and each takes 210 MiB besides its programs")]
    [InlineData(2, 1, 10, 1, "1 lab at once, not 2: 10 MiB of memory are free, and each takes 210 MiB besides its programs")]
    public void As_many_at_once_as_processors_and_memory_allow(int asked, int processors, long megabytes, int jobs, string? why) =>
        Assert.Equal((jobs, why), TestPlan.Jobs(asked, processors, megabytes << 20, Needs.SmallLab));
}
