using Cleave.Runs;

namespace Cleave.Tests.Runs;

/// <summary>Shares, and how sure they are: against tables of Clopper and Pearson's interval.</summary>
public class FlakeRateTests
{
    [Theory]
    [InlineData(20, 20, 0, 0, 0.1684)]
    [InlineData(20, 19, 0.05, 0.0013, 0.2487)]
    [InlineData(10, 5, 0.5, 0.1871, 0.8129)]
    [InlineData(1, 0, 1, 0.025, 1)]
    [InlineData(10000, 9990, 0.001, 0.0005, 0.0018)]
    public void The_interval_is_exact(int runs, int passed, double rate, double low, double high) =>
        Assert.Equal(new FlakeRate("s", runs, passed, rate, low, high), FlakeRate.Of("s", runs, passed));
}
