using Cleave.Scenarios;

namespace Cleave.Tests.Scenarios;

public class LookTests
{
    [Theory]
    [InlineData("1", null, null, true)]
    [InlineData("11", null, null, true)]
    [InlineData("10", null, null, false)]
    [InlineData("100", 1, 1, true)]
    [InlineData("110", 1, 1, false)]
    [InlineData("000", 1, 1, false)]
    [InlineData("000", 0, 0, true)]
    [InlineData("110", 2, null, true)]
    [InlineData("100", 2, null, false)]
    [InlineData("100", 0, 1, true)]
    [InlineData("110", 0, 1, false)]
    [InlineData("110", 1, 2, true)]
    [InlineData("111", 1, 2, false)]
    public void A_check_holds_of_all_or_of_as_many_as_wanted(string answers, int? least, int? most, bool holds) =>
        Assert.Equal(holds, Of(answers, least, most).Holds);

    [Fact]
    public void One_subject_is_described_on_one_line() => Assert.Equal("it was 0", Of("0", null, null).Describe());

    [Fact]
    public void Of_several_those_that_fail_are_described_and_concerned()
    {
        Look look = Of("101", null, null);
        Assert.Equal("it held of 2 of 3:\n    n1 was 0", look.Describe());
        Assert.Equal([1], look.Concerned);
    }

    [Fact]
    public void Where_they_are_counted_all_are_described_those_that_hold_first()
    {
        Look look = Of("011", 1, 1);
        Assert.Equal("it held of 2 of 3:\n    n1 was 1: holds\n    n2 was 1: holds\n    n0 was 0: does not", look.Describe());
        Assert.Equal([1, 2, 0], look.Concerned);
    }

    [Fact]
    public void Of_very_many_the_first_are_shown_and_the_others_counted() =>
        Assert.EndsWith("n9 was 0\n    and 15 more", Of(new string('0', 25), null, null).Describe(), StringComparison.Ordinal);

    private static Look Of(string answers, int? least, int? most) => new(
        default,
        [.. answers.Select((_, i) => new Subject($"n{i}", [i], _ => throw new InvalidOperationException()))],
        [.. answers.Select(a => new Answer(a == '1', $"was {a}"))],
        least is { } l ? new CheckCount(l, most) : null);
}
