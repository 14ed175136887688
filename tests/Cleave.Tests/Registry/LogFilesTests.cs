using Cleave.Control;
using Cleave.Host;
using Cleave.Registry;

namespace Cleave.Tests.Registry;

public sealed class LogFilesTests : IDisposable
{
    private readonly LabRecord _lab = new("x-1", "/x/cleave.yaml", "/run/x-1", Directory.CreateTempSubdirectory("cleave-test-").FullName, default);

    public LogFilesTests() => Directory.CreateDirectory(Path.Combine(_lab.State, "logs"));

    public void Dispose() => Directory.Delete(_lab.State, recursive: true);

    [Fact]
    public void Lines_of_several_nodes_are_merged_by_time_and_by_node_where_that_is_the_same()
    {
        Write("a", "2026-01-02T12:00:01.000000Z a1\n2026-01-02T12:00:03.000000Z a3\n2026-01-02T12:00:04.000000Z a4\n");
        Write("b", "2026-01-02T12:00:00.000000Z b0\n2026-01-02T12:00:03.000000Z b3\n");
        Write("c", "2026-01-02T12:00:02.000000Z c2\n2026-01-02T12:00:05.000000Z c5\n");

        Assert.Equal(["b0", "a1", "c2", "a3", "b3", "a4", "c5"], Read("a", "b", "c"));
        Assert.Equal(["b0", "a1", "c2", "b3", "a3", "a4", "c5"], Read("c", "b", "a"));
        Assert.Equal(["a1", "a3", "a4"], Read("a"));
    }

    [Fact]
    public void Lines_of_one_node_keep_their_order_when_they_have_the_same_time()
    {
        Write("a", string.Concat(Enumerable.Range(0, 50).Select(n => $"2026-01-02T12:00:00.000000Z {n}\n")));
        Write("b", string.Concat(Enumerable.Range(0, 50).Select(n => $"2026-01-02T12:00:00.000000Z {n}\n")));

        Assert.All(
            LogFiles.Read(_lab, ["a", "b"]).GroupBy(l => l.Node),
            node => Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}"), node.Select(l => l.Text)));
    }

    [Fact]
    public void Times_are_UTC()
    {
        Write("a", "2026-01-02T12:00:01.500000Z hi\n");
        Assert.Equal([new LabEvent(new(2026, 1, 2, 12, 0, 1, 500, TimeSpan.Zero), EventKind.Log, "a", "hi")], LogFiles.Read(_lab, ["a"]));
    }

    [Fact]
    public void A_node_that_never_printed_and_lines_that_are_damaged_are_left_out()
    {
        Write("a", "2026-01-02T12:00:01.000000Z one\n\nno time\n2026-01-02T12:00:02.000000Z two\n2026-01-02T12:0");
        Assert.Equal(["one", "two"], Read("nobody", "a"));
    }

    [Fact]
    public void A_carriage_return_ends_no_line()
    {
        Write("a", "2026-01-02T12:00:01.000000Z 10%\r20%\n2026-01-02T12:00:02.000000Z two\n");
        Assert.Equal(["10%\r20%", "two"], Read("a"));
    }

    [Theory]
    [InlineData(null, null, "b0 a1 a3 b3 a4")]
    [InlineData(3, null, "a3 b3 a4")]
    [InlineData(null, 2, "b3 a4")]
    [InlineData(3, 2, "b3 a4")]
    [InlineData(4, 2, "a4")]
    [InlineData(null, 0, "")]
    [InlineData(null, 9, "b0 a1 a3 b3 a4")]
    public async Task A_time_and_a_number_of_lines_select_from_all_nodes_together(int? since, int? tail, string expected)
    {
        Write("a", "2026-01-02T12:00:01.000000Z a1\n2026-01-02T12:00:03.000000Z a3\n2026-01-02T12:00:04.000000Z a4\n");
        Write("b", "2026-01-02T12:00:00.000000Z b0\n2026-01-02T12:00:03.000000Z b3\n");
        var selection = new LogSelection(since is { } second ? new(2026, 1, 2, 12, 0, second, TimeSpan.Zero) : null, tail);

        Assert.Equal(expected, string.Join(' ', LogFiles.Read(_lab, ["a", "b"], selection).Select(l => l.Text)));

        var followed = new List<string>();
        await foreach (LabEvent line in LogFiles.FollowAsync(_lab, ["a", "b"], selection, Task.CompletedTask, CancellationToken.None))
        {
            followed.Add(line.Text);
        }

        Assert.Equal(expected, string.Join(' ', followed));
    }

