using Cleave.Linux;

namespace Cleave.Tests.Linux;

public class SignalsTests
{
    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("sigterm", 15)]
    [InlineData("USR1", 10)]
    [InlineData("SYS", 31)]
    [InlineData("9", 9)]
    [InlineData("64", 64)]
    [InlineData("0", null)]
    [InlineData("65", null)]
    [InlineData("-9", null)]
    [InlineData("SIG", null)]
    [InlineData("", null)]
    [InlineData("TREM", null)]
    public void A_signal_is_read_by_name_and_by_number(string text, int? signal) => Assert.Equal(signal, Signals.Parse(text));

    [Fact]
    public void Every_name_is_that_of_its_number()
    {
        foreach ((int index, string name) in Signals.Names.Index())
        {
            Assert.Equal(index + 1, Signals.Parse(name));
            Assert.Equal(name, Signals.Name(index + 1));
        }

        Assert.Equal("34", Signals.Name(34));
    }
}
