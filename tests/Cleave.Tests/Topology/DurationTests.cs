using Cleave.Topology;

namespace Cleave.Tests.Topology;

public class DurationTests
{
    [Theory]
    [InlineData("1ms", 1)]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0.25s", 250)]
    [InlineData("1m", 60_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("1440m", 86_400_000)]
    [InlineData("007s", 7_000)]
    public void A_number_and_a_unit_are_a_duration(string text, int milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var value, out var error, out var suggestion), error);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
        Assert.Null(suggestion);
    }

    [Theory]
    [InlineData("5", "'5' needs a unit: expected a duration such as 500ms", "5s")]
    [InlineData("1.5", "needs a unit", "1.5s")]
    [InlineData("0", "needs a unit")]
    [InlineData("0s", "no time at all: expected 1ms to 24h")]
    [InlineData("0.5ms", "too short: expected 1ms to 24h")]
    [InlineData("-1s", "'-1s' is negative: expected a duration")]
    [InlineData("25h", "too long: expected 1ms to 24h")]
    [InlineData("86400001ms", "too long")]
    [InlineData("24.0001h", "too long")]
    [InlineData("99999999999999999999999999999999999999999s", "no duration")]
    [InlineData("7922816251426433759354395033h", "too long")]
    [InlineData("0.0000000000000000000000000001ms", "too short")]
    [InlineData("5S", "no duration", "5s")]
    [InlineData("5 s", "no duration", "5s")]
    [InlineData("5sec", "no duration", "5s")]
    [InlineData("5 Minutes", "no duration", "5m")]
    [InlineData("2hours", "no duration", "2h")]
    [InlineData("1d", "no duration")]
    [InlineData("1m30s", "no duration")]
    [InlineData("1.s", "no duration")]
    [InlineData(".5s", "no duration")]
    [InlineData("1.2.3s", "no duration")]
    [InlineData("1e3s", "no duration")]
    [InlineData("1,5s", "no duration")]
    [InlineData("+1s", "no duration")]
    [InlineData("٣s", "no duration")]
    [InlineData("s", "no duration")]
    [InlineData("", "'' is no duration")]
    [InlineData("soon", "'soon' is no duration: expected a duration such as 500ms, 2s, 1m or 2h")]
    public void Anything_else_is_an_error_that_says_what_is_expected(string text, string words, string? expectedSuggestion = null)
    {
        Assert.False(Duration.TryParse(text, out var value, out var error, out var suggestion));
        Assert.Equal(TimeSpan.Zero, value);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Equal(expectedSuggestion, suggestion);
        Assert.True(suggestion is null || Duration.TryParse(suggestion, out _, out _, out _));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(1.5, "1.5ms")]
    [InlineData(999, "999ms")]
    [InlineData(1_000, "1s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(59_999, "59.999s")]
    [InlineData(60_000, "1m")]
    [InlineData(61_000, "61s")]
    [InlineData(5_400_000, "90m")]
    [InlineData(86_400_000, "24h")]
    [InlineData(-1_500, "-1.5s")]
    public void A_duration_is_written_in_the_largest_unit_that_fits(double milliseconds, string text) =>
        Assert.Equal(text, Duration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new Random(4711);
        for (var i = 0; i < 10_000; i++)
        {
            var value = TimeSpan.FromTicks((long)Math.Pow(10, 4 + (random.NextDouble() * 7.93)));
            Assert.True(Duration.TryParse(Duration.Format(value), out var back, out var error, out _), error);
            Assert.Equal(value, back);
        }
    }
}
