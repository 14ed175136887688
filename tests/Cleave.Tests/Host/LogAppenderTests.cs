using Cleave.Host;

namespace Cleave.Tests.Host;

/// <summary>How a file goes on after a disk was full is seen on a real one, by the kernel tests; here /dev/full (full(4)) stands for one that stays so.</summary>
public sealed class LogAppenderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cleave-test-").FullName;
    private readonly StillClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_in_the_file_after_a_flush_behind_what_was_there()
    {
        string file = Path.Combine(_folder, "log");
        File.WriteAllText(file, "before\n");
        using var log = new LogAppender(file, _clock);
        log.Add("one");
        log.Add("zwölf");
        Assert.Equal("before\n", File.ReadAllText(file));

        Assert.Equal(0, log.Flush());
        Assert.Equal(0, log.Flush());
        Assert.Equal("before\n2026-01-02T12:00:00.000000Z one\n2026-01-02T12:00:00.000000Z zwölf\n", File.ReadAllText(file));
        Assert.Equal(0, log.Missing);
    }

    [Fact]
    public void Lines_that_a_full_disk_does_not_take_are_counted_and_what_tells_of_them_is_not()
    {
        using var log = new LogAppender("/dev/full", _clock);
        for (int expected = 1; expected <= 5; expected += 2)
        {
            log.Add("one");
            if (expected > 1)
            {
                log.Add("two");
            }

            const int NoSpace = 28; // ENOSPC
            Assert.Equal(NoSpace, log.Flush());
            Assert.Equal(expected, log.Missing);
            Assert.Equal(0, log.Flush()); // nothing to write
            Assert.Equal(expected, log.Missing);
        }
    }
}
