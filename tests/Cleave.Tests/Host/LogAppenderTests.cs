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
        using var log = new LogAppender(file, _clock, 1000);
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
        using var log = new LogAppender("/dev/full", _clock, 1000);
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

    [Fact]
    public void Half_of_what_is_kept_is_the_most_of_a_file_and_the_newest_lines_are_in_two()
    {
        const int Line = 28 + 9 + 1; // a time, a number, a newline
        string file = Path.Combine(_folder, "log");
        using var log = new LogAppender(file, _clock, 20 * Line);
        for (int number = 1; number <= 1000; number++)
        {
            log.Add($"{number:000000000}");
            if (number % 7 == 0)
            {
                Assert.Equal(0, log.Flush());
                Assert.InRange(new FileInfo(file).Length, 1, 10 * Line);
            }
        }

        Assert.Equal(0, log.Flush());
        Assert.InRange(new FileInfo(file + ".1").Length, 8 * Line, 10 * Line);
        string[] kept = [.. File.ReadLines(file + ".1").Concat(File.ReadLines(file)).Where(l => l.StartsWith("2026", StringComparison.Ordinal)).Select(l => l[28..])];
        Assert.InRange(kept.Length, 9, 20);
        Assert.Equal(Enumerable.Range(1001 - kept.Length, kept.Length).Select(n => $"{n:000000000}"), kept);
        Assert.Equal($"[cleave: {1000 - kept.Length} lines stand before this file]", File.ReadLines(file + ".1").First());
        Assert.Equal([file, file + ".1"], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_no_other_file_can_be_made_the_older_one_goes_on_and_no_line_is_lost()
    {
        string file = Path.Combine(_folder, "log");
        using var log = new LogAppender(file, _clock, 400);
        for (int number = 1; number <= 100; number++)
        {
            log.Add($"{number}");
            Assert.Equal(0, log.Flush());
            if (number == 3)
            {
                Directory.CreateDirectory(file + ".1"); // it cannot be put aside, and is opened again
            }
        }

        Assert.Equal(
            Enumerable.Range(1, 100).Select(n => $"{n}"), File.ReadLines(file).Where(l => l.StartsWith("2026", StringComparison.Ordinal)).Select(l => l[28..]));
    }
}
