using Cleave.Processes;

namespace Cleave.Tests.Processes;

public class ExitStatusTests
{
    [Theory]
    [InlineData(0, 0, 0, "exit code 0")]
    [InlineData(3, 0, 3, "exit code 3")]
    [InlineData(255, 0, 255, "exit code 255")]
    [InlineData(0, 9, 137, "signal 9 (KILL)")]
    [InlineData(0, 15, 143, "signal 15 (TERM)")]
    [InlineData(7, 11, 139, "signal 11 (SEGV)")]
    [InlineData(0, 34, 162, "signal 34 (see kill -l)")]
    public void A_signal_counts_from_128_as_in_a_shell(int code, int signal, int shell, string text)
    {
        var status = new ExitStatus(code, signal);
        Assert.Equal(shell, status.ShellCode);
        Assert.Equal(text, status.ToString());
    }
}