    [Fact]
    public async Task What_comes_later_is_shown_whatever_the_tail_was()
    {
        Write("a", "2026-01-02T12:00:01.000000Z a1\n2026-01-02T12:00:03.000000Z a3\n");
        var complete = new TaskCompletionSource();
        var followed = new List<string>();
        await foreach (LabEvent line in LogFiles.FollowAsync(_lab, ["a", "b"], new LogSelection(null, 1), complete.Task, CancellationToken.None))
        {
            followed.Add(line.Text);
            if (line.Text == "a3")
            {
                Write("b", "2026-01-02T12:00:04.000000Z b4\n2026-01-02T12:00:05.000000Z b5\n");
            }
            else if (line.Text == "b5")
            {
                complete.SetResult();
            }
        }

        Assert.Equal(["a3", "b4", "b5"], followed);
    }

    [Fact]
    public void The_older_file_is_read_before_the_newer_one_and_its_head_is_no_line()
    {
        WriteOlder("a", "[cleave: 7 lines stand before this file]\n2026-01-02T12:00:01.000000Z a1\n2026-01-02T12:00:03.000000Z a3\n");
        Write("a", "[cleave: 9 lines stand before this file]\n2026-01-02T12:00:04.000000Z a4\n");
        Write("b", "2026-01-02T12:00:02.000000Z b2\n");

        Assert.Equal(["a1", "b2", "a3", "a4"], Read("a", "b"));
        Assert.Equal(["a3", "a4"], LogFiles.Read(_lab, ["a"], new LogSelection(null, 2)).Select(l => l.Text));
        Assert.Equal(["a3", "a4"], LogFiles.Read(_lab, ["a"], new LogSelection(new(2026, 1, 2, 12, 0, 3, TimeSpan.Zero))).Select(l => l.Text));
    }

    [Fact]
    public void A_file_that_is_just_being_put_aside_is_read()
    {
        WriteOlder("a", "2026-01-02T12:00:01.000000Z a1\n");
        Assert.Equal(["a1"], Read("a"));
    }

    [Theory]
    [InlineData(1)] // as fast as it is written
    [InlineData(10)] // two files at a time
    [InlineData(1000)] // more than is kept
    public async Task What_is_followed_goes_on_in_the_next_file_and_tells_of_what_is_gone(int atOnce)
    {
        const int Lines = 3000;
        using var log = new LogAppender(LabRecord.LogFile(_lab.State, "a"), TimeProvider.System, 500);
        var complete = new TaskCompletionSource();
        var followed = new List<string>();
        int written = 0;
        void WriteMore()
        {
            for (int i = 0; i < atOnce && written < Lines; i++)
            {
                log.Add($"{++written}");
                Assert.Equal(0, log.Flush());
            }
        }

        WriteMore();
        await foreach (LabEvent line in LogFiles.FollowAsync(_lab, ["a"], LogSelection.All, complete.Task, CancellationToken.None))
        {
            followed.Add(line.Text);
            if (line.Text == $"{Lines}")
            {
                complete.SetResult();
            }
            else if (line.Text == $"{written}")
            {
                WriteMore();
            }
        }

        int expected = 0;
        long missing = 0;
        foreach (string text in followed)
        {
            if (text.StartsWith("[cleave: ", StringComparison.Ordinal))
            {
                int lost = int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                (expected, missing) = (expected + lost, missing + lost);
            }
            else if (expected == 0)
            {
                expected = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture); // older ones were gone before it was followed
            }
            else
            {
                Assert.Equal($"{++expected}", text);
            }
        }

        Assert.Equal(Lines, expected);
        Assert.Equal(atOnce > 100, missing > 0);
    }

    private void WriteOlder(string node, string text) => File.WriteAllText(LabRecord.LogFile(_lab.State, node) + ".1", text);

    private IEnumerable<string> Read(params string[] nodes) => LogFiles.Read(_lab, nodes).Select(l => l.Text);

    private void Write(string node, string text) => File.WriteAllText(LabRecord.LogFile(_lab.State, node), text);
}
